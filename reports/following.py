"""The fleet as live pages ask for it: gathered once for everybody who looks at the same moment."""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, TypeVar, cast

from django.http import HttpResponse
from django.utils.safestring import SafeString

from orgs.models import Membership
from orgs.requests import OrgRequest
from printers import live
from printers.models import Printer
from printers.visible import visible_ids

from .fleet import gather
from .shown import Shown

# Long enough that a hundred pages cost as much as a few, short enough that nobody waits 2 s longer for it.
SHARED_S = 0.5
MOST_KEPT = 300


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole fleet at a version of the live state."""

    version: int
    fleet: list[Shown]


_shared: dict[tuple[Hashable, ...], tuple[float, Any]] = {}
_makers: dict[tuple[Hashable, ...], Lock] = {}


def shared(key: tuple[Hashable, ...], seconds: float, make: Callable[[], T]) -> T:
    """What `make` gave for `key` at most `seconds` ago in this process; `key` begins with the org's id.

    One thread makes it while the others wait: all at once, each would take as long as all together.
    """
    made_at, kept = _shared.get(key, (-math.inf, None))
    if time.monotonic() - made_at <= seconds:
        return cast(T, kept)
    with _makers.setdefault(key, Lock()):
        made_at, kept = _shared.get(key, (-math.inf, None))
        if time.monotonic() - made_at > seconds:
            if len(_shared) >= MOST_KEPT:
                forget()
            kept = make()
            _shared[key] = (time.monotonic(), kept)
    return cast(T, kept)


def picture_of(membership: Membership, seen: int) -> Picture | None:
    """The fleet that the person sees, at most SHARED_S old, if anything changed since version `seen`.

    None if nothing did.
    """
    org = membership.org_id
    version = live.version_of(org)
    if version == seen:
        return None
    picture = shared((org, "fleet"), SHARED_S, lambda: Picture(version, gather(Printer.objects.all())))
    if picture.version == seen:
        return None
    ids = visible_ids(membership)
    return picture if ids is None else replace(picture, fleet=[one for one in picture.fleet if one.pk in ids])


def forget() -> None:
    """Drop what is shared."""
    _shared.clear()
    _makers.clear()


def seen_version(request: OrgRequest) -> int:
    """The version the page says it shows, taken out of the query string: links are made of that."""
    asked = request.GET.copy()
    said = asked.pop("version", [""])[-1]
    request.GET = asked  # type: ignore[assignment]  # a copy is mutable, and as good
    said = str(said)
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 17 else 0


def delta(fragments: list[SafeString], version: int) -> HttpResponse:
    """What ui's live.js swaps by id."""
    response = HttpResponse("".join(fragments))
    response["X-Live-Version"] = str(version)
    return response


def nothing_new(version: int) -> HttpResponse:
    response = HttpResponse(status=204)
    response["X-Live-Version"] = str(version)
    return response
