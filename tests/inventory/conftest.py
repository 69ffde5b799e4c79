"""For rules between two workers at once: nothing rolls back there, so what a test did is undone by hand."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from audit.models import Entry
from inventory.models import Filament, Spool, Usage
from orgs.keys import redis_client
from orgs.models import Due, Org
from printers.models import Printer
from stations.models import Station


@pytest.fixture
def for_real(django_db_setup: None, django_db_blocker: Any) -> Iterator[Org]:
    """acme, where commits are commits. Afterwards its filament and printers are gone again."""
    with django_db_blocker.unblock(), schema_context(get_public_schema_name()):
        redis_client().flushdb()
        org = Org.objects.get(slug="acme")
        with tenant_context(org):
            lines = list(Entry.objects.values_list("pk", flat=True))
            yield org
            Usage.objects.all().delete()
            Spool.objects.all().delete()
            Filament.objects.all().delete()
            stations = list(Printer.objects.values_list("pk", flat=True))
            Printer.objects.all().delete()
            Station.objects.filter(pk__in=stations).delete()
            Entry.objects.exclude(pk__in=lines).delete()
            Due.objects.filter(org=org).delete()
        redis_client().flushdb()


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run functions in acme at the same time, each with its own connection; what each returned or raised."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        outcomes: list[Any] = [None] * len(functions)
        barrier = threading.Barrier(len(functions))

        def work(place: int) -> None:
            try:
                with schema_context(get_public_schema_name()):
                    org = Org.objects.get(slug="acme")
                with tenant_context(org):
                    barrier.wait(20)
                    outcomes[place] = functions[place]()
            except Exception as error:  # noqa: BLE001  # handed to the test
                outcomes[place] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=[place]) for place in range(len(functions))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return outcomes

    return run
