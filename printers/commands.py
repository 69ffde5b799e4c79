"""Orders of people to printers that run: to the printer itself, or to the process that holds its link."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.current import release_connection
from printers import link_requests
from printers.drivers.adjusting import check
from printers.drivers.driver import DriverError, Endpoint, Link, PolledDriver, Trouble
from printers.models import Printer
from printers.reaching import described, driver_class, resolved

COMMANDS: Mapping[str, str | Promise] = {
    "pause": gettext_lazy("The printer took the order to pause."),
    "resume": gettext_lazy("The printer took the order to go on."),
    "cancel": gettext_lazy("The printer took the order to cancel."),
    "stop": gettext_lazy("The printer took the order to stop."),
    "clear_errors": gettext_lazy("The printer was told to clear its errors."),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A printer as plain values, usable where the database is not."""

    id: UUID
    protocol: str
    endpoint: Endpoint


def send(printer: Printer, name: str, *, job_key: str = "") -> str:
    """Give a printer one of COMMANDS; what it said, in words. Raises DriverError.

    With `job_key` the order holds for that print only: if another is current at the printer, read just
    before, the answer is Trouble.REFUSED and nothing is sent. The database connection is given back while the
    printer is talked to, which a transaction prevents: call it outside of one.
    """
    if name not in COMMANDS:
        raise ValueError(f"{name!r} is no command")
    if driver_class(printer.protocol).link is Link.LISTEN:
        return link_requests.command(printer.pk, name, job_key)
    return tell(Target(printer.pk, printer.protocol, described(printer)), name, job_key)


def tell(target: Target, name: str, job_key: str = "") -> str:
    """As `send`, to a printer given as plain values."""
    if driver_class(target.protocol).link is Link.LISTEN:
        return link_requests.command(target.id, name, job_key)
    release_connection()
    return send_to(target, name, job_key)


def adjust(printer: Printer, name: str, value: str) -> str:
    """Set one of the driver's `adjustable`; what the printer said, in words. Raises DriverError.

    The database connection is given back meanwhile, as in `send`.
    """
    driver = driver_class(printer.protocol)
    check(driver.adjustable, name, value)
    return link_requests.adjust(printer.pk, name, value)


def check_key(wanted: str, current: str) -> None:
    """DriverError, Trouble.REFUSED, if an order for the print `wanted` would meet another one."""
    if wanted and wanted != current:
        raise DriverError(
            Trouble.REFUSED, _("Another print is on this printer than the one meant. Nothing was sent.")
        )


def send_to(target: Target, name: str, job_key: str = "") -> str:
    """As `send`, to a polled printer; asks no database.

    On a connection of its own: an emergency stop must not wait for a poll that hangs.
    """
    driver = driver_class(target.protocol)(resolved(target.endpoint, target.protocol))
    if not isinstance(driver, PolledDriver):
        raise TypeError(f"{target.protocol} is not polled")
    try:
        if job_key:
            check_key(job_key, driver.status().job_key)
        getattr(driver, name)()
    finally:
        driver.close()
    return driver.stop_words if name == "stop" and driver.stop_words else str(COMMANDS[name])
