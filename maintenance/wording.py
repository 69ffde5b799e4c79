"""Intervals and what is left of them, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .due import HOUR_S, Interval, Used, left_days, left_s


def every(interval: Interval) -> str:
    """As in "every 300 h or 90 days"."""
    parts = []
    if interval.every_hours:
        parts.append(_("%(hours)d h") % {"hours": interval.every_hours})
    if interval.every_days:
        words = ngettext("%(days)d day", "%(days)d days", interval.every_days)
        parts.append(words % {"days": interval.every_days})
    return _("every %(interval)s") % {"interval": _(" or ").join(parts)}


def left(interval: Interval, used: Used) -> str:
    """As in "12 h left · 3 days over"."""
    parts = []
    if (seconds := left_s(interval, used)) is not None:
        parts.append(_hours(seconds))
    if (days := left_days(interval, used)) is not None:
        parts.append(_days(days))
    return " · ".join(parts)


def hours(seconds: int) -> str:
    """Hours of a meter: whole ones, below ten with a tenth."""
    value = seconds / HOUR_S
    return _("%(hours)s h") % {"hours": f"{value:,.1f}" if value < 10 else f"{value:,.0f}"}


def _hours(seconds: int) -> str:
    words = _("%(hours)s left") if seconds > 0 else _("%(hours)s over")
    return words % {"hours": hours(abs(seconds))}


def _days(days: int) -> str:
    if days == 0:
        return _("due today")
    if days > 0:
        return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    return ngettext("%(days)d day over", "%(days)d days over", -days) % {"days": -days}
