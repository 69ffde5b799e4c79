"""How many wrong passwords are taken before a pause: enough for a person, too few for a guesser.

Tries are counted for an account from one address, so that a stranger elsewhere can't lock a person out,
and for an address as a whole, where a school's people may share one.
"""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache

PAUSE_S = 15 * 60
TRIES_AT_ACCOUNT = 6
TRIES_FROM_ADDRESS = 60


@dataclass(frozen=True)
class Try:
    """One attempt to sign in, counted before the password is looked at, so that many at once count too."""

    account: str
    address: str
    is_allowed: bool

    def succeeded(self) -> None:
        """Forget this account's tries from this address, and give the address its one back."""
        cache.delete(self.account)
        if cache.get(self.address, 0) > 0:
            cache.decr(self.address)


def begin_try(email: str, address: str) -> Try:
    """Count a try; `is_allowed` is False when there were too many in the last PAUSE_S seconds."""
    name = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    account, place = f"sign-in:{address}:{name}", f"sign-in:{address}"
    counts = count(account, PAUSE_S), count(place, PAUSE_S)
    return Try(account, place, counts[0] <= TRIES_AT_ACCOUNT and counts[1] <= TRIES_FROM_ADDRESS)


def count(key: str, within_s: int) -> int:
    """Count one more of `key`; how many there were in the last `within_s` seconds or less, with this one."""
    cache.add(key, 0, within_s)
    try:
        return cache.incr(key)
    except ValueError:
        # It ran out between the two calls.
        cache.set(key, 1, within_s)
        return 1
