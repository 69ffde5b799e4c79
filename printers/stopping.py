"""The emergency stop: many machines at once, none waiting for another."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from functools import partial
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.trail import actor, record
from orgs.current import current_org, release_connection
from stations.models import DispatchState, Station

from . import history, link_requests, live
from .commands import Target, send_to
from .drivers.driver import DriverError, Link, Trouble
from .models import Printer
from .reaching import described, driver_class

logger = logging.getLogger(__name__)
# Half of a farm may hang for as long as a connection is waited for: the others must not stand behind them.
THREADS = 256
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
    for printer, said in _ask_all(printers):
        is_refused = isinstance(said, DriverError)
        record(f"printer.{COMMAND}", printer, after={"refused" if is_refused else "answer": str(said)})
        yield printer, said


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


def _ask_all(printers: Sequence[Printer]) -> Iterator[tuple[Printer, str | DriverError]]:
    """Ask all at once; each as soon as it has answered."""
    if not printers:
        return
    orders = [_order_for(printer, holder) for printer, holder in _with_holders(printers)]
    release_connection()
    # Not a `with`: whoever loses the database must not wait for those who hang.
    pool = ThreadPoolExecutor(min(THREADS, len(orders)), "stop")
    try:
        asked: dict[Future[str | DriverError], Printer] = {
            pool.submit(_obeyed, order): printer for printer, order in zip(printers, orders, strict=True)
        }
        for done in as_completed(asked):
            yield asked[done], done.result()
    finally:
        pool.shutdown(wait=False)


def _with_holders(printers: Sequence[Printer]) -> Iterator[tuple[Printer, str]]:
    holders = link_requests.holders_of(printer.pk for printer in printers)
    return ((printer, holders.get(printer.pk, "")) for printer in printers)


def _order_for(printer: Printer, holder: str) -> Callable[[], str]:
    """What stops `printer`, to be called where the database is not."""
    try:
        if driver_class(printer.protocol).link is Link.LISTEN:
            return partial(link_requests.command_by, holder, printer.pk, COMMAND)
        return partial(send_to, Target(printer.pk, printer.protocol, described(printer)), COMMAND)
    except DriverError as error:
        return partial(_raise, error)


def _raise(error: DriverError) -> str:
    raise error


def _obeyed(order: Callable[[], str]) -> str | DriverError:
    """In a thread: nothing here touches the database."""
    try:
        return order()
    except DriverError as error:
        return error
    except Exception:  # whatever one printer says must not cost the others theirs
        logger.exception("an emergency stop failed")
        return DriverError(Trouble.NONSENSE, _("Something went wrong while it was told."))
