"""The emergency stop: many machines at once, none waiting for another."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.trail import actor
from orgs.current import current_org, release_connection
from stations.models import DispatchState, Station

from . import history, live
from .drivers.driver import DriverError
from .models import Printer
from .telling import Order, tell_all

logger = logging.getLogger(__name__)
COMMAND = "stop"
# A start that was allowed is written within this long, or never (jobs.starting.MOST_S, and some).
STARTS_WITHIN_S = 6.0
Outcome = dict[str, Any] | Exception | None


def stop(printers: Sequence[Printer]) -> Iterator[tuple[Printer, Outcome]]:
    """Stop these machines, the most urgent first as given, and yield each as soon as it has answered.

    With what it said, {"answer": words}, or the DriverError. First of all they are taken out of service, so
    that nothing starts on them; each is written down. No order carries a job key. Outside of a transaction.
    """
    ids = [printer.pk for printer in printers]
    begun = time.monotonic()
    is_out = take_out(ids)
    for printer, said in _told(printers):
        yield printer, said if isinstance(said, DriverError) else {"answer": said}
    if not is_out:
        take_out(ids)
    starting = _starting(ids)
    if late := [printer for printer in printers if printer.pk in starting]:
        release_connection()
        time.sleep(max(0.0, begun + STARTS_WITHIN_S - time.monotonic()))
        for _again in _told(late):
            pass


def _told(printers: Sequence[Printer]) -> Iterator[tuple[Printer, str | DriverError]]:
    return tell_all([Order(printer, COMMAND) for printer in printers])


def _starting(ids: Iterable[UUID]) -> set[UUID]:
    """Those to which a start was allowed just before they were taken out of service: it may be on its way."""
    stations = Station.objects.filter(pk__in=list(ids), hold__state=DispatchState.STARTING)
    return set(stations.values_list("pk", flat=True))


def take_out(ids: Iterable[UUID]) -> bool:
    """Take printers out of service until a person has looked at them, those that are not so already.

    False if others hold on to their rows: nobody is waited for.
    """
    wanted = Printer.objects.filter(pk__in=list(ids), out_of_service_reason="")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
            # Two who press at once take the rows in the same order.
            held = list(wanted.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
            Printer.objects.filter(pk__in=held).update(out_of_service_reason=_reason())
            history.note_out(held)
            org_id = current_org().pk
            transaction.on_commit(lambda: live.touch(org_id, held), robust=True)
    except OperationalError as error:
        logger.warning("an emergency stop goes on without taking printers out of service: %s", error)
        return False
    return True


def _reason() -> str:
    words = _("Emergency stop, %(time)s, by %(who)s. Look at it, then put it back in service.")
    at = date_format(timezone.localtime(), "j M H:i")
    return (words % {"time": at, "who": actor().name[:80]})[:200]
