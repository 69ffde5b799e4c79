"""Orders to many machines at once, none waiting for another."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from audit.trail import record
from orgs.current import release_connection

from . import link_requests
from .commands import Target, send_to
from .drivers.driver import DriverError, Link, Trouble
from .models import Printer
from .reaching import described, driver_class

logger = logging.getLogger(__name__)
# Half of a farm may hang for as long as a connection is waited for: the others must not stand behind them.
THREADS = 256


@dataclass(frozen=True, slots=True)
class Order:
    """One of commands.COMMANDS for a printer; with `job_key` it holds for that print only."""

    printer: Printer
    name: str
    job_key: str = ""


def tell_all(orders: Sequence[Order]) -> Iterator[tuple[Printer, str | DriverError]]:
    """Give all orders at once, in their order, and yield each printer as soon as it has answered.

    With what it said in words, or why it did not do it; both are written down. Outside of a transaction: the
    database connection is given back while the printers are talked to.
    """
    for order, said in _ask_all(orders):
        is_refused = isinstance(said, DriverError)
        told = {"refused" if is_refused else "answer": str(said)}
        record(f"printer.{order.name}", order.printer, after=told)
        yield order.printer, said


def _ask_all(orders: Sequence[Order]) -> Iterator[tuple[Order, str | DriverError]]:
    if not orders:
        return
    holders = link_requests.holders_of(order.printer.pk for order in orders)
    calls = [_call_for(order, holders.get(order.printer.pk, "")) for order in orders]
    release_connection()
    # Not a `with`: whoever loses the database must not wait for those who hang.
    pool = ThreadPoolExecutor(min(THREADS, len(calls)), "order")
    try:
        asked: dict[Future[str | DriverError], Order] = {
            pool.submit(_obeyed, call): order for order, call in zip(orders, calls, strict=True)
        }
        for done in as_completed(asked):
            yield asked[done], done.result()
    finally:
        pool.shutdown(wait=False)


def _call_for(order: Order, holder: str) -> Callable[[], str]:
    """What gives the order, to be called where the database is not."""
    printer = order.printer
    try:
        if driver_class(printer.protocol).link is Link.LISTEN:
            return partial(link_requests.command_by, holder, printer.pk, order.name, order.job_key)
        target = Target(printer.pk, printer.protocol, described(printer))
        return partial(send_to, target, order.name, order.job_key)
    except DriverError as error:
        return partial(_raise, error)


def _raise(error: DriverError) -> str:
    raise error


def _obeyed(call: Callable[[], str]) -> str | DriverError:
    """In a thread: nothing here touches the database."""
    try:
        return call()
    except DriverError as error:
        return error
    except Exception:  # whatever one printer says must not cost the others theirs
        logger.exception("an order failed")
        return DriverError(Trouble.NONSENSE, _("Something went wrong while it was told. Look at it."))
