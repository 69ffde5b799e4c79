"""A message as plain text, for where there is no room for more."""

import unicodedata

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alerts.kinds import Severity

from .adapter import Line, Message


def clean(text: str) -> str:
    """`text` on one line, without what turns the writing direction of all that follows it."""
    kept = "".join(letter for letter in text if unicodedata.bidirectional(letter) not in _TURNING)
    return " ".join("".join(" " if _is_control(letter) else letter for letter in kept).split())


# Embeddings, overrides and isolates; right-to-left letters themselves need none of them.
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Zl", "Zp"}


def severity_of(line: Line) -> str:
    return str(Severity(line.severity).label) if line.severity in Severity.values else line.severity


def told(line: Line) -> str:
    """One alert on one line: "critical: Printer 1 is offline (3 times) · No answer · 2 May 14:05"."""
    times = _(" (%(count)d times)") % {"count": line.count} if line.count > 1 else ""
    parts = [f"{severity_of(line)}: {clean(line.title)}{times}", clean(line.detail), when(line)]
    return " · ".join(part for part in parts if part)


def when(line: Line) -> str:
    return date_format(line.at, "j M H:i")


def body_of(message: Message, most: int) -> str:
    """The alerts of a message, a line for each, as many as `most` letters hold, and how many are left out."""
    lines: list[str] = []
    room = most - 60
    for number, line in enumerate(message.lines):
        text = told(line)
        if len(text) > room and lines:
            left = len(message.lines) - number
            return "\n".join([*lines, _("… and %(count)d more") % {"count": left}])
        lines.append(text[: max(room, 40)])
        room -= len(text) + 1
    return "\n".join(lines)
