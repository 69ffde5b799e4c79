"""One organisation with the data of a large farm, for measuring: rows as the farm itself would write them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django_tenants.utils import tenant_context
from uuid_utils.compat import uuid7

from accounts.models import User
from alerts.kinds import SEVERITY, Kind
from alerts.models import Alert, Delivery
from audit.models import Entry
from benchmarks.statuses import tell
from inventory.models import Filament, Spool, Usage
from jobs.models import Event, Job, Print
from jobs.states import JobState, Priority
from models3d.models import Model3D, Plate, Revision, StoredFile
from models3d.models import Tag as ModelTag
from orgs.models import Org
from printers.models import Printer, Slot, Tag
from stations.models import Plate as PlateState
from stations.models import Station

SLOTS = 4
REVISIONS = 3
MATERIALS = ("PLA", "PETG", "ABS", "TPU")
COLORS = ("#ff6a13", "#1a1a1a", "#ffffff", "#0a62c4", "#c12e1f")


@dataclass(frozen=True)
class Volume:
    """How many of each; those of shared/facts/targets.md."""

    printers: int = 400
    jobs: int = 10_000
    spools: int = 2_000
    usages: int = 20_000
    models: int = 1_000
    audit: int = 20_000
    alerts: int = 5_000

    def scaled(self, share: float) -> "Volume":
        return Volume(**{name: max(4, int(count * share)) for name, count in vars(self).items()})


def fill(org: Org, people: Sequence[User], volume: Volume) -> None:
    """Write everything into an empty organisation; the same every time but for ids and times."""
    rng = random.Random(400)
    now = timezone.now()
    with tenant_context(org):
        printers = _printers(org, volume.printers)
        _spools(printers, volume, now)
        revisions = _models(volume.models, people)
        _jobs(volume.jobs, revisions, printers, people, now, rng)
        _audit(volume.audit, people)
        _alerts(volume.alerts, printers, people, now)
        tell(org, [printer.pk for printer in printers])


def _write(model: Any, rows: Sequence[Any]) -> None:
    model.objects.bulk_create(rows, batch_size=1000)


def _printers(org: Org, count: int) -> list[Printer]:
    plates = (PlateState.CLEAR, PlateState.OCCUPIED)
    printers = [
        Printer(
            pk=uuid7(), name=f"Printer {at + 1:03}", protocol="bambu", model="Bambu Lab P1S",
            serial=f"01S{at:09}", address=f"10.9.{at // 250}.{at % 250 + 1}", location=f"Rack {at // 20 + 1}",
            bed_x_mm=256, bed_y_mm=256, bed_z_mm=250, nozzle_mm=0.4, rate_per_hour=Decimal("1.20"),
        )
        for at in range(count)
    ]  # fmt: skip
    stations = [
        Station(
            pk=printer.pk, owner=org, name=printer.name, protocol=printer.protocol,
            machine_key=f"bench-{org.slug}-{printer.serial}", plate=plates[at % 10 == 3],
        )
        for at, printer in enumerate(printers)
    ]  # fmt: skip
    _write(Station, stations)
    _write(Printer, printers)
    tags = [Tag.objects.create(name=name) for name in ("bambu", "hall", "fast")]
    link = Printer.tags.through
    _write(link, [link(printer=printer, tag=tags[at % 3]) for at, printer in enumerate(printers)])
    return printers


def _spools(printers: Sequence[Printer], volume: Volume, now: datetime) -> None:
    """The first spools are in the printers' slots; `usages` are spread over all of them."""
    slots = [
        Slot(printer=printer, index=index, material=MATERIALS[index], color=COLORS[index])
        for printer in printers
        for index in range(SLOTS)
    ]
    _write(Slot, slots)
    filaments = [
        Filament(
            material=material, brand=brand, color=color, color_name=f"colour {at}", price_per_kg=Decimal(25)
        )
        for material in MATERIALS
        for brand in ("Polymaker", "Prusament", "eSun")
        for at, color in enumerate(COLORS)
    ]
    _write(Filament, filaments)
    spools = [
        Spool(
            filament=filaments[at % len(filaments)], used_g=Decimal(at * 7 % 900), cost=Decimal(25),
            lot=f"L{at:05}", location=f"Shelf {at % 40}", slot=slots[at] if at < len(slots) else None,
            opened_at=now,
        )
        for at in range(volume.spools)
    ]  # fmt: skip
    _write(Spool, spools)
    spools = list(Spool.objects.all())
    usages = [
        Usage(
            spool=spools[at % len(spools)], reference=f"bench:{at}", print_id=uuid7(), grams=Decimal("12.5")
        )
        for at in range(volume.usages)
    ]
    _write(Usage, usages)


