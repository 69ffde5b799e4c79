"""From a printer's row to a driver: the address checked, the secret opened, connections kept."""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from orgs.reachable import Address, UnknownName, embedded, is_nowhere, is_own_service, resolve
from printers.credentials import open_sealed
from printers.drivers import DRIVERS
from printers.drivers.driver import Driver, DriverError, Endpoint, PolledDriver, Trouble
from printers.models import Printer

# Where the demo's simulator listens, and nothing else of ours.
SIMULATED = ipaddress.ip_network("127.64.0.0/10")
KEPT = 512


class AddressRefused(DriverError, ValueError):
    """The address leads nowhere, or where no printer may be looked for; the message says which."""

    def __init__(self, words: str) -> None:
        super().__init__(Trouble.UNREACHABLE, words)


def check_address(host: str, port: int = 0) -> str:
    """The address, as digits, that `host` means now and a printer may have; connect to this very one.

    AddressRefused for names nobody knows, this machine (unless the deployment allows it), link-local,
    multicast and cloud metadata addresses, and with `port` also for this server's own services.
    """
    try:
        address = resolve(host)
    except UnknownName:
        words = _("The name %(host)s is not known in this network.") % {"host": host}
        raise AddressRefused(words) from None
    meant = embedded(address)
    if meant.is_loopback and not (settings.ALLOW_LOOPBACK_PRINTERS or _is_simulated(meant)):
        raise AddressRefused(_("%(host)s is this server itself, not a printer.") % {"host": host})
    if is_nowhere(meant):
        raise AddressRefused(_("%(host)s is not an address a printer can have.") % {"host": host})
    if port and is_own_service(meant, port):
        raise AddressRefused(
            _("%(host)s is a service of this server, not a printer.") % {"host": f"{host}:{port}"}
        )
    return str(address)


def described(printer: Printer) -> Endpoint:
    """Where a printer is, as it was typed, with its secret opened; asks neither network nor database."""
    return Endpoint(
        host=printer.address,
        port=printer.port,
        file_port=printer.file_port,
        prefix=printer.prefix,
        tls=printer.tls,
        serial=printer.serial,
        user=printer.user,
        secret=open_sealed(printer.secret),
        fingerprint=printer.fingerprint,
    )


def resolved(endpoint: Endpoint, protocol: str) -> Endpoint:
    """The endpoint with its host checked and made digits; may ask a name server. Raises AddressRefused."""
    driver = driver_class(protocol)
    host = check_address(endpoint.host, endpoint.port or driver.default_port)
    if endpoint.file_port or driver.default_file_port:
        check_address(host, endpoint.file_port or driver.default_file_port)
    return replace(endpoint, host=host)


def endpoint_of(printer: Printer) -> Endpoint:
    """Where to connect for a printer; AddressRefused or CannotOpen (both DriverError) if it must not be."""
    return resolved(described(printer), printer.protocol)


def driver_class(protocol: str) -> type[Driver]:
    """The driver of a protocol; DriverError for one that this version does not speak."""
    try:
        return DRIVERS[protocol]
    except KeyError:
        words = _("This version does not speak the protocol %(name)s.") % {"name": protocol}
        raise DriverError(Trouble.WRONG_PROTOCOL, words) from None


def driver_of(printer: Printer) -> Driver:
    """A driver of its own for the caller, who closes it."""
    return driver_class(printer.protocol)(endpoint_of(printer))


class _Kept:
    """A driver with its connection, used by one thread at a time."""

    def __init__(self, endpoint: Endpoint, protocol: str, driver: PolledDriver) -> None:
        self.endpoint, self.protocol, self.driver = endpoint, protocol, driver
        self.in_use = threading.Lock()


_kept: OrderedDict[UUID, _Kept] = OrderedDict()
_changing = threading.Lock()


@contextmanager
def kept_driver(printer_id: UUID, endpoint: Endpoint, protocol: str) -> Iterator[PolledDriver]:
    """This process's driver of a polled printer, its connection kept alive, for the caller alone meanwhile.

    Another endpoint than last time closes the old connection. DriverError for a protocol that is not polled.
    """
    while True:
        with _changing:
            kept, dropped = _entry(printer_id, endpoint, protocol)
        for old in dropped:
            _close(old)
        with kept.in_use:
            if _kept.get(printer_id) is kept:
                yield kept.driver
                return


def _entry(printer_id: UUID, endpoint: Endpoint, protocol: str) -> tuple[_Kept, list[_Kept]]:
    """The entry of a printer, made if needed, and those that went for it."""
    dropped = []
    kept = _kept.get(printer_id)
    if kept and (kept.endpoint, kept.protocol) != (endpoint, protocol):
        dropped.append(_kept.pop(printer_id))
        kept = None
    if kept is None:
        driver = driver_class(protocol)(endpoint)
        if not isinstance(driver, PolledDriver):
            raise DriverError(Trouble.WRONG_PROTOCOL, _("This printer is not one that is asked."))
        kept = _kept[printer_id] = _Kept(endpoint, protocol, driver)
    _kept.move_to_end(printer_id)
    while len(_kept) > KEPT:
        dropped.append(_kept.popitem(last=False)[1])
    return kept, dropped


def _close(kept: _Kept) -> None:
    with kept.in_use:
        kept.driver.close()


def _is_simulated(address: Address) -> bool:
    return address in SIMULATED and settings.SUPERVISED and settings.SIMULATOR_CONFIG.exists()
