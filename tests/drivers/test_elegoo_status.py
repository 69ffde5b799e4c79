"""An Elegoo's Status: which of its two numbers counts, and what is made of nonsense."""

import json
from typing import Any

import pytest

from printers.drivers.driver import DriverError, MachineState, Outcome, Trouble
from printers.drivers.elegoo import ElegooDriver
from printers.drivers.elegoo_errors import ERRORS, REASONS
from printers.drivers.elegoo_status import MACHINE, PRINT, status_of

M = MachineState


def told(codes: object, step: object = None, **info: object) -> dict[str, Any]:
    known = {"Status": step, "Filename": "k7f3q_part.gcode", "TaskId": "t-1", **info}
    return {
        "CurrentStatus": codes,
        "PrintInfo": {key: value for key, value in known.items() if value is not None},
    }


@pytest.mark.parametrize(
    ("step", "state", "outcome"),
    [
        (0, M.PREPARING, None), (1, M.PREPARING, None), (15, M.PREPARING, None), (16, M.PREPARING, None),
        (17, M.PREPARING, None), (18, M.PREPARING, None), (19, M.PREPARING, None), (20, M.PREPARING, None),
        (21, M.PREPARING, None), (22, M.PREPARING, None), (5, M.PAUSED, None), (6, M.PAUSED, None),
        (26, M.PAUSED, None), (8, M.FINISHED, Outcome.CANCELLED), (9, M.FINISHED, Outcome.COMPLETED),
        (10, M.PREPARING, None), (11, M.PREPARING, None), (12, M.PRINTING, None), (13, M.PRINTING, None),
        (14, M.ERROR, Outcome.FAILED), (25, M.ERROR, None), (23, M.BUSY, None), (24, M.BUSY, None),
        (7, M.BUSY, None), (99, M.UNKNOWN, None), (None, M.UNKNOWN, None),
    ],
)  # fmt: skip
def test_the_step_counts_while_the_machine_prints(
    step: int | None, state: MachineState, outcome: Outcome | None
) -> None:
    seen = status_of(told([1], step))

    assert (seen.state, seen.outcome) == (state, outcome)


@pytest.mark.parametrize("step", [1, 15, 16, 17, 18, 19, 20, 21, 22])
def test_a_step_before_the_print_is_printing_once_there_is_a_layer(step: int) -> None:
    assert status_of(told([1], step, CurrentLayer=0)).state is M.PREPARING
    assert status_of(told([1], step, CurrentLayer=1)).state is M.PRINTING


@pytest.mark.parametrize(
    ("step", "state", "outcome"),
    [
        (9, M.FINISHED, Outcome.COMPLETED), (8, M.FINISHED, Outcome.CANCELLED),
        (7, M.FINISHED, Outcome.CANCELLED), (14, M.FINISHED, Outcome.FAILED), (0, M.IDLE, None),
        (13, M.IDLE, None), (20, M.IDLE, None), (6, M.IDLE, None), (99, M.IDLE, None), (None, M.IDLE, None),
    ],
)  # fmt: skip
def test_of_an_idle_machine_only_an_end_is_believed(
    step: int | None, state: MachineState, outcome: Outcome | None
) -> None:
    seen = status_of(told([0], step))

    assert (seen.state, seen.outcome) == (state, outcome)


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        ([2], M.BUSY), ([0, 2], M.IDLE), ([2, 1], M.PRINTING), ([3], M.BUSY), ([4], M.BUSY), ([5], M.BUSY),
        ([6], M.BUSY), ([7], M.BUSY), ([8], M.PREPARING), ([2, 8], M.PREPARING), ([9], M.BUSY),
        ([10], M.BUSY), ([11], M.BUSY), ([12], M.BUSY), ([0, 5], M.BUSY), ([13], M.UNKNOWN),
        ([0, 77], M.UNKNOWN), ([], M.UNKNOWN), (["x"], M.UNKNOWN), ([None], M.UNKNOWN),
        ([[]], M.UNKNOWN), ("busy", M.UNKNOWN),
        ([-1], M.UNKNOWN), ([True], M.UNKNOWN), (0, M.IDLE), (["0"], M.IDLE), ({}, M.UNKNOWN),
    ],
)  # fmt: skip
def test_what_the_machine_does_decides(codes: object, state: MachineState) -> None:
    assert status_of(told(codes, 13)).state is state


