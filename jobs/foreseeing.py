"""A look at the whole queue: who is next, when each job starts and ends, and why it waits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.current import current_org
from orgs.working_hours import Opening
from printers.drivers.driver import MachineState
from stations.models import HOLDING, OPEN, Dispatch

from . import accuracy, fair_share, news, outlook, sentences
from .ahead import Ahead
from .classes import Classes
from .forecast import Outlook, Wish, foresee
from .gates import Gate, Machine, Moment, blocking, ready
from .lending import lent
from .models import Job, Print
from .order import give_shares, moment_of, note_risk
from .states import JobState
from .waiting import Waiting, queue, set_work

M = MachineState
DEAF = frozenset({M.OFFLINE, M.UNKNOWN, M.ERROR})
AT_REST = frozenset({M.IDLE, M.FINISHED})
BARS_H = 72
# A due date saved may cost another: so often those are looked for.
ROUNDS = 3
LEAST_S = 60.0


class Printing(NamedTuple):
    """A copy of ours that holds a printer."""

    estimate_s: int | None
    started_at: datetime | None
    model: UUID
    slicer: str | None


class Look:
    """One look: all is read once, then worked out in memory; `order` before starts are made, `tell` after."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.org = current_org()
        self.jobs = queue()
        self.machines = lent.all_machines() if self.jobs else []
        self.classes = Classes(self.machines)
        self.factors = accuracy.learned() if self.jobs else accuracy.Factors()
        self.opening = Opening(self.org.working_hours, self.org.zone, self.now)
        self.auto = sum(1 << at for at, machine in enumerate(self.machines) if machine.auto_queue)
        self.ejecting = sum(1 << at for at, machine in enumerate(self.machines) if machine.ejects)
        self._seconds: dict[tuple[UUID | None, str, int | None], dict[str, float]] = defaultdict(dict)
        for one in self.jobs:
            one.mask = self.classes.able(one.needs) if one.needs else 0

    def order(self, held: Collection[UUID] = ()) -> None:
        """Put the jobs into their order, keep that on the rows, and the forecast in Redis.

        When one of `held`, by quotas, starts can't be said.
        """
        for one in self.jobs:
            one.standing.must_start = None
            set_work(one, self._typical_s(one), one.mask.bit_count())
        weight = self.org.fair_share
        give_shares((one.standing for one in self.jobs), fair_share.used_s() if weight else {}, weight)
        self.jobs.sort(key=lambda one: one.standing.turn)
        found = self._foreseen(held)
        outlook.keep(self._records(found), found.bars, [machine.id for machine in self.machines])
        self._keep_order()

    def _foreseen(self, held: Collection[UUID]) -> Outlook:
        free = self._free()
        told = [one for one in self.jobs if one.mask and one.row["estimate_s"] and one.id not in held]
        wishes = {one.id: self._wish(one) for one in told}
        until = self.now.timestamp() + BARS_H * 3600
        now = self.now.timestamp()
        for _round in range(ROUNDS):
            in_turn = [wishes[one.id] for one in self.jobs if one.id in wishes]
            found = foresee(in_turn, free, self.opening, until, self.ejecting)
            ends = {pk: ahead.ends for pk, ahead in found.jobs.items()}
            if not note_risk((one.standing for one in self.jobs), ends, now):
                break
            self.jobs.sort(key=lambda one: one.standing.key)
        else:
            in_turn = [wishes[one.id] for one in self.jobs if one.id in wishes]
            found = foresee(in_turn, free, self.opening, until, self.ejecting)
        return found

    def _wish(self, one: Waiting) -> Wish:
        by_itself = self.org.auto_queue and one.row["auto_start"] and bool(one.mask & self.auto)
        mask = one.mask & self.auto if by_itself else one.mask
        start = one.not_before
        known = self._seconds[one.model_id, one.slicer, one.row["estimate_s"]]

        def seconds(at: int) -> float:
            model = self.machines[at].model
            if model not in known:
                known[model] = self._copy_s(one, model)
            return known[model]

        return Wish(one.id, one.copies, mask, seconds, not by_itself, start.timestamp() if start else 0.0)

    def _copy_s(self, one: Waiting, machine: str) -> float:
        factor = self.factors.of(one.model_id, machine, one.slicer) if one.model_id else 1.0
        return float((one.row["estimate_s"] or 0) * factor)

    def _typical_s(self, one: Waiting) -> float:
        first = (one.mask & -one.mask).bit_length() - 1
        return self._copy_s(one, self.machines[first].model if one.mask else "")

    def _free(self) -> list[float | None]:
        """When each machine can take its next print; None for one of which that can't be said."""
        ids = [machine.id for machine in self.machines]
        holding = dict(
            Dispatch.objects.filter(station__in=ids, state__in=HOLDING).values_list("station_id", "print_id")
        )
        rows = Print.objects.filter(pk__in=holding.values()).values_list(
            "pk", "estimate_s", "started_at", "job__revision__model", "job__revision__metadata__slicer"
        )
        prints = {pk: Printing(*known) for pk, *known in rows}
        on = {station: prints[print_id] for station, print_id in holding.items() if print_id in prints}
        return [self._free_at(machine, on.get(machine.id)) for machine in self.machines]

    def _free_at(self, machine: Machine, on: "Printing | None") -> float | None:
        now = self.now.timestamp()
        if not machine.usable or machine.held_after or machine.state in DEAF:
            return None
        if machine.state in AT_REST and on is None:
            return now if machine.plate == "clear" else self.opening.next(now)
        left: float | None = machine.remaining_s if machine.state not in AT_REST else None
        if left is None and on and on.estimate_s:
            takes = on.estimate_s * self.factors.of(on.model, machine.model, on.slicer or "")
            left = takes - (now - on.started_at.timestamp() if on.started_at else 0.0)
        if left is None:
            return None
        ends = now + max(left, LEAST_S)
        return ends if machine.ejects else self.opening.next(ends)

    def _records(self, found: Outlook) -> dict[UUID, outlook.Record]:
        _place(self.jobs)
        records: dict[UUID, outlook.Record] = {}
        for one in self.jobs:
            times = found.jobs.get(one.id)
            by_itself = self.org.auto_queue and one.row["auto_start"] and bool(one.mask & self.auto)
            records[one.id] = (
                times.starts if times else None, times.ends if times else None, not by_itself,
                one.place, one.mask.bit_count(),
            )  # fmt: skip
        return records

    def _keep_order(self) -> None:
        changed = []
        for one in self.jobs:
            must = moment_of(one.standing.must_start)
            if must != one.row["must_start_at"] or one.standing.share != one.row["share"]:
                changed.append(Job(pk=one.id, must_start_at=must, share=one.standing.share))
        Job.objects.bulk_update(changed, ["must_start_at", "share"], batch_size=1000)
        news.changed(many=[job.pk for job in changed])

    def tell(self, held: Mapping[UUID, str]) -> None:
        """Write the sentence of every job that waits, where it has changed; `held` by quotas: why."""
        speaker = _Speaker(self, held)
        changed = []
        for one in self.jobs:
            said = speaker.why(one) if one.row["state"] == JobState.QUEUED else ""
            said = said[:300]
            if said != one.row["why_not"]:
                changed.append(Job(pk=one.id, why_not=said))
        # One that went on meanwhile waits no more.
        queued = Job.objects.filter(state=JobState.QUEUED)
        queued.bulk_update(changed, ["why_not"], batch_size=1000)
        news.changed(many=[job.pk for job in changed])


