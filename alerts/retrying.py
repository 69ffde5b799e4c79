"""When a message that did not go out is tried again. Pure."""

from datetime import timedelta

# Doubling from half a minute to an hour: the 31st attempt is a day after the first.
FIRST, LONGEST, MOST_ATTEMPTS = timedelta(seconds=30), timedelta(hours=1), 31
LONGEST_WISH = timedelta(hours=6)


def pause(attempts: int, wish_s: float | None = None) -> timedelta | None:
    """How long to wait after the `attempts`th attempt; None: given up.

    `wish_s` is what the other side asked for: never shorter than that, but for absurd wishes.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    own: timedelta = min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)
    return max(own, min(timedelta(seconds=min(wish_s or 0.0, 1e9)), LONGEST_WISH))
