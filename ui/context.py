"""What the layout needs on every page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse

from .places import PLACES, Place


@dataclass(frozen=True)
class Link:
    """A place this person can go to from here."""

    place: Place
    url: str
    is_active: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav` (where this person can go), `nav_root`, `jump_url`,
    `stop_url` for whom may stop all machines, and for the switcher the address before the organisation
    (`site_root`) and the place within it (`same_page`).

    Reads `request.org` and `request.membership` where a middleware has set them; costs no query.
    """
    org = getattr(request, "org", None)
    if org is None:
        return {"nav": [], "nav_root": "/"}
    membership = getattr(request, "membership", None)
    links = _links(request.path, membership)
    root = get_script_prefix()
    here = next((link.url for link in links if link.is_active), root)
    return {
        "nav": links,
        "nav_root": root,
        "jump_url": _url("orgs:jump"),
        "stop_url": _url("printers:stop_all") if _is_allowed(membership, "printer.control") else "",
        "site_root": root.removesuffix(f"o/{org.slug}/"),
        "same_page": here.removeprefix(root),
    }


def _links(path: str, membership: Any) -> list[Link]:
    urls = [
        (place, url)
        for place in PLACES
        if _is_allowed(membership, place.action) and (url := _url(place.url_name))
    ]
    root = get_script_prefix()
    here = max(
        (url for _, url in urls if path.startswith(url) and (url != root or path == root)),
        key=len,
        default="",
    )
    return [Link(place, url, url == here) for place, url in urls]


def _is_allowed(membership: Any, action: str) -> bool:
    may = getattr(membership, "may", None)
    return bool(may and may(action))


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
