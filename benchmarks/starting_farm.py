"""The farm whose starts are measured: simulated printers, files for them and a job for each. Needs Django."""

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import File  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from accounts.models import User  # noqa: E402
from demo.farm import KINDS  # noqa: E402
from demo.sliced import gcode_3mf_file, gcode_file  # noqa: E402
from inventory.models import Filament, Spool  # noqa: E402
from jobs.submitting import Order, submit  # noqa: E402
from models3d.library import add_model  # noqa: E402
from models3d.models import Revision  # noqa: E402
from orgs import tokens  # noqa: E402
from orgs.creating import add_member, create_org  # noqa: E402
from orgs.models import Org, SetUp  # noqa: E402
from orgs.roles import Role, scopes_of  # noqa: E402
from printers.adding import add  # noqa: E402
from printers.models import Printer  # noqa: E402
from stations.models import Dispatch, DispatchState  # noqa: E402

BAMBU_IDS = {"P1S": "C12"}


def make(config: Path) -> dict[str, str]:
    """An organisation with the printers of the simulator's `config`, switched on; how to get in."""
    SetUp.objects.get_or_create(only=True)
    org = create_org("Starts", slug="starts")
    by = User.objects.create_user("starts@bench.test", "Correct7horse", name="Operator")
    add_member(org, by, Role.ADMIN)
    Org.objects.filter(pk=org.pk).update(auto_queue=True)
    with tenant_context(org):
        filament = Filament.objects.create(material="PLA", color="#FF8000")
        for spec in json.loads(config.read_text())["printers"]:
            _printer(spec, filament)
        _, token = tokens.issue(by, org, "bench", scopes_of(Role.ADMIN))
        return {"slug": "starts", "token": token}


def _printer(spec: dict[str, object], filament: Filament) -> None:
    kind = KINDS["Voron" if spec["profile"] == KINDS["Voron"].profile else "P1S"]
    x, y, z = kind.bed_mm
    printer = add(
        Printer(
            name=str(spec["name"]), protocol=kind.protocol, model=kind.model, address=str(spec["host"]),
            port=kind.port, file_port=kind.file_port, serial=str(spec["serial"]), bed_x_mm=x, bed_y_mm=y,
            bed_z_mm=z, nozzle_mm=0.4, auto_queue=True,
        ),
        secret=str(spec["secret"]), slots=kind.slots,
    )  # fmt: skip
    Spool.objects.create(filament=filament, initial_g=1000, cost=20, slot=printer.slots.get(index=0))


def queue(jobs: int) -> None:
    """For each kind of printer a file of its own and `jobs` jobs, to start by themselves."""
    org = Org.objects.get(slug="starts")
    with tenant_context(org):
        by = User.objects.get(email="starts@bench.test")
        for name in ("Voron", "P1S"):
            revision = _file(name, by)
            for _ in range(jobs):
                submit(Order(revision=revision, auto_start=True), by)


def _file(name: str, by: User) -> Revision:
    kind = KINDS[name]
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("part.gcode.3mf" if kind.protocol == "bambu" else "part.gcode")
        said = {
            "printer_model": kind.model, "bed_mm": kind.bed_mm, "nozzle_mm": 0.4, "material": "PLA",
            "color": "#FF8000", "size_mm": (30, 30, 10), "minutes": 30, "grams": 5, "title": f"Part {name}",
        }  # fmt: skip
        if kind.protocol == "bambu":
            gcode_3mf_file(path, printer_model_id=BAMBU_IDS[name], **said)  # type: ignore[arg-type]
        else:
            gcode_file(path, slicer="OrcaSlicer", **said)  # type: ignore[arg-type]
        with path.open("rb") as file:
            model = add_model(File(file, path.name), by=by)
    revision = Revision.objects.get(model=model)
    ends = time.monotonic() + 60
    while revision.status == Revision.Status.READING and time.monotonic() < ends:
        time.sleep(0.5)  # the worker reads it
        revision.refresh_from_db()
    if revision.status != Revision.Status.READY:
        sys.exit(f"The file for {name} is not read: {revision.problem}")
    return revision


def sent() -> int:
    """How many files are on their printers."""
    return Dispatch.objects.filter(org__slug="starts", state=DispatchState.STAGED).count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["make", "queue", "sent"])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--jobs", type=int, default=50, help="for each kind of printer")
    wishes = parser.parse_args()
    if wishes.what == "make":
        settings.ODIN_HOME.mkdir(parents=True, exist_ok=True)
        print(json.dumps(make(wishes.config)))
    elif wishes.what == "sent":
        print(sent())
    else:
        queue(wishes.jobs)


if __name__ == "__main__":
    main()
