"""Values out of a printer's answer, which may be anything: each is what was expected, or nothing."""

import math
from typing import Any

TEXT_LIMIT = 200


def mapping(value: object) -> dict[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object, limit: int = 64) -> list[Any]:
    """`value` if it is a list, else an empty one; never more than `limit` entries."""
    return value[:limit] if isinstance(value, list) else []


def text(value: object, limit: int = TEXT_LIMIT) -> str:
    """`value` as text without control characters, empty if it is neither text nor a whole number."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64:
        return str(value)
    if not isinstance(value, str):
        return ""
    return "".join(char for char in value[: limit * 2] if char.isprintable())[:limit]


def number(value: object, low: float, high: float) -> float | None:
    """`value` (a number, or text that is one) clamped to low..high; None if it is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value[:32] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return float(min(high, max(low, found))) if math.isfinite(found) else None


def whole(value: object, low: int, high: int) -> int | None:
    """Like `number`, cut to a whole number."""
    found = number(value, low, high)
    return None if found is None else int(found)


def flags(value: object, base: int = 10) -> int | None:
    """A bit field as 64 bits: a number, or text in `base`; None if it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value & 0xFFFFFFFFFFFFFFFF
    if not isinstance(value, str) or len(value) > 20:
        return None
    try:
        return int(value, base) & 0xFFFFFFFFFFFFFFFF
    except ValueError:
        return None


def celsius(value: object) -> float | None:
    """A temperature, clamped to what a printer can have."""
    found = number(value, -50.0, 600.0)
    return None if found is None else round(found, 1)


def base_name(value: object) -> str:
    """A remote file name without its folders."""
    return text(value, 400).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1][:TEXT_LIMIT]
