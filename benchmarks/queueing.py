"""Filling a long queue; measuring looks at it and starts from it. Needs Django; see benchmarks.matching."""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from unittest import mock

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402
from uuid_utils.compat import uuid7  # noqa: E402

from accounts.models import User  # noqa: E402
from inventory.models import Filament, Spool  # noqa: E402
from jobs import dispatching, foreseeing, planning  # noqa: E402
from jobs.forecast import foresee  # noqa: E402
from jobs.models import Job, Print  # noqa: E402
from models3d.models import Model3D, Plate, Revision, StoredFile  # noqa: E402
from orgs.creating import create_org  # noqa: E402
from orgs.models import Org  # noqa: E402
from printers import live  # noqa: E402
from printers.drivers.driver import MachineState, Status  # noqa: E402
from printers.models import Printer, Slot, Tag  # noqa: E402
from stations.models import Plate as PlateState  # noqa: E402
from stations.models import Station  # noqa: E402

MODELS = (
    "Voron 0", "Voron 2.4 250", "Voron 2.4 300", "Voron 2.4 350", "Creality K1", "Creality K1C",
    "Elegoo Neptune 4", "Qidi Q1 Pro",
)  # fmt: skip
MATERIALS = ("PLA", "PETG", "ABS", "TPU")
FILES = 1000


def write(model: type, rows: list) -> None:
    model.objects.bulk_create(rows, batch_size=1000)


def fill(org: Org, jobs: int, printers: int) -> None:
    rng = random.Random(4)  # the same queue every time
    people = [User.objects.create_user(f"{at}-{org.pk}@bench.test", name=f"Person {at}") for at in range(20)]
    _printers(org, printers, rng)
    revisions = _files(rng)
    _jobs(jobs, revisions, list(Printer.objects.order_by("name")), people, rng)


