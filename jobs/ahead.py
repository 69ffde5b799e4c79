"""Files that are on their printers, or on the way there, and wait: for the plate, or for others to be warm.

An automatic attempt is planned for a printer of which only the plate is in the way, so that the file is there
when somebody clears it. It has no hold: whoever may start sooner, or comes before it in the queue, takes its
copy or its printer, and the file is taken off again (dispatch.md, rule 2).
"""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from orgs.current import current_org
from stations.models import Dispatch, DispatchState, Plate

from . import heating
from .dispatching import send

S = DispatchState
UNHELD = (S.PLANNED, S.STAGING, S.STAGED)
# The note of a staged dispatch whose printer may not start yet.
WAITS = "waits for the plate"


class Attempt(NamedTuple):
    """An automatic attempt without a hold. `blocked`: its plate is not clear, or its printer has a hold.

    `owner` is whose machine it is, by name; empty for ours.
    """

    id: UUID
    print_id: UUID
    station_id: UUID
    printer: str
    staged: bool
    note: str
    blocked: bool
    owner: str


def attempts() -> Iterator[Attempt]:
    """All of this organisation, the oldest first."""
    rows = Dispatch.objects.filter(org=current_org(), by_hand=False, state__in=UNHELD).order_by("pk")
    names = ("pk", "print_id", "station_id", "station__name", "state", "note")
    for pk, print_id, station_id, name, state, note, plate, hold, terms in rows.values_list(
        *names, "station__plate", "station__hold", "terms"
    ):
        blocked = plate != Plate.CLEAR or hold is not None
        owner = terms["owner"] if terms else ""
        yield Attempt(pk, print_id, station_id, name, state == S.STAGED, note, blocked, owner)


class Ahead:
    """Those that wait, and why."""

    def __init__(self) -> None:
        found = list(attempts())
        self.blocked = [one for one in found if one.blocked]
        self.cleared = [one for one in found if one.staged and one.note == WAITS and not one.blocked]
        cold = [one for one in found if one.staged and one.note == heating.WAITS and not one.blocked]
        # How many of an owner's printers may heat up is its affair: the claim asks that.
        self.cold, self.lent = [one for one in cold if not one.owner], [one for one in cold if one.owner]
        self.room = heating.room() if self.cold else None

    def go_on(self) -> None:
        """Have claimed what waits no more; the claim asks again, under a lock.

        Without its note none is sent twice; a message that is lost is made good by the reconciler.
        """
        waited = [one.id for one in [*self.cleared, *self.cold[: self.room], *self.lent]]
        if waited:
            Dispatch.objects.filter(pk__in=waited, state=S.STAGED).update(note="")
        for dispatch_id in waited:
            send("jobs.claim", dispatch_id)

    def said(self) -> dict[UUID, str]:
        """Why each copy waits whose file is sent already."""
        words = {one.print_id: words_for(one.printer, one.owner, staged=one.staged) for one in self.blocked}
        if self.room == 0:
            words |= dict.fromkeys((one.print_id for one in self.cold), heating.why(heating.at_once()))
        return words | {one.print_id: heating.why(0, one.printer, one.owner) for one in self.lent}


def words_for(printer: str, owner: str, *, staged: bool) -> str:
    """The sentence for a job whose file waits at `printer` for the plate, which its owner clears."""
    if owner:
        text = _("Its file goes ahead to %(printer)s: when %(owner)s has cleared the plate, it starts.")
    elif staged:
        text = _("Its file is on %(printer)s: clear the plate, and it starts.")
    else:
        text = _("Its file is being sent to %(printer)s: clear the plate, and it starts.")
    return text % {"printer": printer, "owner": owner}
