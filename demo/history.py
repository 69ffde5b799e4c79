"""Sixty days of jobs printed before the demo began: rows as the farm itself would have written them."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from inventory.models import Filament, Spool, Usage
from jobs import reasons
from jobs.charging.writing import Ended
from jobs.costing import share_used
from jobs.facts import used_filaments
from jobs.models import Event, Job, Print
from jobs.states import JobState, PrintState, Priority, Verdict
from models3d.models import Plate, Revision
from printers.models import Printer

from .money import Money
from .reels import Reels
from .stock import SLOTS

DAYS = 60
MOST_JOBS = 3000
OUTCOMES = ((PrintState.COMPLETED, 0.87), (PrintState.FAILED, 0.08), (PrintState.CANCELLED, 0.05))
REASONS = (
    "First layer did not stick.",
    "Filament tangled.",
    "Nozzle clogged.",
    "The printer reports a failure.",
)
# What an operator chose for the machine's words, where somebody has looked.
FOUND = {
    "First layer did not stick.": "Came off the bed",
    "Filament tangled.": "Filament tangled",
    "Nozzle clogged.": "Clogged nozzle",
    "The printer reports a failure.": "Layer shift",
}
JUDGED, REJECTED = 0.8, 0.03
STATES = {
    PrintState.COMPLETED: JobState.COMPLETED,
    PrintState.FAILED: JobState.FAILED,
    PrintState.CANCELLED: JobState.CANCELLED,
}


class History:
    """Collects the rows of one organisation and writes them in bulk."""

    def __init__(self, people: Sequence[User], rng: random.Random, money: Money) -> None:
        self.people, self.rng, self.money = people, rng, money
        self.jobs: list[Job] = []
        self.prints: list[Print] = []
        self.events: list[tuple[Event, datetime]] = []
        self.usages: list[tuple[Usage, datetime]] = []
        self.created: list[datetime] = []
        self.reasons = {reason.name: reason for reason in reasons.all_reasons()}
        # Of their own, so that what was printed stays as it was.
        self.judging = random.Random(7)

    def fill(
        self, printers: Sequence[Printer], kinds: dict[str, str], library: dict[str, list[Revision]]
    ) -> None:
        """Two or three prints a day on most printers, fewer at the weekend, each after the other."""
        material, color, _name = SLOTS[0]
        filament = Filament.objects.get(material=material, color=color)
        plates = {
            plate.revision_id: plate
            for plate in Plate.objects.filter(number=1)
            if all(use["material"] == material for use in used_filaments(plate))
        }
        today = timezone.now().replace(hour=6, minute=0, second=0, microsecond=0)
        self.reels = Reels(filament, printers, today - timedelta(days=DAYS), self.rng)
        share = min(1.0, MOST_JOBS / (len(printers) * DAYS * 1.6))
        for day in range(DAYS, 0, -1):
            morning = today - timedelta(days=day)
            for printer in printers:
                at = morning + timedelta(minutes=self.rng.randrange(0, 240))
                for _turn in range(self.rng.choice((0, 1, 2, 3) if morning.weekday() < 5 else (0, 0, 0, 1))):
                    known = [one for one in library[kinds[printer.name]] if one.pk in plates]
                    revision = self.rng.choice(known)
                    if self.rng.random() <= share:
                        at = self._add(printer, revision, plates[revision.pk], at)
        self._write()

    def _add(self, printer: Printer, revision: Revision, plate: Plate, at: datetime) -> datetime:
        rng = self.rng
        outcome = rng.choices([state for state, _ in OUTCOMES], [weight for _, weight in OUTCOMES])[0]
        share = 1.0 if outcome is PrintState.COMPLETED else rng.uniform(0.05, 0.8)
        estimate = plate.print_s or 3600
        printed_s = int(estimate * share * rng.uniform(0.97, 1.16))
        asked, started = at - timedelta(minutes=rng.randrange(3, 90)), at
        ended = started + timedelta(seconds=printed_s)
        note = rng.choice(REASONS) if outcome is PrintState.FAILED else ""
        used = [
            share_used(Decimal(str(use["grams"])), share, completed=share == 1.0)
            for use in used_filaments(plate)
        ]
        spool = self.reels.take(printer, sum(used, Decimal(0)), started)
        if share < 1.0:
            spool.left_source = Spool.Source.ESTIMATED
        job = Job(
            name=revision.model.name, revision=revision, state=STATES[outcome], auto_start=True,
            by=rng.choice(self.people), priority=rng.choices(list(Priority), (1, 12, 3, 1))[0],
            copies_done=int(share == 1.0), estimate_s=estimate, ended_at=ended,
            grams=sum(used, Decimal(0)), failure_note=note, department=self.money.department(),
        )  # fmt: skip
        one = Print(
            job=job, copy=1, state=outcome, printer=printer, printer_name=printer.name, dispatch_id=uuid7(),
            estimate_s=estimate, started_at=started, ended_at=ended, printed_s=printed_s, progress=share,
            grams=job.grams, note=note,
        )  # fmt: skip
        self._judge(one)
        served = [(grams, spool.price_per_g) for grams in used]
        charged = self.money.charge(one, Ended(outcome, ended, printed_s, served, printer))
        one.energy_kwh, costs = charged.energy_kwh, charged.costs
        one.material_cost, one.machine_cost = costs.material_cost, costs.machine_cost
        one.energy_cost, one.extra_cost = costs.energy_cost, costs.extra_cost
        job.cost = costs.total
        self.jobs.append(job)
        self.created.append(asked)
        self.prints.append(one)
        steps: tuple[tuple[JobState, datetime, str], ...] = (
            (JobState.QUEUED, asked, str(job.by)),
            (JobState.SENDING, started - timedelta(seconds=40), "O.D.I.N."),
            (JobState.PRINTING, started, "O.D.I.N."),
            (STATES[outcome], ended, "O.D.I.N."),
        )
        self.events += [
            (Event(job=job, state=state, by=by, note=note if state in STATES.values() else ""), when)
            for state, when, by in steps
        ]
        for index, grams in enumerate(used):
            kind = Usage.Kind.SLICED if share == 1.0 else Usage.Kind.ESTIMATED
            usage = Usage(
                spool=spool, reference=f"{one.dispatch_id}:{index}", print_id=one.pk, grams=grams, kind=kind,
                extruder=index,
            )  # fmt: skip
            self.usages.append((usage, ended))
        return ended + timedelta(minutes=rng.randrange(4, 120))

    def _judge(self, one: Print) -> None:
        """What a person said of it; of every fifth print nobody has said anything yet."""
        if one.state == PrintState.CANCELLED or self.judging.random() > JUDGED:
            return
        if one.state == PrintState.FAILED:
            one.reason = self.reasons[FOUND[one.note]]
        elif self.judging.random() < REJECTED:
            one.verdict, one.reason = (
                Verdict.REJECT,
                self.reasons[self.judging.choice(["Warping", "Stringing"])],
            )
        else:
            one.verdict = Verdict.GOOD
        one.judged_by, one.judged_at = str(self.judging.choice(self.people)), one.ended_at

    def _write(self) -> None:
        """Rows first, then their past dates, which the fields would set to now."""
        order = sorted(range(len(self.jobs)), key=lambda at: self.created[at])
        _write(Job, [(self.jobs[at], self.created[at]) for at in order], "created_at")
        Print.objects.bulk_create(self.prints, batch_size=500)
        self.reels.write()
        _write(Event, self.events, "at")
        _write(Usage, self.usages, "at")
        self.money.write()


def _write(model: Any, rows: Sequence[tuple[Any, datetime]], field: str) -> None:
    made = model.objects.bulk_create([row for row, _at in rows], batch_size=500)
    for row, (_given, at) in zip(made, rows, strict=True):
        setattr(row, field, at)
    model.objects.bulk_update(made, [field], batch_size=500)