def _models(count: int, people: Sequence[User]) -> list[Revision]:
    """Each with its revisions, of one plate; the last one is current. Returns the current ones."""
    tags = ModelTag.objects.bulk_create(ModelTag(name=f"tag {at}") for at in range(20))
    models = [Model3D(name=f"Bracket {at + 1:04} left", by=people[at % len(people)]) for at in range(count)]
    _write(Model3D, models)
    link = Model3D.tags.through
    _write(link, [link(model3d=model, tag=tags[at % len(tags)]) for at, model in enumerate(models)])
    stored = [
        StoredFile(sha256=f"{at:064x}", size=2_400_000 + at, path=f"bench/{at:x}")
        for at in range(count * REVISIONS)
    ]
    _write(StoredFile, stored)
    revisions = [
        Revision(
            model=models[at // REVISIONS], number=at % REVISIONS + 1, stored=stored[at], kind="gcode",
            original_name=f"bracket-{at // REVISIONS}.gcode", status=Revision.Status.READY,
            by=people[at % len(people)], metadata=_said(),
        )
        for at in range(len(stored))
    ]  # fmt: skip
    _write(Revision, revisions)
    _write(Plate, [_plate(revision, at) for at, revision in enumerate(revisions)])
    for at, model in enumerate(models):
        model.current = revisions[at * REVISIONS + REVISIONS - 1]
    Model3D.objects.bulk_update(models, ["current"], batch_size=1000)
    return revisions[REVISIONS - 1 :: REVISIONS]


def _said() -> dict[str, Any]:
    return {
        "slicer": "OrcaSlicer", "slicer_version": "2.3.0", "nozzle_mm": [0.4], "layer_height_mm": 0.2,
        "first_layer_height_mm": 0.2, "printer_models": ["Bambu Lab P1S"], "bed_mm": [256, 256, 250],
        "warnings": [], "origins": {"print_s": "header", "grams": "header", "box": "moves"},
    }  # fmt: skip


def _plate(revision: Revision, at: int) -> Plate:
    use = {"index": 0, "grams": 41.5, "length_mm": 13900, "material": "PLA", "color": "#ff6a13", "used": True}
    box = {"min": [100.0, 100.0, 0.2], "max": [140.0, 140.0 + at % 50, 32.4]}
    return Plate(
        revision=revision, number=1, print_s=3600 + at, layers=161, filaments=[use],
        grams=Decimal("41.5"), box=box,
    )  # fmt: skip


def _states(count: int) -> list[JobState]:
    """As in the original's measurement: 78 % completed, 10 failed, 3 cancelled, 7 waiting, 2 printing."""
    shares = (
        (JobState.COMPLETED, 0.78), (JobState.FAILED, 0.10), (JobState.CANCELLED, 0.03),
        (JobState.PRINTING, 0.02),
    )  # fmt: skip
    states = [state for state, share in shares for _ in range(int(count * share))]
    return states + [JobState.QUEUED] * (count - len(states))


def _jobs(
    count: int, revisions: Sequence[Revision], printers: Sequence[Printer], people: Sequence[User],
    now: datetime, rng: random.Random,
) -> None:  # fmt: skip
    """The running ones are on a printer each; they are spread over the list, as the states of a year are."""
    states = _states(count)
    rng.shuffle(states)
    jobs, prints, events = [], [], []
    free = iter(printers)
    for at, state in enumerate(states):
        revision, asked = revisions[at % len(revisions)], now - timedelta(minutes=20 * (count - at))
        over = state not in {JobState.QUEUED, JobState.PRINTING}
        job = Job(
            name=revision.model.name, revision=revision, state=state, by=people[at % len(people)],
            copies_done=int(state == JobState.COMPLETED), estimate_s=3600, grams=Decimal("41.5"),
            position=at, priority=rng.choice(list(Priority)), cost=Decimal("2.24") if over else None,
            ended_at=asked + timedelta(hours=2) if over else None,
            not_before=now + timedelta(days=1) if state == JobState.QUEUED and at % 7 < 3 else None,
            why_not="" if over else "All printers that fit are busy.",
            failure_note="First layer did not stick." if state == JobState.FAILED else "",
        )  # fmt: skip
        jobs.append(job)
        printer = next(free) if state == JobState.PRINTING else rng.choice(printers)
        prints.append(_print(job, printer, asked))
        steps = [JobState.QUEUED] if state == JobState.QUEUED else [JobState.QUEUED, JobState.PRINTING, state]
        events += [Event(job=job, state=step, by=str(job.by)) for step in dict.fromkeys(steps)]
    _write(Job, jobs)
    _write(Print, prints)
    _write(Event, events)


def _print(job: Job, printer: Printer, asked: datetime) -> Print:
    if job.state == JobState.QUEUED:
        return Print(job=job, copy=1, estimate_s=3600)
    over = job.ended_at is not None
    return Print(
        job=job, copy=1, state=job.state, printer=printer, printer_name=printer.name, dispatch_id=uuid7(),
        estimate_s=3600, started_at=asked, ended_at=job.ended_at, printed_s=3700 if over else None,
        progress=1.0 if over else 0.4, grams=job.grams, material_cost=Decimal("1.04"),
        machine_cost=Decimal("1.20"),
    )  # fmt: skip


def _audit(count: int, people: Sequence[User]) -> None:
    actions = ("printer.edit", "job.submit", "spool.edit", "model.add", "member.role")
    entries = [
        Entry(
            actor_id=people[at % len(people)].pk, actor=str(people[at % len(people)]), via="session",
            address="10.0.0.7", action=actions[at % len(actions)], target_type="printers.printer",
            target_id=str(at % 400), target=f"Printer {at % 400 + 1:03}",
            before={"location": "Rack 1", "enabled": True},
            after={"location": f"Rack {at % 20}", "enabled": False},
        )
        for at in range(count)
    ]  # fmt: skip
    _write(Entry, entries)


def _alerts(count: int, printers: Sequence[Printer], people: Sequence[User], now: datetime) -> None:
    """One in fifty is open; each was told to everybody."""
    kinds = list(Kind)
    alerts = [
        Alert(
            kind=kinds[at % 4], severity=SEVERITY[kinds[at % 4]],
            title=f"{printers[at % len(printers)]}: {kinds[at % 4].label}",
            detail="As the printer tells it.", cause=f"bench:{at}", target_type="printers.printer",
            target_id=printers[at % len(printers)].pk, resolved_at=None if at % 50 == 0 else now,
        )
        for at in range(count)
    ]  # fmt: skip
    _write(Alert, alerts)
    told = [
        Delivery(alert=alert, user=person, read_at=None if at % 50 == 0 else now)
        for at, alert in enumerate(alerts)
        for person in people[:3]
    ]
    _write(Delivery, told)
