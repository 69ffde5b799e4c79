"""A month of a farm to recompute: October 2026 in Berlin, whose clocks go back on the 25th, and days around.

Everything that can go wrong with names and things that are gone is in it.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import quantiles
from zoneinfo import ZoneInfo

from accounts.models import User
from inventory.models import Usage
from jobs.models import Event, FailureReason, Job, Print
from jobs.states import JobState, PrintState, Priority, Verdict
from models3d.models import Revision
from orgs.models import Department, Org
from printers import adding
from printers.models import Printer, Stretch, Tag
from reports.builders import BUILDERS
from reports.periods import Period
from reports.scope import Scope
from tests.factories.inventory import make_filament, make_spool
from tests.factories.models3d import make_model
from tests.factories.printers import make_printer

BERLIN = ZoneInfo("Europe/Berlin")
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31), BERLIN)
# The hour from 02:00 to 03:00 comes twice: once from 00:00 UTC on, once from 01:00 UTC on.
TWICE = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
NASTY = "<b>=1+1</b> 🖨 \N{RIGHT-TO-LEFT OVERRIDE}abc"
STATES = (PrintState.COMPLETED,) * 7 + (PrintState.FAILED, PrintState.FAILED, PrintState.CANCELLED)


@dataclass
class Month:
    org: Org
    tag: Tag
    departments: list[Department]
    people: list[User]
    printers: list[Printer] = field(default_factory=list)
    scope: Scope = field(default_factory=lambda: Scope(OCTOBER))

    @property
    def prints(self) -> list[Print]:
        return list(
            Print.objects.select_related("job__revision__model", "printer", "reason", "job__department")
        )


def seed(org: Org, people: list[User], count: int = 240) -> Month:
    """Prints from 20 September to 10 November; then a printer is deleted and a person's name forgotten."""
    rng = random.Random(2026)  # noqa: S311  # the same month every time
    tag = Tag.objects.create(name=NASTY[:30])
    departments = [Department.objects.create(org=org, name=name) for name in (NASTY, "Physics")]
    month = Month(org, tag, departments, people)
    month.printers = [
        make_printer(f"{NASTY} {at}", model=("MK4", "P1S")[at % 2], tags=[tag] if at % 2 else ())
        for at in range(4)
    ]
    revisions = _revisions()
    spools = [make_spool(make_filament(material, brand=NASTY)) for material in ("PLA", "petg")]
    reasons = [FailureReason.objects.create(name=name) for name in (NASTY, "Clog")]
    start = datetime(2026, 9, 20, tzinfo=UTC)
    ends = [start + timedelta(seconds=rng.randrange(51 * 86400)) for _ in range(count - len(TWICE))]
    for at, ended in enumerate([*ends, *TWICE]):
        _print(month, rng, at, ended, revisions, spools, reasons)
    _stretches(month, rng)
    adding.delete(month.printers[3])
    User.objects.filter(pk=people[0].pk).update(name="Person 7f3a")
    return month


def _revisions() -> list[Revision]:
    uses = (("PLA",), ("petg", "PLA"), ("",))
    made = []
    for at, materials in enumerate(uses):
        filaments = [
            {"index": index, "material": name, "grams": 3.0, "used": True}
            for index, name in enumerate(materials)
        ]
        revision = make_model(f"{NASTY} {at}", digest=f"{at + 100:x}", filaments=filaments).current
        Revision.objects.filter(pk=revision.pk).update(metadata={"slicer": ("Cura", "OrcaSlicer", "")[at]})
        made.append(revision)
    return made


def _print(month, rng, at, ended, revisions, spools, reasons) -> None:
    state = rng.choice(STATES)
    printed_s, estimate_s = rng.randrange(600, 20000), rng.randrange(500, 20000)
    started = ended - timedelta(seconds=printed_s)
    asked = started - timedelta(seconds=rng.randrange(60, 90000))
    grams = Decimal(rng.randrange(100, 9000)) / 100
    job = Job.objects.create(
        name=NASTY, revision=rng.choice(revisions), state=JobState(state), ended_at=ended, grams=grams,
        by=rng.choice([*month.people, None]), department=rng.choice([*month.departments, None]),
        priority=rng.choice(list(Priority)), copies_done=int(state == PrintState.COMPLETED), cost=grams / 10,
        not_before=started - timedelta(seconds=30) if at % 9 == 0 else None,
    )  # fmt: skip
    Job.objects.filter(pk=job.pk).update(created_at=asked)
    printer = rng.choice(month.printers)
    judged = rng.random()
    one = Print.objects.create(
        job=job, copy=1, state=state, printer=printer, printer_name=printer.name, estimate_s=estimate_s,
        started_at=started if at % 11 or state != PrintState.CANCELLED else None, ended_at=ended,
        printed_s=printed_s, grams=grams, material_cost=grams / 50, machine_cost=Decimal(printed_s) / 3600,
        energy_kwh=Decimal(printed_s) / 30_000, energy_cost=Decimal(printed_s) / 100_000,
        extra_cost=Decimal(at % 4) / 8 if at % 5 else None,
        verdict=Verdict.REJECT if state == PrintState.COMPLETED and judged < 0.1 else "",
    )  # fmt: skip
    if (state == PrintState.FAILED or one.verdict) and judged < 0.7:
        Print.objects.filter(pk=one.pk).update(reason=rng.choice(reasons))
    if at % 3:
        Usage.objects.create(spool=rng.choice(spools), reference=f"{one.pk}:0", print_id=one.pk, grams=grams)
    if at % 13 == 0:
        paused = Event.objects.create(job=job, state=JobState.PAUSED)
        Event.objects.filter(pk=paused.pk).update(at=started + timedelta(seconds=5))


def _stretches(month: Month, rng: random.Random) -> None:
    """Each printer goes from state to state without a gap, from 25 September on; the last one lasts."""
    Stretch.objects.all().delete()
    states = ("printing", "preparing", "paused", "needs_you", "ready", "offline", "unknown", "out_of_service")
    for printer in month.printers:
        at, rows = datetime(2026, 9, 25, tzinfo=UTC), []
        while at < datetime(2026, 11, 5, tzinfo=UTC):
            until = at + timedelta(seconds=rng.randrange(60, 200_000))
            state = rng.choice(states)
            rows.append(
                Stretch(
                    printer=printer, state=state, for_plate=state == "needs_you" and rng.random() < 0.6,
                    since=at, until=until,
                )
            )  # fmt: skip
            at = until
        rows[-1].until = None
        Stretch.objects.bulk_create(rows)


def in_october(when):
    return when is not None and when.astimezone(BERLIN).date().strftime("%Y-%m") == "2026-10"


def section(report, name):
    found = next(one for one in report.sections if one.name == name)
    names = [column.name for column in found.columns]
    return [dict(zip(names, row.values, strict=True)) for row in found.rows]


def made(kind, scope):
    return BUILDERS[kind](scope).build()


def figure(report, name):
    return next(one.value for one in report.figures if one.name == name)


def percentile(values, share):
    """As PostgreSQL's percentile_cont."""
    if len(values) == 1:
        return values[0]
    return quantiles(sorted(values), n=100, method="inclusive")[share - 1]


def grouped(prints, key):
    groups = defaultdict(list)
    for one in prints:
        for name in key(one):
            groups[name].append(one)
    return groups


def gone(one):
    return one.printer.name if one.printer else f"{one.printer_name} (deleted)"
