"""For rules between two people at once: nothing rolls back, so what a test did is undone by hand."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from accounts.models import Session as Seen
from accounts.models import User
from audit.models import Entry
from orgs.keys import redis_client
from orgs.models import Membership, Org


@pytest.fixture
def for_real(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Commits are commits here. Afterwards people, organisations and lines made meanwhile are gone again."""
    with django_db_blocker.unblock(), schema_context(get_public_schema_name()):
        redis_client().flushdb()
        people, orgs = list(User.objects.values_list("pk", flat=True)), list(Org.objects.all())
        memberships = list(Membership.objects.all())
        lines = _lines(orgs)
        yield
        Membership.objects.exclude(pk__in=[one.pk for one in memberships]).delete()
        Membership.objects.bulk_create(memberships, ignore_conflicts=True)
        Session.objects.all().delete()
        Seen.objects.all().delete()
        for org in orgs:
            Org.objects.filter(pk=org.pk).update(state=org.state, slug=org.slug, name=org.name)
            with tenant_context(org):
                Entry.objects.exclude(pk__in=lines[org.pk]).delete()
        Entry.objects.exclude(pk__in=lines[None]).delete()
        # Deleting by SQL: Django would look for what points at people in tables that public does not have.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM public.accounts_user WHERE NOT id = ANY(%s)", [people])


def _lines(orgs: list[Org]) -> dict[Any, list[Any]]:
    known: dict[Any, list[Any]] = {None: list(Entry.objects.values_list("pk", flat=True))}
    for org in orgs:
        with tenant_context(org):
            known[org.pk] = list(Entry.objects.values_list("pk", flat=True))
    return known


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run functions at the same time, each with a connection of its own; what each returned or raised."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        outcomes: list[Any] = [None] * len(functions)

        def work(place: int) -> None:
            try:
                with schema_context(get_public_schema_name()):
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
