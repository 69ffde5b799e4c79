"""How many wrong passwords are taken before a pause: enough for a person, too few for a guesser.

Tries are counted for an account from one address, so that a stranger elsewhere can't lock a person out,
and for an address as a whole, where a school's people may share one.
"""

import hashlib
from dataclasses import dataclass
from ipaddress import ip_network

from django.core.cache import cache
from django.http import HttpResponse

from .clients import address_of

PAUSE_S = 15 * 60
# Counters that belong to no organisation, as orgs.keys names them.
KEYS = "odin:all:tries"
TRIES_AT_ACCOUNT = 6
TRIES_FROM_ADDRESS = 60
# At one account, by guessers with many addresses. Who was signed in where they are now is not counted out.
TRIES_FROM_EVERYWHERE = 100


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


def begin_try(
    who: str,
    address: str,
    what: str = "sign-in",
    at_account: int = TRIES_AT_ACCOUNT,
    from_address: int = TRIES_FROM_ADDRESS,
) -> Try:
    """Count a try; `is_allowed` is False when there were too many in the last PAUSE_S seconds."""
    where = place_of(address)
    account, place = f"{KEYS}:{what}:{where}:{digest_of(who)}", f"{KEYS}:{what}:{where}"
    counts = count(account, PAUSE_S), count(place, PAUSE_S)
    return Try(account, place, counts[0] <= at_account and counts[1] <= from_address)


def digest_of(who: str) -> str:
    """A name for a counter that does not tell whose it is."""
    return hashlib.sha256(who.strip().lower().encode()).hexdigest()[:32]


def is_within(key: str, most: int) -> bool:
    """Count one more of `key`; False when there were more than `most` in the last PAUSE_S seconds."""
    return count(f"{KEYS}:{key}", PAUSE_S) <= most


def place_of(address: str) -> str:
    """What counts as one address: of IPv6 the network, as everybody there has 2 to the 64 of them."""
    found = address_of(address)
    if found is None or found.version == 4:
        return address
    return str(ip_network((found, 64), strict=False).network_address)


def told_to_wait(response: HttpResponse) -> HttpResponse:
    """`response`, a 429, with the time after which whoever was paused may go on."""
    response["Retry-After"] = str(PAUSE_S)
    return response


def count(key: str, within_s: int) -> int:
    """Count one more of `key`; how many there were in the last `within_s` seconds or less, with this one."""
    cache.add(key, 0, within_s)
    try:
        return cache.incr(key)
    except ValueError:
        # It ran out between the two calls.
        cache.set(key, 1, within_s)
        return 1
