"""Who gets which printer: copies in their order, and printers that may start before those that may soon."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, DurationField, ExpressionWrapper, F, Window
from django.db.models.functions import Now

from orgs.current import current_org
from stations.models import OPEN, Dispatch, DispatchState

from .ahead import Attempt
from .classes import Classes, members
from .dispatching import plan
from .gates import Machine, Needs, blocking, fit
from .models import Job, Print
from .states import PrintState
from .waiting import Waiting

# A pair of copy and printer that just failed is left alone for as many minutes as it was tried.
BACK_OFF = timedelta(minutes=1)


class Giving:
    """One round. `now` and `soon` are the machines that are left, a bit for each; `displaced` the attempts
    that must be dropped first, as somebody else is to have their copy or their printer in the next round.

    `soon` are those of which only the plate is in the way: they get the file.
    """

    def __init__(
        self, ready: Sequence[Machine], blocked: Sequence[Machine], attempts: Iterable[Attempt]
    ) -> None:
        self.machines = [*ready, *blocked]
        self.classes = Classes(self.machines)
        self.now = (1 << len(ready)) - 1
        self.soon = self.classes.all ^ self.now
        self.own = {one.print_id: one for one in attempts}
        self._places = {machine.id: at for at, machine in enumerate(self.machines)}
        self._guests = {
            self._places[one.station_id]: one for one in self.own.values() if one.station_id in self._places
        }
        self._awaited = sum(1 << at for at in self._guests)
        self._avoided: set[tuple[UUID, UUID]] = set()
        self.displaced: dict[UUID, None] = {}
        self.count = 0

    @property
    def left(self) -> int:
        return self.now | self.soon

    def fits(self, needs: Needs) -> bool:
        """Whether a machine that is left can print it."""
        return bool(self.classes.able(needs) & self.left)

    def serve(self, jobs: Sequence[Waiting]) -> None:
        """Give the copies of `jobs` what they can have; they follow those of the calls before."""
        able = [(one, self.classes.able(one.needs)) for one in jobs if one.needs]
        wanted = [(one, mask) for one, mask in able if mask & self.left]
        if not wanted:
            return
        copies = self._copies([one.id for one, _mask in wanted])
        self._avoided = _failed_lately(pk for found in copies.values() for pk in found)
        loaded = Job.objects.select_related("revision", "revision__stored").in_bulk(list(copies))
        for one, mask in wanted:
            if found := copies.get(one.id):
                self._serve(loaded[one.id], one, mask, found)

    def _serve(self, job: Job, one: Waiting, mask: int, copies: Sequence[UUID]) -> None:
        """What has no file anywhere starts first, so that as few as possible are taken off again."""
        assert one.needs is not None  # noqa: S101  # only what has needs is served
        rest = []
        for print_id in sorted(copies, key=lambda pk: pk in self.own):
            at = self._first(one.needs, print_id, mask & self.now)
            if at is None:
                rest.append(print_id)
            else:
                self.now &= ~(1 << at)
                self._give(job, print_id, at)
        for print_id in sorted(rest, key=lambda pk: pk not in self.own):
            if not mask & self.soon:
                break
            self._send_ahead(job, one.needs, print_id, mask)

    def _send_ahead(self, job: Job, needs: Needs, print_id: UUID, mask: int) -> None:
        own = self.own.get(print_id)
        at = self._places.get(own.station_id) if own else None
        if at is not None and mask & self.soon & 1 << at:
            self.soon &= ~(1 << at)
            return
        at = self._first(needs, print_id, mask & self.soon & ~self._awaited)
        if at is None and own is None:
            at = self._first(needs, print_id, mask & self.soon & self._awaited)
        if at is not None:
            self.soon &= ~(1 << at)
            self._give(job, print_id, at)

    def _first(self, needs: Needs, print_id: UUID, mask: int) -> int | None:
        """The first machine of `mask` that all gates let print it, unless it has just failed there."""
        for at in members(mask):
            machine = self.machines[at]
            if (print_id, machine.id) not in self._avoided and not blocking(fit(needs, machine)):
                return at
        return None

    def _give(self, job: Job, print_id: UUID, at: int) -> None:
        """Plan an attempt, or note which must be dropped before."""
        own, guest = self.own.get(print_id), self._guests.get(at)
        if own is not None and own is guest:
            # Its plate was cleared a moment ago: the next round has it claimed.
            return
        in_the_way = [own, guest]
        if any(in_the_way):
            self.displaced |= {one.id: None for one in in_the_way if one}
        elif plan(job, print_id, self.machines[at].id) is not None:
            self.count += 1

    def _copies(self, job_ids: list[UUID]) -> dict[UUID, list[UUID]]:
        """The copies for which there is no attempt, or only one ahead of its time; by job, in their order."""
        opened = Dispatch.objects.filter(org=current_org(), state__in=OPEN)
        settled = opened.exclude(pk__in=[one.id for one in self.own.values()]).values("print_id")
        rows = Print.objects.filter(job__in=job_ids, state=PrintState.WAITING).exclude(pk__in=settled)
        found: dict[UUID, list[UUID]] = {}
        for job_id, print_id in rows.order_by("copy").values_list("job_id", "pk"):
            found.setdefault(job_id, []).append(print_id)
        return found


def _failed_lately(print_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Copies and printers whose last attempt did not start, while they are left alone."""
    failed = Dispatch.objects.filter(
        print_id__in=list(print_ids),
        state__in=(DispatchState.DROPPED, DispatchState.REFUSED),
        backs_off=True,
    ).annotate(tried=Window(Count("pk"), partition_by=[F("print_id")], order_by=["attempt"]))
    lately = failed.filter(step_at__gt=Now() - ExpressionWrapper(F("tried") * BACK_OFF, DurationField()))
    return set(lately.values_list("print_id", "station_id"))
