"""The days of the year on which an organisation's semesters begin, as it writes them: "04-01, 10-01"."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DEFAULT = "04-01, 10-01"
MOST = 6
# Only a leap year has the 29th of February, so no semester begins on it.
COMMON_YEAR = 2001


def days_of(text: str) -> list[tuple[int, int]]:
    """(month, day) of each start, in the order of the year; ValidationError if `text` is not such a list."""
    parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    found = sorted({_day(part) for part in parts})
    if not 1 <= len(found) <= MOST:
        raise ValidationError(
            _("Give 1 to %(most)d days, month-day, as in %(example)s.") % {"most": MOST, "example": DEFAULT}
        )
    return found


def _day(part: str) -> tuple[int, int]:
    try:
        month, day = map(int, part.split("-")) if re.fullmatch(r"[0-9]{1,2}-[0-9]{1,2}", part) else (0, 0)
        date(COMMON_YEAR, month, day)
    except ValueError:
        raise ValidationError(
            _("%(part)s is no day of every year: write month-day, as in 10-01.") % {"part": part[:20]}
        ) from None
    return month, day


def written(days: list[tuple[int, int]]) -> str:
    return ", ".join(f"{month:02}-{day:02}" for month, day in days)


def check_semesters(text: str) -> None:
    days_of(text)
