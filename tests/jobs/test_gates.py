"""May this be printed on that machine, now? Each gate as a table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jobs.gates import HARD_FIT, Machine, Moment, Needs, Verdict, blocking, fit, ready, verdict_of
from jobs.loading import FilamentNeed, LoadedSlot
from models3d.formats.metadata import Box
from printers.drivers.driver import MachineState

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SPOOL = UUID(int=7)
NEEDS = Needs(
    kind="gcode", models=("Voron 2.4 250",), nozzles_mm=(0.4,), box=Box((10, 10, 0), (120, 120, 50)),
    abrasive=False,
    filaments=(FilamentNeed(0, "PLA", 100.0, "#FF8000"),),
)  # fmt: skip
MACHINE = Machine(
    id=UUID(int=1), name="Voron 1", model="Voron 2.4 250", formats=frozenset({"gcode"}),
    bed_mm=(250, 250, 230), nozzle_mm=0.4, hardened=False, tags=frozenset({UUID(int=5)}),
    slots=(LoadedSlot(0, "PLA", "#FF8000", SPOOL, 500.0),),
    usable=True, plate="clear", held=False, auto_queue=True, state=MachineState.IDLE,
)  # fmt: skip
MOMENT = Moment(NOW, automatic=True, org_auto=True, job_auto=True)
PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


def verdict(gates, name):
    return next(gate.verdict for gate in gates if gate.name == name)


def test_everything_right_passes_every_gate():
    assert blocking([*fit(NEEDS, MACHINE), *ready(MACHINE, MOMENT)]) == []


@pytest.mark.parametrize(
    ("gate", "needs", "said"),
    [
        ("kind", {"kind": "gcode.3mf"}, FAIL),
        ("model", {"models": ("Creality Ender-3 V2",)}, FAIL),
        ("model", {"models": ()}, UNKNOWN),
        ("model", {"models": ("Somebody's own machine",)}, UNKNOWN),
        ("bed", {"box": None}, UNKNOWN),
        ("bed", {"box": Box((10, 10, 0), (250.4, 120, 50))}, PASS),
        ("bed", {"box": Box((10, 10, 0), (250.6, 120, 50))}, FAIL),
        ("bed", {"box": Box((-0.6, 10, 0), (120, 120, 50))}, FAIL),
        ("bed", {"box": Box((10, 10, 0), (120, 120, 230.6))}, FAIL),
        ("bed", {"box": Box((10, 10, 0), (300, 120, 50)), "box_estimated": True}, UNKNOWN),
        ("bed", {"leaves_bed": True}, FAIL),
        ("nozzle", {"nozzles_mm": ()}, UNKNOWN),
        ("nozzle", {"nozzles_mm": (0.4, 0.6)}, FAIL),
        ("nozzle", {"nozzles_mm": (0.405,)}, PASS),
        ("abrasive", {"abrasive": True}, FAIL),
        ("abrasive", {"abrasive": None}, PASS),
        ("abrasive", {"abrasive": None, "filaments": (FilamentNeed(0, "", 10),)}, UNKNOWN),
        ("abrasive", {"abrasive": None, "filaments": ()}, UNKNOWN),
        ("abrasive", {"abrasive": False, "filaments": ()}, PASS),
        ("abrasive", {"filaments": (FilamentNeed(0, "PLA-CF", 10),)}, FAIL),
        ("material", {"filaments": (FilamentNeed(0, "PETG", 10),)}, FAIL),
        ("material", {"filaments": (FilamentNeed(0, "PLA+", 10),)}, PASS),
        ("material", {"filaments": (FilamentNeed(0, "", 10),)}, UNKNOWN),
        ("material", {"filaments": ()}, UNKNOWN),
        ("material", {"filaments": (FilamentNeed(0, "PLA", 10, wished_color="#0000FF"),)}, FAIL),
        ("material", {"filaments": (FilamentNeed(0, "PLA", 10, color="#0000FF"),)}, PASS),
        ("material", {"filaments": (FilamentNeed(0, "PLA", 10, spool_id=UUID(int=8)),)}, FAIL),
        ("enough", {"filaments": (FilamentNeed(0, "PLA", 476.0),)}, PASS),
        ("enough", {"filaments": (FilamentNeed(0, "PLA", 476.5),)}, FAIL),
        ("target", {"printer_id": UUID(int=2)}, FAIL),
        ("target", {"tag_id": UUID(int=5)}, PASS),
        ("target", {"tag_id": UUID(int=6)}, FAIL),
        ("target", {"model": "voron 2.4 250"}, PASS),
        ("target", {"model": "Bambu Lab P1S"}, FAIL),
    ],
)
def test_what_the_file_needs(gate, needs, said):
    assert verdict(fit(replace(NEEDS, **needs), MACHINE), gate) is said


@pytest.mark.parametrize(
    ("gate", "machine", "said"),
    [
        ("model", {"model": ""}, UNKNOWN),
        ("bed", {"bed_mm": None}, UNKNOWN),
        ("nozzle", {"nozzle_mm": None}, UNKNOWN),
        ("material", {"slots": ()}, UNKNOWN),
        ("material", {"slots": (LoadedSlot(0),)}, UNKNOWN),
        ("enough", {"slots": (LoadedSlot(0, "PLA"),)}, UNKNOWN),
        ("usable", {"usable": False}, FAIL),
        ("plate", {"plate": "occupied"}, FAIL),
        ("plate", {"plate": "unknown"}, FAIL),
        ("free", {"state": MachineState.FINISHED}, PASS),
        ("free", {"state": MachineState.PRINTING}, FAIL),
        ("free", {"state": MachineState.UNKNOWN}, FAIL),
        ("free", {"state": MachineState.OFFLINE}, FAIL),
        ("free", {"held": True}, FAIL),
        ("faults", {"faults": ("AMS jam",)}, FAIL),
        ("switches", {"auto_queue": False}, FAIL),
    ],
)
def test_what_the_machine_is(gate, machine, said):
    changed = replace(MACHINE, **machine)

    assert verdict([*fit(NEEDS, changed), *ready(changed, MOMENT)], gate) is said


@pytest.mark.parametrize("switch", ["org_auto", "job_auto"])
def test_each_switch_alone_stops_an_automatic_start(switch):
    assert verdict(ready(MACHINE, replace(MOMENT, **{switch: False})), "switches") is FAIL


def test_a_person_needs_no_switches():
    off = replace(MOMENT, automatic=False, org_auto=False, job_auto=False)

    assert verdict(ready(replace(MACHINE, auto_queue=False), off), "switches") is PASS


def test_not_before_its_time():
    assert (
        verdict(ready(MACHINE, replace(MOMENT, not_before=NOW + timedelta(seconds=1))), "not_before") is FAIL
    )
    assert verdict(ready(MACHINE, replace(MOMENT, not_before=NOW)), "not_before") is PASS


def test_unknown_blocks_like_a_failure():
    assert [gate.name for gate in blocking(fit(replace(NEEDS, nozzles_mm=()), MACHINE))] == ["nozzle"]


def test_a_reason_overrides_doubts_but_not_danger():
    worst = replace(MACHINE, plate="unknown", usable=False, state=MachineState.PRINTING, nozzle_mm=None)
    gates = [*fit(replace(NEEDS, kind="bgcode"), worst), *ready(worst, MOMENT)]

    assert {gate.name for gate in blocking(gates, overridden=True)} == {"kind", "plate", "usable", "free"}


def test_the_corner_a_bambu_keeps_free_is_refused():
    p1s = replace(MACHINE, model="Bambu Lab P1S", bed_mm=(256, 256, 250))
    needs = replace(NEEDS, models=("Bambu Lab P1S",))

    assert verdict(fit(replace(needs, box=Box((5, 5, 0), (50, 50, 5))), p1s), "bed") is FAIL
    assert verdict(fit(replace(needs, box=Box((20, 30, 0), (50, 50, 5))), p1s), "bed") is PASS


def test_bambu_machines_of_one_family_take_each_others_files():
    p1s = replace(MACHINE, model="Bambu Lab P1S", formats=frozenset({"gcode.3mf"}))

    assert verdict(fit(replace(NEEDS, models=("Bambu Lab X1 Carbon",)), p1s), "model") is PASS
    assert verdict(fit(replace(NEEDS, models=("Bambu Lab A1 mini",)), p1s), "model") is FAIL


def test_failure_outweighs_unknown():
    gates = fit(replace(NEEDS, nozzles_mm=(), kind="stl"), MACHINE)

    assert verdict_of(gates) is FAIL
    assert {gate.name for gate in gates} >= HARD_FIT


@pytest.mark.parametrize("gate", ["kind", "model", "bed", "nozzle", "material", "enough"])
def test_every_failure_says_why(gate):
    needs = Needs(
        kind="stl", models=("Creality Ender-3 V2",), nozzles_mm=(0.6,), box=Box((0, 0, 0), (900, 1, 1)),
        filaments=(FilamentNeed(0, "PLA" if gate == "enough" else "PETG", 9000),),
    )  # fmt: skip

    assert next(found for found in fit(needs, MACHINE) if found.name == gate).text
