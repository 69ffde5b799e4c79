"""Which addresses this server may connect to for somebody, by purpose: the guard against being misused."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What clouds tell their machines about themselves, secrets among it.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    )
)  # fmt: skip
# Where the demo's simulator listens, and nothing else of ours.
SIMULATED = ipaddress.ip_network("127.64.0.0/10")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
# Both end in an IPv4 address (RFC 6052, RFC 8215). Teredo hides one from whoever looks.
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_TEREDO = ipaddress.ip_network("2001::/32")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is looked for at an address: `thing` is the word for it, `private` a setting that allows private
    addresses (empty: always), `loopback` one that allows this machine (empty: never).
    """

    thing: str | Promise
    private: str = ""
    loopback: str = ""


PRINTER = Purpose(gettext_lazy("a printer"), loopback="ALLOW_LOOPBACK_PRINTERS")
SPOOLMAN = Purpose(gettext_lazy("a Spoolman"))
TARGET = Purpose(gettext_lazy("a service to send to"), private="ALLOW_PRIVATE_TARGETS")


class AddressRefused(ValueError):
    """The address leads nowhere, or where nothing of the purpose may be looked for; says which, in words."""


def check_address(host: str, port: int, purpose: Purpose) -> str:
    """The address, as digits, that `host` means now and that `purpose` allows; connect to this very one.

    AddressRefused for names nobody knows, this machine (unless the deployment allows it), link-local,
    multicast and cloud metadata addresses, private ones where the purpose wants public ones, and with `port`
    (0: none yet) also for this server's own services.
    """
    address = _resolved(host)
    meant = _embedded(address)
    if meant.is_loopback and not _allows_loopback(purpose, meant):
        words = _("%(host)s is this server itself, not %(thing)s.")
        raise AddressRefused(words % {"host": host, "thing": purpose.thing})
    if _is_never_right(meant):
        words = _("%(host)s is not an address %(thing)s can have.")
        raise AddressRefused(words % {"host": host, "thing": purpose.thing})
    if not meant.is_loopback and not (meant.is_global or allows_private(purpose)):
        words = _("%(host)s is an address of a private network, and this server sends to public ones only.")
        raise AddressRefused(words % {"host": host})
    if port and _is_own_service(meant, port):
        words = _("%(host)s is a service of this server, not %(thing)s.")
        raise AddressRefused(words % {"host": f"{host}:{port}", "thing": purpose.thing})
    return str(address)


def allows_private(purpose: Purpose) -> bool:
    return not purpose.private or bool(getattr(settings, purpose.private))


def _allows_loopback(purpose: Purpose, address: Address) -> bool:
    if not purpose.loopback:
        return False
    return bool(getattr(settings, purpose.loopback)) or _is_simulated(address)


def _is_never_right(address: Address) -> bool:
    return (
        address in METADATA
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (address.is_reserved and not address.is_loopback)
        or (address.version == 4 and address in _THIS_NETWORK)
        or (address.version == 6 and address in _TEREDO)
    )


def _resolved(host: str) -> Address:
    try:
        # The C library reads up to it.
        if "\0" in host:
            raise UnicodeError
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        words = _("The name %(host)s is not known in this network.") % {"host": host}
        raise AddressRefused(words) from None
    return ipaddress.ip_address(found[0][4][0])


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_own_service(address: Address, port: int) -> bool:
    """Whether our database, Redis or web server is there, by whichever of its addresses.

    What is on this machine may listen at all its addresses, whatever name we know it by. A server that we
    reach by a socket in the file system may listen at its usual port besides.
    """
    is_here = _is_this_machine(address)
    if is_here and port in _web_ports():
        return True
    database, redis = settings.DATABASES["default"], urlsplit(settings.REDIS_URL)
    known = (
        (database.get("HOST") or "", int(database.get("PORT") or 5432)),
        (redis.hostname or "", redis.port or 6379),
    )
    return any(own == port and (is_here if _is_here(host) else _means(host, address)) for host, own in known)


def _web_ports() -> set[int]:
    """Where the web server listens, and where people reach it, which a proxy on this machine may serve."""
    public = urlsplit(settings.PUBLIC_URL)
    return {settings.OWN_PORT, public.port or (443 if public.scheme == "https" else 80)}


def _is_here(host: str) -> bool:
    """Whether one of our own services, known as `host`, is on this machine."""
    if not host or host.startswith("/"):
        return True
    try:
        return _is_this_machine(_embedded(_resolved(host)))
    except AddressRefused:
        return False


def _means(host: str, address: Address) -> bool:
    try:
        return _embedded(_resolved(host)) == address
    except AddressRefused:
        return False


def _is_simulated(address: Address) -> bool:
    return address in SIMULATED and settings.SUPERVISED and settings.SIMULATOR_CONFIG.exists()


def _is_this_machine(address: Address) -> bool:
    """An address can be bound to only where it belongs; all of 127.0.0.0/8 is this machine's."""
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
