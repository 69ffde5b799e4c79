import pytest

from printers.drivers.driver import Fault, MachineState, Outcome, Status
from printers.states import ORDER, PrinterState, order_of, shown

M, S = MachineState, PrinterState
WELL = {"enabled": True, "out_of_service": False, "plate": "clear", "fresh": True}
STUCK = (Fault("0300", "The nozzle is cold."),)
NOTICE = (Fault("0C00", "Clean the lens.", "warning"),)


@pytest.mark.parametrize(
    ("status", "more", "expected"),
    [
        (None, {}, S.UNKNOWN),
        (Status(M.IDLE), {}, S.READY),
        (Status(M.IDLE), {"plate": "occupied"}, S.NEEDS_YOU),
        (Status(M.IDLE), {"plate": "unknown"}, S.NEEDS_YOU),
        (Status(M.FINISHED, Outcome.COMPLETED), {"plate": "occupied"}, S.NEEDS_YOU),
        (Status(M.FINISHED, Outcome.COMPLETED), {}, S.READY),
        (Status(M.PREPARING), {"plate": "occupied"}, S.PREPARING),
        (Status(M.PRINTING), {"plate": "occupied"}, S.PRINTING),
        (Status(M.PAUSED), {"plate": "occupied"}, S.PAUSED),
        (Status(M.PAUSED, faults=STUCK), {"plate": "occupied"}, S.NEEDS_YOU),
        (Status(M.PAUSED, faults=NOTICE), {}, S.NEEDS_YOU),
        (Status(M.PRINTING, faults=NOTICE), {}, S.PRINTING),
        (Status(M.BUSY), {}, S.PREPARING),
        (Status(M.ERROR), {}, S.NEEDS_YOU),
        (Status(M.UNKNOWN), {}, S.UNKNOWN),
        (Status(M.IDLE, full=False), {}, S.UNKNOWN),
        (Status(M.OFFLINE), {}, S.OFFLINE),
        (Status(M.PRINTING), {"fresh": False}, S.OFFLINE),
        (Status(M.PRINTING), {"needs_person": True}, S.NEEDS_YOU),
        (Status(M.IDLE), {"plate": "occupied", "held": True}, S.PREPARING),
        (Status(M.PRINTING), {"plate": "occupied", "held": True}, S.PRINTING),
        (Status(M.ERROR), {"held": True}, S.NEEDS_YOU),
        (None, {"enabled": False}, S.OUT_OF_SERVICE),
        (Status(M.ERROR), {"out_of_service": True}, S.OUT_OF_SERVICE),
    ],
)
def test_the_state_shown_follows_from_machine_plate_and_people(status, more, expected):
    assert shown(status, **{**WELL, **more}) is expected


def test_every_machine_state_can_be_shown():
    for state in MachineState:
        assert shown(Status(state), **WELL) in PrinterState


def test_what_needs_you_stands_first_and_every_state_has_a_place():
    assert sorted(PrinterState, key=order_of)[0] is S.NEEDS_YOU
    assert set(ORDER) == set(PrinterState)
