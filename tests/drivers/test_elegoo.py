"""Traps of SDCP: few clients, idle sockets, starts, sticky steps, and who answers."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from printers.drivers import elegoo, elegoo_linger
from printers.drivers.driver import DriverError, MachineState, Outcome, StartOrder, StartRefused, Trouble
from printers.drivers.elegoo import ElegooDriver
from printers.drivers.elegoo_errors import REFUSALS
from simulator import elegoo as simulated
from simulator.elegoo import ElegooFront
from tests.drivers.rig import PolledRig, endpoint_of

KNOWN_COMMANDS = {0, 1, 128, 129, 130, 131, 255, 258, 259, 320, 321, 403}


@pytest.fixture
def centauri(rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of("centauri-carbon")


def front_of(rig: PolledRig) -> ElegooFront:
    assert isinstance(rig.printer.front, ElegooFront)
    return rig.printer.front


def until(wanted: Callable[[], Any], patience_s: float = 5.0) -> None:
    end = time.monotonic() + patience_s
    while not wanted():
        assert time.monotonic() < end, "never came"
        time.sleep(0.01)


def started(rig: PolledRig) -> None:
    rig.upload()
    rig.start(rig.order)


def tell(monkeypatch: pytest.MonkeyPatch, **other: object) -> None:
    """Have the simulated printer say something else of itself."""
    known = simulated.attributes
    monkeypatch.setattr(simulated, "attributes", lambda machine, host: {**known(machine, host), **other})


def test_all_polls_share_one_connection(centauri: PolledRig) -> None:
    for _ in range(5):
        centauri.status()

    assert front_of(centauri).opened == 1


def test_a_connection_that_nobody_uses_is_closed_with_a_goodbye(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elegoo_linger, "LINGER_S", 0.1)
    centauri.status()

    until(lambda: not front_of(centauri).peers)

    assert front_of(centauri).goodbyes == 1
    assert centauri.status().state is MachineState.IDLE


def test_many_processes_that_take_turns_keep_places_free(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As LINGER_S to the two seconds between polls; shorter, and a busy machine closes too late.
    monkeypatch.setattr(elegoo_linger, "LINGER_S", 1.2)
    drivers = [ElegooDriver(centauri.driver.endpoint) for _ in range(6)]

    for turn in range(12):
        drivers[turn % 6].status()
        time.sleep(0.6)

    assert front_of(centauri).most_seen <= 3
    for driver in drivers:
        driver.close()
    until(lambda: not front_of(centauri).peers)


def test_every_connection_is_closed_after_start_upload_and_command(centauri: PolledRig) -> None:
    started(centauri)
    centauri.driver.cancel()
    centauri.driver.close()

    until(lambda: not front_of(centauri).peers)
    assert front_of(centauri).most_seen == 1
    assert front_of(centauri).goodbyes == front_of(centauri).opened


def test_a_connection_the_printer_dropped_for_being_idle_is_opened_anew(centauri: PolledRig) -> None:
    front_of(centauri).idle_s = 0.1
    centauri.status()
    until(lambda: not front_of(centauri).peers)

    assert centauri.status().state is MachineState.IDLE
    assert front_of(centauri).opened == 2


def test_a_printer_with_too_many_clients_says_so(centauri: PolledRig) -> None:
    front_of(centauri).most_clients = 0

    for call in (centauri.driver.probe, centauri.status):
        with pytest.raises(DriverError, match="about four programs") as caught:
            call()
        assert caught.value.trouble is Trouble.NOT_READY
    with pytest.raises(StartRefused):
        centauri.start(centauri.order)


def test_a_status_is_never_one_that_was_told_before_it_was_asked_for(centauri: PolledRig) -> None:
    centauri.status()
    # Reports that say idle now lie in the socket.
    time.sleep(0.3)
    machine = centauri.printer.machine
    machine.changed = lambda: None

    centauri.printer.act("print-by-hand")

    assert centauri.status().state is MachineState.PREPARING


@pytest.mark.parametrize("ack", [1, *REFUSALS])
def test_an_ack_of_the_table_is_an_unmistakable_no(centauri: PolledRig, ack: int) -> None:
    centauri.upload()
    front_of(centauri)._commands[128] = lambda data: {"Ack": ack}

    with pytest.raises(StartRefused, match=r"\.$"):
        centauri.start(centauri.order)


@pytest.mark.parametrize("ack", [8, -1, "no", None])
def test_an_ack_of_no_table_leaves_the_start_open(centauri: PolledRig, ack: object) -> None:
    centauri.upload()
    front_of(centauri)._commands[128] = lambda data: {"Ack": ack}

    with pytest.raises(DriverError) as caught:
        centauri.start(centauri.order)

    assert not isinstance(caught.value, StartRefused)


def test_a_printer_that_prints_answers_a_start_as_busy(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    centauri.upload()
    centauri.printer.act("print-by-hand")
    monkeypatch.setattr(ElegooDriver, "_refuse_unless_free", lambda self: None)

    with pytest.raises(StartRefused, match="busy"):
        centauri.start(centauri.order)

    assert [start.by_hand for start in centauri.printer.starts] == [True]


@pytest.mark.parametrize(("fault", "begun"), [("drop_next", 0), ("cut_next", 1)])
def test_a_start_whose_answer_is_lost_stays_open_and_is_not_sent_again(
    centauri: PolledRig, fault: str, begun: int
) -> None:
    centauri.upload()
    centauri.printer.fault(**{fault: 1})

    with pytest.raises(DriverError) as caught:
        centauri.start(centauri.order)

    assert not isinstance(caught.value, StartRefused)
    assert len(centauri.printer.starts) == begun
    assert [cmd for cmd, _data in front_of(centauri).received].count(128) == 1


def test_a_start_that_is_never_answered_stays_open(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    centauri.upload()
    monkeypatch.setattr(elegoo, "START_S", 0.2)
    front_of(centauri)._commands[128] = lambda data: None

    with pytest.raises(DriverError) as caught:
        centauri.start(centauri.order)

    assert not isinstance(caught.value, StartRefused)


def test_a_start_of_an_unreachable_printer_is_refused_since_nothing_was_sent(centauri: PolledRig) -> None:
    centauri.printer.act("offline")

    with pytest.raises(StartRefused) as caught:
        centauri.start(centauri.order)

    assert caught.value.trouble is Trouble.UNREACHABLE


def test_a_start_that_comes_too_late_is_not_sent(centauri: PolledRig) -> None:
    centauri.upload()

    with pytest.raises(StartRefused):
        centauri.start(replace(centauri.order, write_by=time.monotonic() - 1))

    assert 128 not in [cmd for cmd, _data in front_of(centauri).received]


def test_the_start_names_the_file_as_the_protocol_wants_it(centauri: PolledRig) -> None:
    started(centauri)

    sent = next(data for cmd, data in front_of(centauri).received if cmd == 128)
    assert sent == {
        "Filename": "/local/k7f3q_part.gcode", "StartLayer": 0, "Calibration_switch": 0,
        "PrintPlatformType": 0, "Tlp_Switch": 0, "slot_map": [],
    }  # fmt: skip


def test_another_kind_of_file_is_not_started(centauri: PolledRig) -> None:
    with pytest.raises(DriverError):
        centauri.start(StartOrder("part.gcode.3mf", "1"))


def test_a_print_that_rests_at_preheated_is_printing(centauri: PolledRig) -> None:
    front_of(centauri).rests_at_20 = True
    started(centauri)

    seen = centauri.until(lambda status: status.layer)

    assert (seen.state, seen.raw_state) == (MachineState.PRINTING, "1/20")


def test_the_step_of_the_print_before_is_not_taken_for_the_end_of_ours(centauri: PolledRig) -> None:
    front_of(centauri).stale_step = 9
    started(centauri)

    beside = centauri.status()
    front_of(centauri).stale_step = None
    seen = centauri.status()

    assert (beside.file, beside.seen_moving) == (centauri.remote_name, False)
    assert (seen.state, seen.seen_moving) == (MachineState.PREPARING, True)


def test_two_prints_of_one_file_have_two_keys(centauri: PolledRig) -> None:
    started(centauri)
    centauri.printer.act("finish-now")
    first = centauri.until_state(MachineState.FINISHED)

    centauri.printer.act("print-by-hand", name=centauri.remote_name)
    second = centauri.status()

    assert (second.file, second.job_key == first.job_key) == (first.file, False)


def test_a_runout_is_told_by_the_history_and_asked_for_a_few_times_only(centauri: PolledRig) -> None:
    started(centauri)
    centauri.driver.pause()
    for _ in range(10):
        assert centauri.status().faults == ()

    assert [cmd for cmd, _data in front_of(centauri).received].count(321) == 5
    centauri.driver.resume()
    centauri.status()
    centauri.printer.act("runout")
    assert centauri.status().faults[0].text == "The filament has run out."


@pytest.mark.parametrize(
    ("verb", "outcome"),
    [("finish-now", Outcome.COMPLETED), ("cancel-by-hand", Outcome.CANCELLED), ("error", Outcome.FAILED)],
)
def test_how_a_print_ended_is_known_from_the_history(
    centauri: PolledRig, verb: str, outcome: Outcome
) -> None:
    started(centauri)
    centauri.printer.act(verb)
    centauri.until(lambda status: status.outcome)
    centauri.printer.act("reboot")

    assert centauri.status().state is MachineState.IDLE
    assert centauri.driver.outcome_of(centauri.remote_name) is outcome
    assert centauri.driver.outcome_of("never.gcode") is None


def test_an_older_print_is_found_in_a_long_history(centauri: PolledRig) -> None:
    started(centauri)
    for number in range(45):
        centauri.printer.act("cancel-by-hand")
        centauri.printer.act("print-by-hand", name=f"other-{number}.gcode")

    assert centauri.driver.outcome_of(centauri.remote_name) is Outcome.CANCELLED
    centauri.printer.fault(no_history=True)
    assert centauri.driver.outcome_of(centauri.remote_name) is None


def test_the_stop_cancels_and_switches_the_heaters_off(centauri: PolledRig) -> None:
    started(centauri)

    centauri.driver.stop()

    assert centauri.until_state(MachineState.FINISHED).outcome is Outcome.CANCELLED
    assert (403, {"TempTargetNozzle": 0, "TempTargetHotbed": 0}) in front_of(centauri).received
    assert "no emergency stop" in centauri.driver.stop_words


def test_a_stop_of_a_printer_that_does_not_cancel_is_told(centauri: PolledRig) -> None:
    centauri.driver.stop()
    started(centauri)
    front_of(centauri)._commands[130] = lambda data: {"Ack": 1}

    with pytest.raises(DriverError, match="switch it off"):
        centauri.driver.stop()

    assert front_of(centauri).received.count((403, {"TempTargetNozzle": 0, "TempTargetHotbed": 0})) == 2


def test_what_nobody_can_do_over_the_network_says_where_to_do_it(centauri: PolledRig) -> None:
    centauri.driver.clear_errors()
    with pytest.raises(DriverError):
        centauri.driver.pause()
    centauri.printer.act("error")

    with pytest.raises(DriverError, match="screen"):
        centauri.driver.clear_errors()


def test_no_command_is_ever_sent_that_the_protocol_does_not_know(centauri: PolledRig) -> None:
    started(centauri)
    for act in (centauri.driver.pause, centauri.driver.resume, centauri.driver.stop):
        act()
    centauri.driver.outcome_of(centauri.remote_name)
    centauri.driver.remove(centauri.remote_name)

    assert {cmd for cmd, _data in front_of(centauri).received} <= KNOWN_COMMANDS


@pytest.mark.parametrize(
    "told",
    [{"SupportFileType": ["CTB"]}, {"MachineName": "Saturn 4 Ultra", "SupportFileType": []},
     {"ProtocolVersion": "V1.0.0"}],
)  # fmt: skip
def test_a_resin_printer_or_another_version_is_refused(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]
) -> None:
    tell(monkeypatch, **told)

    for call in (centauri.driver.probe, centauri.status, centauri.upload):
        with pytest.raises(DriverError, match="resin|version 3") as caught:
            call()
        assert caught.value.trouble is Trouble.WRONG_PROTOCOL
    with pytest.raises(StartRefused):
        centauri.start(centauri.order)


def test_another_printer_at_the_address_is_noticed(centauri: PolledRig) -> None:
    stranger = ElegooDriver(endpoint_of(centauri.printer, serial="0" * 31 + "1"))

    with pytest.raises(DriverError, match=centauri.printer.serial) as caught:
        stranger.status()

    assert caught.value.trouble is Trouble.WRONG_SERIAL
    assert ElegooDriver(endpoint_of(centauri.printer, serial=centauri.printer.serial.upper())).status().full


def test_a_board_without_an_id_of_its_own_identifies_nothing(
    centauri: PolledRig,
) -> None:
    centauri.printer.machine.serial = "ffffffff"

    found = centauri.driver.probe()

    assert (found.machine_key, found.serial, found.bed_mm) == ("", "", None)


def test_an_address_with_tls_is_told_to_be_none(centauri: PolledRig) -> None:
    with pytest.raises(DriverError, match="https") as caught:
        ElegooDriver(endpoint_of(centauri.printer, tls=True)).probe()

    assert caught.value.trouble is Trouble.WRONG_PROTOCOL
