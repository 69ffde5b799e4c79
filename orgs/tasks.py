"""Celery tasks that work in one organisation, and the ones that keep organisations going."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from celery import shared_task
from django.db import close_old_connections
from django.utils import timezone, translation
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from . import agenda, spares
from .models import Org

P = ParamSpec("P")
R = TypeVar("R")


def org_task(
    *, due: bool = False, ends_prints: bool = False, **options: Any
) -> Callable[[Callable[P, R]], Any]:
    """Make a Celery task whose first argument is the schema of the organisation to work in.

    Archived and suspended organisations are refused silently: their work waits for nobody. `ends_prints` says
    that the task follows running prints to their end or clears up after them, which goes on while suspended.
    `due` says that the agenda sends it (see orgs.agenda); such a task needs a `name`, and may return the
    time at which it wants to run again.
    """

    def decorate(function: Callable[P, R]) -> Any:
        states = [Org.State.ACTIVE, Org.State.SUSPENDED] if ends_prints else [Org.State.ACTIVE]

        @wraps(function)
        def in_schema(schema: str, /, *args: P.args, **kwargs: P.kwargs) -> R | None:
            with schema_context(get_public_schema_name()):
                org = Org.objects.filter(schema_name=schema, state__in=states).first()
                if org is None:
                    return None
                with tenant_context(org), timezone.override(org.zone), translation.override(org.language):
                    if not due:
                        return function(*args, **kwargs)
                    lease = agenda.take(options["name"])
                    again_at = function(*args, **kwargs)
                    agenda.close(options["name"], lease, again_at if isinstance(again_at, datetime) else None)
                    return None

        return shared_task(**options)(in_schema)

    return decorate


@shared_task(name="orgs.run_due", ignore_result=True)
def run_due() -> None:
    close_old_connections()
    agenda.run_due()


@shared_task(name="orgs.keep_spares", ignore_result=True)
def keep_spares() -> None:
    spares.keep()
