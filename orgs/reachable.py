"""Which addresses this server may talk to for somebody who typed them: each purpose bars some.

Resolve once, ask about that address, and connect to that very one: a name may mean another the next time.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What clouds tell their machines about themselves, secrets among it.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class UnknownName(ValueError):
    """Nobody knows this name."""


def resolve(host: str) -> Address:
    """The address that `host` means now; UnknownName for none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnknownName(host) from None
    return ipaddress.ip_address(found[0][4][0])


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_nowhere(meant: Address) -> bool:
    """Whether no machine of people has this address: cloud metadata, link-local, multicast and the like."""
    return (
        meant in METADATA
        or meant.is_link_local
        or meant.is_multicast
        or meant.is_unspecified
        or (meant.is_reserved and not meant.is_loopback)
        or (meant.version == 4 and meant in _THIS_NETWORK)
    )


def is_own_service(address: Address, port: int) -> bool:
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
        return embedded(resolve(host)) == address
    except UnknownName:
        return False


def _is_this_machine(address: Address) -> bool:
    """An address can be bound to only where it belongs."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True
