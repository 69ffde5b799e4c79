"""Cards and rows as markup, drawn once for equal content, however many people look at them."""

from functools import lru_cache

from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from orgs.permissions import may
from orgs.requests import OrgRequest

from .shown import Shown

TEMPLATES = {
    "card": "printers/_card.html",
    "row": "printers/_row.html",
    "tile": "printers/_tile.html",
    "wall": "printers/_tile.html",
    "now": "printers/_now.html",
    "now-parts": "printers/_now_parts.html",
    "need": "printers/_need.html",
}
# Some 2 kB each: a farm of 400 in two roles, and what changes of it within a minute.
KEPT = 4000


def draw(request: OrgRequest, shown: Shown, kind: str, applies: str | None = None) -> SafeString:
    """`shown` as a "card", a "row" of the table, a "tile", one of the "wall" or the "now" of its page.

    Where `applies` is given, it has a tick that says which bulk actions apply to it (bulk.offering).
    """
    return _drawn(
        kind,
        shown,
        may(request, "printer.control"),
        applies,
        get_script_prefix(),
        translation.get_language(),
        _minute(),
    )


def _minute() -> int:
    # "in 5 min" stands on the cards, so that a card is never older than a minute.
    return int(timezone.now().timestamp() // 60)


@lru_cache(maxsize=KEPT)
def _drawn(
    kind: str,
    shown: Shown,
    may_control: bool,
    applies: str | None,
    prefix: str,
    language: str | None,
    minute: int,
) -> SafeString:
    context = {"printer": shown, "may_control": may_control, "kind": kind, "applies": applies}
    return SafeString(get_template(TEMPLATES[kind]).render(context))


def kind_asked(request: HttpRequest) -> str:
    """Which fragment the button that was pressed stands in: its `as` parameter."""
    asked = request.GET.get("as", "")
    return asked if asked in TEMPLATES else "card"
