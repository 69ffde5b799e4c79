"""Numbers and times in words: what the template filters, the API's texts and the mails share."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

NOTHING = "–"
ZERO = Decimal(0)
# From here on a number is told by its power of ten.
UNREADABLE = Decimal("1e30")
SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "PLN": "zł"}
WITHOUT_CENTS = {"JPY", "KRW", "VND", "CLP", "ISK", "HUF"}
BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")


def number(value: Any) -> Decimal | None:
    """`value` as an exact number; None for nothing, text, infinity and not-a-number."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    try:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


def with_unit(value: Decimal, places: int, unit: str) -> str:
    """The rounded number with thousands grouped, a real minus and its unit after an unbreakable space."""
    # Not Django's number_format: it cuts digits off instead of rounding, and pages have thousands of numbers.
    text = f"{value:,.{places}f}" if abs(value) < UNREADABLE else f"{value:.2e}"
    digits = text.removeprefix("-")
    sign = MINUS if digits != text and digits.strip("0.") else ""
    return f"{sign}{digits.translate(_separators(get_language() or 'en'))}{SPACE}{unit}"


@lru_cache(maxsize=64)
def _separators(language: str) -> dict[int, str]:
    """What stands in `language` for Python's comma between thousands and its decimal point."""
    return str.maketrans(
        {
            ",": str(get_format("THOUSAND_SEPARATOR", language, use_l10n=True)),
            ".": str(get_format("DECIMAL_SEPARATOR", language, use_l10n=True)),
        }
    )


def grams(value: Any) -> str:
    """Mass given in grams: 3.4 g, 248 g, 1.24 kg."""
    mass = number(value)
    if mass is None:
        return NOTHING
    if round(abs(mass)) >= 1000:
        return with_unit(mass / 1000, 2, "kg")
    return with_unit(mass, 1 if 0 < abs(mass) < 10 else 0, "g")


def duration(value: Any) -> str:
    """Seconds (or a timedelta): 45 s, 5 min, 2 h 05 min, 3 d 04 h."""
    seconds = number(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds is None:
        return NOTHING
    sign = MINUS if seconds < 0 else ""
    whole = int(abs(seconds))
    if whole < 60:
        return f"{sign if whole else ''}{whole}{SPACE}s"
    minutes = whole // 60
    if minutes < 60:
        return f"{sign}{minutes}{SPACE}min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{sign}{hours}{SPACE}h{SPACE}{minutes:02}{SPACE}min"
    days, hours = divmod(hours, 24)
    return f"{sign}{days}{SPACE}d{SPACE}{hours:02}{SPACE}h"


def clock(value: datetime | None) -> str:
    """An aware time in the active zone (the org's): 16:40 today, Mon 16:40 within six days, 3 Nov 16:40."""
    if not value:
        return NOTHING
    local = timezone.localtime(value)
    today = timezone.localdate()
    hour = date_format(local, "H:i")
    days = (local.date() - today).days
    if days == 0:
        return hour
    if abs(days) <= 6:
        return f"{date_format(local, 'D')} {hour}"
    return f"{date_format(local, 'j M' if local.year == today.year else 'j M Y')} {hour}"


def relative(value: datetime | None) -> str:
    """How long ago or ahead: "5 min ago", "in 2 h 05 min", "in 13 h"; "now" within half a minute."""
    if not value:
        return NOTHING
    seconds = (value - timezone.now()).total_seconds()
    if abs(seconds) < 30:
        return _("now")
    days = int(abs(seconds) // 86400)
    if days:
        span = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    else:
        minutes = max(1, round(abs(seconds) / 60))
        span = duration(minutes * 60) if minutes < 600 else f"{minutes // 60}{SPACE}h"
    return (_("in %(span)s") if seconds > 0 else _("%(span)s ago")) % {"span": span}


def money(value: Any, currency: str, least: int = 0) -> str:
    """An amount in an ISO 4217 currency: €12.40, 9.00 CHF; in German 12,40 €. `least` decimals at least."""
    amount = number(value)
    if amount is None:
        return NOTHING
    code = str(currency).upper()
    places, sign = max(least, 0 if code in WITHOUT_CENTS else 2), SYMBOLS.get(code, "")
    if sign and sign != "zł" and (get_language() or "en").startswith("en"):
        text = with_unit(abs(amount), places, "").rstrip(SPACE)
        return f"{MINUS if amount < 0 else ''}{sign}{text}"
    return with_unit(amount, places, sign or code)


def price(value: Any, currency: str) -> str:
    """What one of something costs, to the last digit that counts: €0.0229, €2.00."""
    exact = number(value)
    places = -int(exact.normalize().as_tuple().exponent) if exact is not None else 0
    return money(exact, currency, places)


def percent(value: Any, places: int = 0) -> str:
    """A fraction as per cent: 42 %. Never rounds what is begun to 0 % nor what is unfinished to 100 %."""
    share = number(value)
    if share is None:
        return NOTHING
    least = Decimal(1).scaleb(-places)
    hundredths = share * 100
    if 0 < hundredths < least:
        return f"<{with_unit(least, places, '%')}"
    if 100 - least < hundredths < 100:
        hundredths = 100 - least
    return with_unit(hundredths, places, "%")


def size(value: Any) -> str:
    """Bytes in decimal units: 812 B, 4.2 MB."""
    left = number(value)
    if left is None:
        return NOTHING
    unit = 0
    while abs(left) >= 1000 and unit < len(BYTE_UNITS) - 1:
        left /= 1000
        unit += 1
    return with_unit(left, 0 if unit == 0 or abs(left) >= 100 else 1, BYTE_UNITS[unit])
