"""Where a request comes from: the address behind our own proxies, and the device in words."""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("SamsungBrowser/", "Samsung Internet"),
    ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("FxiOS/", "Firefox"), ("Safari/", "Safari"),
    ("curl/", "curl"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


class ClientAddressMiddleware:
    """Make REMOTE_ADDR the client's own address: audit, limits and allowlists go by it.

    X-Forwarded-For is believed only as far as TRUSTED_PROXIES have written it; everybody else may write
    anything there. Where there are such, nobody else says that a request came by HTTPS either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nearest = request.META.get("REMOTE_ADDR", "")
        found = client_address(nearest, request.headers.get("X-Forwarded-For", ""), settings.TRUSTED_PROXIES)
        if settings.TRUSTED_PROXIES and not _is_proxy(nearest):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        if found is not None:
            request.META["REMOTE_ADDR"] = str(found)
        return self.get_response(request)


def _is_proxy(nearest: str) -> bool:
    """One that comes by a socket in the file system has no address, and is on this machine."""
    peer = address_of(nearest)
    return peer is None or is_in(peer, settings.TRUSTED_PROXIES)


def client_address(nearest: str, forwarded: str, proxies: Iterable[Network]) -> Address | None:
    """The first address, from the server outwards, that is none of `proxies`; None if `nearest` is none.

    An entry that is no address ends the search at the proxy that passed it on.
    """
    proxies = list(proxies)
    client = address_of(nearest)
    hops = [hop for hop in forwarded.split(",") if hop.strip()]
    while client is not None and hops and is_in(client, proxies):
        further = address_of(hops.pop())
        if further is None:
            break
        client = further
    return client


def address_of(text: str) -> Address | None:
    """An address as servers and proxies write it, with a port or not; IPv4 within IPv6 becomes IPv4."""
    text = text.strip().removeprefix('"').removesuffix('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return plain(found)


def plain(found: Address) -> Address:
    """`found`, or the IPv4 address that it maps; without the zone, which only says by which wire it came."""
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or IPv6Address(int(found))
    return found


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def device_in_words(agent: str) -> str:
    """ "Firefox, Linux" of a User-Agent; the beginning of it where neither is known."""
    found = [next((word for mark, word in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) or agent[:60]
