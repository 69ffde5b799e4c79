"""Printers that were heard in the server's network and that nobody has added yet."""

import threading
import time
from dataclasses import dataclass

from django.utils.translation import gettext as _

from orgs.current import release_connection
from stations.models import Station

from . import catalogue
from .drivers import bambu_discovery
from .drivers.bambu import BambuDriver
from .drivers.bambu_discovery import Announced
from .drivers.driver import DriverError
from .reaching import AddressRefused, check_address

LISTEN_S = 5.0
# Whoever asks while another listens is answered by what that one heard.
SHARED_S = 3.0

_turn = threading.Lock()
_last: tuple[float, list[Announced]] = (float("-inf"), [])


@dataclass(frozen=True, slots=True)
class Nearby:
    """A printer to add; `model` as the catalogue has it, else the maker's code."""

    name: str
    model: str
    serial: str
    address: str
    protocol: str = BambuDriver.protocol


def look() -> tuple[list[Nearby], str]:
    """Listen for some seconds: the printers that may be added, by name, and what to know about it in words.

    The database connection is given back meanwhile. Those of other organisations are left out silently.
    """
    release_connection()
    try:
        heard = _listen()
    except DriverError as error:
        return [], _("%(why)s Enter the address by hand.") % {"why": error}
    if not heard:
        return [], _(
            "No printer was heard. They are heard only in the server's own network: not across subnets, and "
            "not in a container without the host's network. Enter the address by hand."
        )
    serials = [one.serial for one in heard]
    added = set(
        Station.objects.filter(machine_key__in=serials, deleted_at=None).values_list("machine_key", flat=True)
    )
    new = [_offered(one) for one in heard if one.serial not in added and _may_be_asked(one.address)]
    words = "" if new else _("No other printer was heard than those that have been added already.")
    return sorted(new, key=lambda one: (one.name.lower(), one.serial)), words


def _listen() -> list[Announced]:
    global _last  # one ear for all threads of this process
    with _turn:
        at, heard = _last
        if time.monotonic() - at > SHARED_S:
            heard = bambu_discovery.listen(LISTEN_S)
            _last = time.monotonic(), heard
        return heard


def _may_be_asked(address: str) -> bool:
    """Whether this is an address that a printer may have: an announcement can name any."""
    try:
        check_address(address, BambuDriver.default_port)
    except AddressRefused:
        return False
    return True


def _offered(one: Announced) -> Nearby:
    known = catalogue.find(one.model)
    return Nearby(one.name or one.serial, known.name if known else one.model, one.serial, one.address)
