"""What of a machine a person can set while it prints or stands: its light, its speed, its fans.

A driver says in `adjustable` what it can set, and to which values; `Status.adjusted` has what is set now, as
far as the printer tells. Everything is a choice of words, percents too: pages and scripts need no more.
"""

from collections.abc import Mapping

from printers.drivers.driver import DriverError, Trouble

Adjustable = Mapping[str, tuple[str, ...]]
PERCENTS = tuple(str(percent) for percent in range(0, 101, 10))


def check(adjustable: Adjustable, name: str, value: str) -> None:
    """DriverError if there is no such thing to set on this printer, or not to that value."""
    if name not in adjustable:
        raise DriverError(Trouble.REFUSED, f"This printer has no {name!r} that could be set.")
    if value not in adjustable[name]:
        raise DriverError(
            Trouble.REFUSED, f"{name} can't be set to {value[:40]!r}, but to: {', '.join(adjustable[name])}."
        )


def nearest(percent: float) -> str:
    """The one of PERCENTS that is nearest."""
    return str(round(max(0.0, min(100.0, percent)) / 10) * 10)
