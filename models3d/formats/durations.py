"""Durations as slicers write them."""

import re

SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
PART = re.compile(r"(\d+(?:\.\d+)?)\s*(d|h|m|s)")
# Ten years; a longer print is a broken file.
LONGEST_S = 315_360_000


def seconds(text: str) -> int | None:
    """`1d 2h 3m 4s`, `1 hour 2 min 3 sec` or bare seconds, in seconds; None if it says no duration."""
    text = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        total = float(text)
    else:
        parts = PART.findall(text)
        if not parts:
            return None
        total = sum(float(number) * SECONDS[unit] for number, unit in parts)
    return round(total) if total <= LONGEST_S else None