def _place(jobs: Sequence[Waiting]) -> None:
    """Give each job its place among those that wait for any of the same printers."""
    masks = list({one.mask for one in jobs})
    meets = {mask: [other for other in masks if mask & other] for mask in masks}
    ahead = dict.fromkeys(masks, 0)
    for one in jobs:
        one.place = ahead[one.mask] + 1
        for other in meets[one.mask]:
            ahead[other] += 1


class _Speaker:
    """Sentences by what they depend on: jobs that wait for the same reason share one."""

    def __init__(self, look: Look, held: Mapping[UUID, str]) -> None:
        self.look = look
        self.held = held
        ids = [machine.id for machine in look.machines]
        rows = Dispatch.objects.filter(Q(org=look.org) | Q(station__in=ids), state__in=OPEN)
        self.taken: set[UUID] = set()
        self.sent: set[UUID] = set()
        for station_id, print_id in rows.values_list("station_id", "print_id"):
            self.taken.add(station_id)
            self.sent.add(print_id)
        self.planned = set(Print.objects.filter(pk__in=self.sent).values_list("job_id", flat=True))
        said = Ahead().said()
        jobs = Print.objects.filter(pk__in=list(said)).order_by("-copy").values_list("job_id", "pk")
        self.ahead = {job_id: said[print_id] for job_id, print_id in jobs}
        self._against: dict[tuple[bool, datetime | None], list[list[Gate]]] = {}
        self._said: dict[object, str] = {}

    def why(self, one: Waiting) -> str:
        if one.id in self.planned:
            return self.ahead.get(one.id, "")
        if one.id in self.held:
            return _("It waits: %(why)s.") % {"why": self.held[one.id]}
        start = one.not_before if one.not_before and one.not_before > self.look.now else None
        moment = Moment(self.look.now, True, self.look.org.auto_queue, one.row["auto_start"], start)
        # The front of a line hears which printer is next; behind it that would change all the time.
        apart = one.is_first if one.mask else (id(one.needs), one.problem)
        key = (one.mask, moment.job_auto, start, apart)
        if key not in self._said:
            self._said[key] = sentences.why_it_waits(self._found(one, moment))
        return self._said[key]

    def _found(self, one: Waiting, moment: Moment) -> sentences.Found:
        if one.needs is None:
            return sentences.Found(moment, problem=one.problem)
        if not one.mask:
            closest = self.look.classes.closest(one.needs)
            return sentences.Found(moment, one.needs, closest=closest, has_machines=bool(self.look.machines))
        against = self._all_against(moment)
        able = [
            (machine, against[at], machine.id in self.taken)
            for at, machine in enumerate(self.look.machines)
            if one.mask >> at & 1
        ]
        return sentences.Found(moment, needs=one.needs, able=able, is_first=one.is_first)

    def _all_against(self, moment: Moment) -> list[list[Gate]]:
        key = (moment.job_auto, moment.not_before)
        if key not in self._against:
            self._against[key] = [blocking(ready(machine, moment)) for machine in self.look.machines]
        return self._against[key]