def _printers(org: Org, count: int, rng: random.Random) -> None:
    printers = [
        Printer(
            pk=uuid7(), name=f"Printer {at + 1:03}", protocol="moonraker", model=MODELS[at % 8],
            address=f"10.9.{at // 250}.{at % 250 + 1}", bed_x_mm=250, bed_y_mm=250, bed_z_mm=230,
            nozzle_mm=(0.4, 0.4, 0.4, 0.6)[at // 8 % 4], hardened_nozzle=at % 5 == 0, auto_queue=True,
        )
        for at in range(count)
    ]  # fmt: skip
    write(Station, [
        Station(pk=one.pk, owner=org, name=one.name, protocol="moonraker", machine_key=f"q-{one.pk}",
                plate=PlateState.OCCUPIED)
        for one in printers
    ])  # fmt: skip
    write(Printer, printers)
    tags = [Tag.objects.create(name=name) for name in ("hall", "lab", "fast")]
    link = Printer.tags.through
    write(link, [link(printer=one, tag=tags[at % 3]) for at, one in enumerate(printers)])
    slots = [
        Slot(printer=one, index=at, material=name) for one in printers for at, name in enumerate(MATERIALS)
    ]
    write(Slot, slots)
    kinds = {name: Filament.objects.create(material=name, color="#ff6a13") for name in MATERIALS}
    write(Spool, [
        Spool(filament=kinds[slot.material], slot=slot, cost=20, initial_g=1000,
              used_g=Decimal(rng.randint(0, 990)))
        for slot in slots
    ])  # fmt: skip
    report(org)


def report(org: Org) -> None:
    for at, pk in enumerate(Printer.objects.values_list("pk", flat=True)):
        live.swap(org.pk, pk, Status(MachineState.PRINTING, remaining_s=60 + at * 37 % 20_000, job_key="x"))


def _files(rng: random.Random) -> list[Revision]:
    models = [Model3D(name=f"Part {at:04}") for at in range(FILES)]
    write(Model3D, models)
    stored = [StoredFile(sha256=f"{at:064x}", size=1000, path=f"q/{at:x}") for at in range(FILES)]
    write(StoredFile, stored)
    revisions = [
        Revision(
            model=models[at], number=1, stored=stored[at], kind="gcode", original_name=f"part-{at}.gcode",
            status=Revision.Status.READY,
            metadata={"slicer": "OrcaSlicer", "nozzle_mm": [(0.4, 0.4, 0.4, 0.6)[at // 8 % 4]],
                      "printer_models": [MODELS[at % 8]], "abrasive": False},
        )
        for at in range(FILES)
    ]  # fmt: skip
    write(Revision, revisions)
    plates = []
    for at, revision in enumerate(revisions):
        names = rng.sample(MATERIALS, 2 if at % 10 == 0 else 1)
        uses = [
            {
                "index": n,
                "grams": rng.uniform(5, 300),
                "length_mm": 9000,
                "material": name,
                "color": "",
                "used": True,
            }
            for n, name in enumerate(names)
        ]
        box = {"min": [10, 10, 0], "max": [90 + at % 20, 100, 50]}
        plates.append(Plate(revision=revision, number=1, print_s=1800 + at * 13, filaments=uses, box=box))
    write(Plate, plates)
    return revisions


def _jobs(
    count: int, revisions: list[Revision], printers: list[Printer], people: list[User], rng: random.Random
) -> None:
    now, tag = timezone.now(), Tag.objects.get(name="hall")
    jobs = []
    for at in range(count):
        kind = rng.choice(["any"] * 8 + ["printer", "tag"])
        jobs.append(
            Job(
                name="Part", revision=revisions[at % FILES], copies=1, by=people[at % 20], target=kind,
                target_printer=printers[at % len(printers)] if kind == "printer" else None,
                target_tag=tag if kind == "tag" else None, priority=rng.choice((10, 20, 20, 20, 30)),
                due_at=now + timedelta(hours=rng.randint(2, 400)) if at % 5 == 0 else None,
                auto_start=True, position=at, estimate_s=1800 + at % FILES * 13, grams=Decimal(50),
            )
        )  # fmt: skip
    write(Job, jobs)
    write(Print, [Print(job=job, copy=1, estimate_s=job.estimate_s) for job in jobs])


def timed(name: str, act: Callable[[], object], times: int = 7) -> None:
    took, cpu = [], []
    for _n in range(times):
        begin, begin_cpu = time.perf_counter(), time.process_time()
        act()
        took.append((time.perf_counter() - begin) * 1000)
        cpu.append((time.process_time() - begin_cpu) * 1000)
    with CaptureQueriesContext(connection) as queries:
        act()
    print(
        f"| {name} | {min(took):.0f} | {statistics.median(took):.0f} | {statistics.median(cpu):.0f} "
        f"| {len(queries)} |",
        flush=True,
    )


def measure(org: Org) -> None:
    print("| what | best ms | median ms | our CPU ms | queries |\n|---|---|---|---|---|")
    begin = time.perf_counter()
    planning.match()
    took = (time.perf_counter() - begin) * 1000
    print(f"| first look, which writes every job's place and sentence | {took:.0f} | | | |", flush=True)
    look = foreseeing.Look()
    look.order()
    free, wishes = look._free(), [look._wish(one) for one in look.jobs if one.mask]

    def in_memory() -> None:
        classes = foreseeing.Classes(look.machines)
        for one in look.jobs:
            classes.able(one.needs)
        foresee(wishes, free, look.opening)

    timed("matching and one forecast in memory", in_memory)
    timed("a look at the whole queue, all in all", planning.match)
    first, last = _clear_one(org), "one plate was cleared: the start is planned"

    def one_event() -> None:
        with transaction.atomic(), mock.patch.object(dispatching, "send"):
            if planning.match(looks=False) != 1:
                raise SystemExit("nothing was planned")
            transaction.set_rollback(True)

    timed(last, one_event)
    Spool.objects.filter(slot__printer=first).update(used_g=1000)
    timed("the same, where the printer fits nothing in the queue", lambda: planning.match(looks=False))
    timed("nothing is free", _with_no_plate(first))


def _clear_one(org: Org) -> Printer:
    printer = Printer.objects.order_by("name")[7]
    Spool.objects.filter(slot__printer=printer).update(used_g=0)
    Station.objects.filter(pk=printer.pk).update(plate=PlateState.CLEAR)
    live.swap(org.pk, printer.pk, Status(MachineState.IDLE))
    return printer


def _with_no_plate(printer: Printer) -> Callable[[], object]:
    Station.objects.filter(pk=printer.pk).update(plate=PlateState.OCCUPIED)
    return lambda: planning.match(looks=False)


def main() -> None:
    org = create_org("Queue", slug="", time_zone="Europe/Berlin")
    org.auto_queue = True
    org.save()
    with tenant_context(org):
        fill(org, int(sys.argv[1]), int(sys.argv[2]))
        measure(org)


if __name__ == "__main__":
    main()