def test_the_numbers_of_older_tables_are_not_those_of_the_centauri() -> None:
    # In them CurrentStatus 7 and 8 are stopping and stopped, PrintInfo 3 prints, 10 is paused, 8 and 9 begin.
    assert status_of(told([8], 0)).outcome is None
    assert status_of(told([7], 0)).state is M.BUSY
    assert status_of(told([1], 3)).state is M.UNKNOWN
    assert status_of(told([1], 10)).state is M.PREPARING
    assert 13 not in MACHINE
    assert not {2, 3, 4} & set(PRINT)


def test_an_unknown_state_is_told_as_a_fault() -> None:
    assert status_of(told([99], 13)).faults[0].code == "unknown state"


@pytest.mark.parametrize("missing", [{}, {"CurrentStatus": None}, {"PrintInfo": {"Status": 13}}])
def test_a_report_without_the_machines_state_is_no_status(missing: dict[str, Any]) -> None:
    with pytest.raises(DriverError) as caught:
        status_of(missing)

    assert caught.value.trouble is Trouble.NONSENSE


@pytest.mark.parametrize(
    ("report", "is_sure"),
    [
        (told([1], 9, Progress=0), False),  # ours begins beside the step of the print before
        (told([0], 9, Progress=0, CurrentLayer=0), False),
        (told([0], 9, Progress=100), True),
        (told([0], 9), True),
        (told([0], 8, Progress=0, CurrentLayer=0), False),
        (told([0], 8, Progress=7), True),
        (told([1], 20), True),
        (told([1], 13), True),
    ],
)
def test_an_end_counts_for_a_new_print_only_where_it_can_be_its_own(
    report: dict[str, Any], is_sure: bool
) -> None:
    assert status_of(report).seen_moving is is_sure


def test_times_are_seconds() -> None:
    seen = status_of(told([1], 13, CurrentTicks=146.478, TotalTicks=5071))

    assert (seen.elapsed_s, seen.remaining_s) == (146, 4924)
    assert status_of(told([1], 13, CurrentTicks=7000, TotalTicks=5071)).remaining_s == 0


def test_a_print_is_known_by_its_task_and_its_file() -> None:
    assert status_of(told([1], 13)).job_key == "t-1:k7f3q_part.gcode"
    assert status_of(told([1], 13, Filename="/local/k7f3q_part.gcode")).file == "k7f3q_part.gcode"
    assert status_of(told([0], 0, Filename="", TaskId="")).job_key == ""
    assert not ElegooDriver.is_unique(status_of(told([1], 13, TaskId="")).job_key)


def test_errors_and_reasons_are_told_in_words() -> None:
    for number in (*ERRORS, 4711):
        assert status_of(told([0], 0, ErrorNumber=number)).faults[0].text.endswith(".")
    for number in (*REASONS, 4711):
        assert status_of(told([1], 6), number).faults[0].text.endswith(".")
    assert status_of(told([0], 0, ErrorNumber=0)).faults == ()
    assert status_of(told([1], 14)).faults


NONSENSE = [None, [], {}, "x", "", True, -1, 1e308, float("nan"), float("inf"), "9" * 5000, [[[]]], {"a": {}}]


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:12])
def test_nonsense_in_any_field_spoils_that_field_only(value: object) -> None:
    whole = {
        **told([1], 13, CurrentLayer=5, TotalLayer=10, Progress=50, CurrentTicks=1, TotalTicks=2),
        "TempOfNozzle": 200, "TempTargetNozzle": 200, "TempOfHotbed": 60, "TempOfBox": 30,
        "CurrentFanSpeed": {"ModelFan": 10}, "CurrenCoord": "1,2,3", "ZOffset": 0, "LightStatus": {},
    }  # fmt: skip
    for field in whole.keys() - {"CurrentStatus"}:
        seen = status_of({**whole, field: value})
        assert seen.state in (M.PRINTING, M.UNKNOWN)
        json.dumps([seen.progress, seen.layer, seen.fans], allow_nan=False)
    for field in whole["PrintInfo"].keys() - {"Status"}:
        seen = status_of({**whole, "PrintInfo": {**whole["PrintInfo"], field: value}})
        assert seen.state is M.PRINTING
        assert seen.progress is None or 0 <= seen.progress <= 1
