"""Asking a running Spoolman for its spools: REST API v1, page after page."""

import json
import time
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.utils.translation import gettext as _

from orgs import reaching

from .reading import MOST_LINES, Unreadable, too_many_lines

CONNECT_S, ANSWER_S, WHOLE_S = 5.0, 15.0, 60.0
PAGE = 500
MOST_BYTES = 64 * 1024 * 1024
_PIECE = 65536
PORTS = {"http": 80, "https": 443}


def fetch(url: str, *, with_archived: bool) -> list[Any]:
    """The spools of the server at `url`, as its API answers them. Unreadable, in words, if that can't be.

    Takes up to a minute; no transaction and no connection to the database may be held meanwhile.
    """
    place = place_of(url)
    pool, base = _pool(place), place.path.rstrip("/")
    until = time.monotonic() + WHOLE_S
    spools: list[Any] = []
    seen: set[str] = set()
    try:
        while True:
            query = f"limit={PAGE}&offset={len(spools)}&sort=id:asc"
            query += "&allow_archived=true" if with_archived else ""
            page = _page(pool, place, f"{base}/api/v1/spool?{query}", until)
            fresh = [one for one in page if _id(one) not in seen]
            seen.update(map(_id, fresh))
            spools += fresh
            if len(spools) > MOST_LINES:
                raise too_many_lines()
            # Old servers know no pages and answer everything each time.
            if len(page) != PAGE or not fresh:
                return spools
    except urllib3.exceptions.HTTPError as error:
        raise Unreadable(_trouble(place, error)) from error
    finally:
        pool.close()


def place_of(url: str) -> SplitResult:
    """Where the server is, from what a person typed or copied out of their browser."""
    text = url.strip()
    try:
        place = urlsplit(text if "://" in text else f"http://{text}")
        _port = place.port
    except ValueError:
        raise Unreadable(_("This is no address. Give it as http://spoolman.lan:7912.")) from None
    if place.scheme not in PORTS or not place.hostname:
        raise Unreadable(_("This is no address. Give it as http://spoolman.lan:7912."))
    if place.username or place.password:
        raise Unreadable(_("Leave user and password out of the address."))
    path = place.path.partition("/api/v1")[0].rstrip("/")
    for page in ("/spool", "/filament", "/vendor", "/home", "/settings"):
        path = path.removesuffix(page)
    return place._replace(path=path, query="", fragment="")


def checked_address(host: str, port: int) -> str:
    """The address, as digits, that `host` means and a Spoolman may have; connect to this very one."""
    try:
        return reaching.check_address(host, port, reaching.SPOOLMAN)
    except reaching.AddressRefused as refused:
        raise Unreadable(str(refused)) from None


def _pool(place: SplitResult) -> urllib3.HTTPConnectionPool:
    host, port = str(place.hostname), place.port or PORTS[place.scheme]
    digits = checked_address(host, port)
    usual: dict[str, Any] = {
        "timeout": urllib3.Timeout(connect=CONNECT_S, read=ANSWER_S), "retries": False,
        "headers": {"Host": place.netloc, "Accept": "application/json", "User-Agent": "odin"},
    }  # fmt: skip
    if place.scheme == "http":
        return urllib3.HTTPConnectionPool(digits, port, **usual)
    return urllib3.HTTPSConnectionPool(
        digits, port, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED",
        **usual,
    )  # fmt: skip


def _page(pool: urllib3.HTTPConnectionPool, place: SplitResult, path: str, until: float) -> list[Any]:
    answer = pool.request("GET", path, redirect=False, preload_content=False)
    try:
        if answer.status in (401, 403):
            words = _("%(place)s asks for a password. Import from its export instead.")
            raise Unreadable(words % {"place": place.netloc})
        if answer.status != 200:
            raise Unreadable(_not_spoolman(place) + f" (HTTP {answer.status})")
        body = bytearray()
        while piece := answer.read(_PIECE):
            body += piece
            if len(body) > MOST_BYTES:
                raise Unreadable(
                    _("%(place)s answers with more than any Spoolman has.") % {"place": place.netloc}
                )
            if time.monotonic() > until:
                raise Unreadable(
                    _("%(place)s answers too slowly. Try again later.") % {"place": place.netloc}
                )
    finally:
        answer.release_conn()
    try:
        found = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise Unreadable(_not_spoolman(place)) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
        raise Unreadable(_not_spoolman(place))
    return found


def _id(spool: dict[str, Any]) -> str:
    return str(spool["id"])


def _not_spoolman(place: SplitResult) -> str:
    return _("Something answers at %(place)s, but it is no Spoolman.") % {"place": place.netloc}


def _trouble(place: SplitResult, error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.SSLError):
        words = _("The certificate of %(place)s is not trusted. Use http:// or its export.")
    elif isinstance(error, urllib3.exceptions.ConnectTimeoutError | urllib3.exceptions.NewConnectionError):
        words = _("Nothing answers at %(place)s. Check the address and its port, usually 7912.")
    elif isinstance(error, urllib3.exceptions.TimeoutError):
        words = _("%(place)s took the request and did not answer in time.")
    else:
        words = _("The connection to %(place)s was lost.")
    return words % {"place": place.netloc}
