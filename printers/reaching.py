"""From a printer's row to a driver: the address checked, the secret opened, connections kept."""

import ipaddress
import socket
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from printers.credentials import open_sealed
from printers.drivers import DRIVERS
from printers.drivers.driver import Driver, DriverError, Endpoint, PolledDriver, Trouble
from printers.models import Printer

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What clouds tell their machines about themselves, secrets among it.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)
# Where the demo's simulator listens, and nothing else of ours.
SIMULATED = ipaddress.ip_network("127.64.0.0/10")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
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
    address = _resolved(host)
    meant = _embedded(address)
    if meant.is_loopback and not (settings.ALLOW_LOOPBACK_PRINTERS or _is_simulated(meant)):
        raise AddressRefused(_("%(host)s is this server itself, not a printer.") % {"host": host})
    if (
        meant in METADATA
        or meant.is_link_local
        or meant.is_multicast
        or meant.is_unspecified
        or (meant.is_reserved and not meant.is_loopback)
        or (meant.version == 4 and meant in _THIS_NETWORK)
    ):
        raise AddressRefused(_("%(host)s is not an address a printer can have.") % {"host": host})
    if port and _is_own_service(meant, port):
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


def _resolved(host: str) -> Address:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        words = _("The name %(host)s is not known in this network.") % {"host": host}
        raise AddressRefused(words) from None
    return ipaddress.ip_address(found[0][4][0])


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_own_service(address: Address, port: int) -> bool:
    """Whether our database, Redis or web server is there; sockets in the file system cannot be reached so."""
    database = settings.DATABASES["default"]
    redis = urlsplit(settings.REDIS_URL)
    places = [(database.get("HOST") or "", int(database.get("PORT") or 5432))]
    if redis.scheme != "unix":
        places.append((redis.hostname or "", redis.port or 6379))
    for host, own_port in places:
        if own_port == port and host and not host.startswith("/") and _means(host, address):
            return True
    return port == (urlsplit(settings.PUBLIC_URL).port or 8000) and _is_this_machine(address)


def _means(host: str, address: Address) -> bool:
    try:
        return _embedded(_resolved(host)) == address
    except AddressRefused:
        return False


def _is_simulated(address: Address) -> bool:
    return address in SIMULATED and settings.SUPERVISED and settings.SIMULATOR_CONFIG.exists()


def _is_this_machine(address: Address) -> bool:
    """An address can be bound to only where it belongs."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
