"""What is told of each comparison of a file with a printer."""

from dataclasses import replace

from jobs.comparing import FILE_SIDE, LABELS, PRINTER_SIDE, compared
from jobs.gates import FIT, fit
from tests.jobs.test_gates import MACHINE, NEEDS

ORIGINS = {
    "nozzle_mm": "Metadata/project_settings.config: nozzle_diameter",
    "box": "moves",
    "printer_models": "tail: printer_model",
    "leaves_bed": "Metadata/slice_info.config: outside",
}


def checks(needs, machine=MACHINE, origins=ORIGINS):
    return {check.name: check for check in compared(fit(needs, machine), needs, machine, origins)}


def test_every_gate_of_file_and_printer_is_told():
    names = {gate.name for gate in fit(NEEDS, MACHINE)} - {"target"}

    assert names == set(LABELS) == set(FILE_SIDE) == set(PRINTER_SIDE)
    assert len(FIT) == len(names) + 1


def test_a_failure_names_both_sides_and_the_member_that_said_so():
    check = checks(replace(NEEDS, nozzles_mm=(0.6,)))["nozzle"]

    assert (check.verdict, check.file, check.printer) == ("fail", "0.6 mm", "0.4 mm")
    assert check.origin == "Metadata/project_settings.config: nozzle_diameter"
    assert "0.6" in check.text


def test_what_the_file_does_not_say_is_empty_and_unknown():
    check = checks(replace(NEEDS, nozzles_mm=()), origins={})["nozzle"]

    assert (check.verdict, check.file, check.origin) == ("unknown", "", "")


def test_room_is_told_from_the_moves():
    check = checks(NEEDS)["bed"]

    assert (check.file, check.printer) == ("X 10.0–120.0, Y 10.0–120.0, Z to 50.0 mm", "250 × 250 × 230 mm")
    assert check.origin == "moves"


def test_the_slicers_own_finding_is_named_as_such():
    assert checks(replace(NEEDS, leaves_bed=True))["bed"].origin == ORIGINS["leaves_bed"]


def test_failures_come_first_and_passes_last():
    needs = replace(NEEDS, nozzles_mm=(), models=("Creality Ender-3 V2",))

    found = [check.verdict for check in compared(fit(needs, MACHINE), needs, MACHINE, ORIGINS)]

    assert found == sorted(found, key=["fail", "unknown", "pass"].index)
    assert found[:2] == ["fail", "unknown"]
