"""What a message says: one alert as it is, several grouped by kind and thing, and counted. Pure."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .channels.adapter import Line, Message

MOST_LINES = 50
_RANKS = {"critical": 0, "warning": 1, "info": 2}
_ISOLATE, _POP = "\u2068", "\u2069"
# What turns the direction of the text after it; a name must not reach beyond itself.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as a message knows it; `thing` is what it is about, `over` says why it is none any more."""

    kind: str
    severity: str
    title: str
    detail: str
    at: datetime
    last_at: datetime
    count: int
    thing: str
    url: str
    over: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all messages of an organisation have in common, and the reader's clock; `url` shows all alerts."""

    org_name: str
    org_slug: str
    url: str
    language: str
    zone: ZoneInfo
    accent: str = ""
    logo: str = ""


def compose(pk: str, told: Sequence[Told], head: Letterhead, *, was_quiet: bool = False) -> Message:
    """The message of one parcel, in the language in use. `was_quiet`: it was held by quiet hours.

    What has passed meanwhile is told too, but last and as over: nobody has to run for it.
    """
    groups = grouped(told)
    shown = groups[: MOST_LINES if len(groups) <= MOST_LINES else MOST_LINES - 1]
    lines = [_line(one, head.zone) for one in shown]
    if len(groups) > len(shown):
        lines.append(_rest(groups[len(shown) :], head))
    return Message(
        id=pk,
        subject=_subject(told, groups, was_quiet),
        org_name=one_line(head.org_name),
        org_slug=head.org_slug,
        lines=lines,
        url=head.url,
        language=head.language,
        is_digest=len(told) > 1,
        accent=head.accent,
        logo=head.logo,
    )


def grouped(told: Sequence[Told]) -> list[Told]:
    """One for each kind and thing: the newest, with the counts of all. The open ones first, the gravest of
    them first, and then the newest.
    """
    groups: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in told:
        groups[one.kind, one.thing or one.title].append(one)
    found = []
    for same in groups.values():
        open_ones = [one for one in same if not one.over]
        newest = max(open_ones or same, key=lambda one: one.last_at)
        found.append(replace(newest, count=sum(one.count for one in same)))
    return sorted(found, key=lambda one: (bool(one.over), _RANKS[one.severity], -one.last_at.timestamp()))


def _subject(told: Sequence[Told], groups: Sequence[Told], was_quiet: bool) -> str:
    if len(groups) == 1:
        first = groups[0]
        said = isolated(one_line(first.title))
        if first.count > 1:
            words = ngettext("%(title)s, %(n)d time", "%(title)s, %(n)d times", first.count)
            said = words % {"title": said, "n": first.count}
        return _("Over: %(title)s") % {"title": said} if first.over else said
    number = len(told)
    if was_quiet:
        words = ngettext("%(n)d alert while it was quiet", "%(n)d alerts while it was quiet", number)
    else:
        words = ngettext("%(n)d alert", "%(n)d alerts", number)
    over = sum(bool(one.over) for one in told)
    said = words % {"n": number}
    if not over:
        return said
    if over == number:
        return _("%(alerts)s, all of them over") % {"alerts": said}
    more = ngettext("%(alerts)s, %(over)d of them over", "%(alerts)s, %(over)d of them over", over)
    return more % {"alerts": said, "over": over}


def _line(one: Told, zone: ZoneInfo) -> Line:
    detail = " ".join(filter(None, (one.over, isolated(one_line(one.detail)))))
    title, at = isolated(one_line(one.title)), one.last_at.astimezone(zone)
    return Line(one.kind, one.severity, title, detail, at, one.count, one.url)


def _rest(left: Sequence[Told], head: Letterhead) -> Line:
    """The last line: how many more there are, and where."""
    words = ngettext("and %(n)d more", "and %(n)d more", len(left)) % {"n": len(left)}
    last = max(one.last_at for one in left)
    return Line("", left[0].severity, words, "", last.astimezone(head.zone), 1, head.url)


def one_line(text: str) -> str:
    """Without line breaks and what else no name needs: control characters, and turns of direction."""
    kept = (
        " " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text if one not in _TURNING
    )
    return " ".join("".join(kept).split())


def isolated(text: str) -> str:
    """`text` as it may stand in a sentence of the other direction, whatever it begins with."""
    if any(unicodedata.bidirectional(one) in {"R", "AL", "AN"} for one in text):
        return f"{_ISOLATE}{text}{_POP}"
    return text
