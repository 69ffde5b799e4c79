"""Traps of OctoPrint: no job ids, no word for cancelled, late histories, keys, and a dead cable."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from printers.drivers.driver import DriverError, MachineState, Outcome, StartOrder, StartRefused, Trouble
from printers.drivers.octoprint import OctoPrintDriver
from simulator import octoprint_answers as answers
from simulator.octoprint import OctoPrintFront
from simulator.printer import Machine
from tests.drivers.rig import PolledRig, endpoint_of, make_gcode, sha256

M = MachineState


@pytest.fixture
def octo(rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of("ender-3-v2")


def front_of(rig: PolledRig) -> OctoPrintFront:
    assert isinstance(rig.printer.front, OctoPrintFront)
    return rig.printer.front


def another(rig: PolledRig) -> OctoPrintDriver:
    """A driver that has seen nothing yet, as in another process."""
    return OctoPrintDriver(rig.driver.endpoint)


def started(rig: PolledRig) -> None:
    rig.upload()
    rig.start(rig.order)


def finished(rig: PolledRig) -> None:
    started(rig)
    rig.printer.act("finish-now")
    rig.until_state(M.FINISHED)


def test_a_poll_of_an_unchanged_printer_is_two_requests(octo: PolledRig) -> None:
    finished(octo)
    octo.status()
    before = front_of(octo).requests

    for _ in range(5):
        octo.status()

    assert front_of(octo).requests - before == 10


def test_an_upload_of_a_large_file_is_in_pieces(octo: PolledRig, tmp_path: Path) -> None:
    file = make_gcode(tmp_path / "large.gcode", padding=3_000_000)
    pieces: list[int] = []

    octo.driver.upload(file, "large.gcode", sha256(file), pieces.append)

    assert octo.printer.picture()["files"] == ["large.gcode"]
    assert max(after - before for before, after in zip(pieces, pieces[1:], strict=False)) <= 65536


def test_a_file_that_arrived_short_is_damaged(octo: PolledRig) -> None:
    octo.printer.fault(short_upload=20)

    with pytest.raises(DriverError, match="another size") as caught:
        octo.upload()

    assert caught.value.trouble is Trouble.DAMAGED


@pytest.mark.parametrize("name", ["two words.gcode", "part(1).gcode", ".part.gcode", "-part.gcode"])
def test_a_name_that_octoprint_would_change_is_refused(octo: PolledRig, name: str) -> None:
    with pytest.raises(DriverError) as caught:
        octo.driver.upload(octo.file, name, sha256(octo.file))

    assert caught.value.trouble is Trouble.REFUSED
    assert octo.printer.picture()["files"] == []


def test_a_file_stored_under_another_name_is_taken_off_again(
    octo: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.octoprint.sanitised", lambda name: f"moved_{name}")

    with pytest.raises(DriverError, match="another name"):
        octo.upload()

    assert octo.printer.picture()["files"] == []


def test_a_finished_file_stays_finished_for_a_driver_that_saw_nothing(octo: PolledRig) -> None:
    finished(octo)

    seen, known = another(octo).status(), octo.status()

    assert (seen.state, seen.outcome, seen.progress) == (M.FINISHED, Outcome.COMPLETED, 1.0)
    assert seen.job_key == known.job_key


def test_a_cancelled_print_is_known_by_a_driver_that_saw_nothing(octo: PolledRig) -> None:
    started(octo)
    key = octo.status().job_key
    octo.driver.cancel()

    seen = another(octo).status()

    assert (seen.state, seen.outcome, seen.job_key) == (M.FINISHED, Outcome.CANCELLED, key)


def test_a_file_that_was_only_selected_is_no_print(octo: PolledRig) -> None:
    octo.upload()
    octo.driver._http.command(f"/api/files/local/{octo.remote_name}", {"command": "select"})

    seen = octo.status()

    assert (seen.state, seen.outcome, seen.job_key, seen.seen_moving) == (M.IDLE, None, "", False)
    assert octo.printer.starts == []


def test_the_same_file_printed_again_is_another_job(octo: PolledRig) -> None:
    finished(octo)
    first = octo.status().job_key

    octo.start(octo.order)
    running = octo.status().job_key
    octo.printer.act("finish-now")
    again = octo.until_state(M.FINISHED).job_key

    assert running == again != first
    assert another(octo).status().job_key == again


def test_a_print_of_the_same_name_between_two_polls_shows(octo: PolledRig) -> None:
    finished(octo)
    first = octo.status().job_key
    octo.printer.machine.speed = 1e6
    octo.printer.act("print-by-hand", name=octo.remote_name, duration_s=1)

    seen = octo.until(lambda status: status.state is M.FINISHED)

    assert seen.job_key != first


def test_an_end_whose_history_is_late_is_not_given_up(
    octo: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(octo)
    key = octo.until_state(M.PREPARING, M.PRINTING).job_key
    octo.printer.fault(no_history=True)
    octo.driver.cancel()

    between = octo.status()
    octo.printer.mend()
    ended = octo.until_state(M.FINISHED)

    assert (between.state, between.job_key) == (M.BUSY, key)
    assert (ended.outcome, ended.job_key) == (Outcome.CANCELLED, key)


def test_a_print_that_is_being_cancelled_keeps_its_key_whatever_the_history_says(
    octo: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(octo)
    key = octo.status().job_key
    octo.driver.cancel()
    told = answers.printer

    def cancelling(machine: Machine) -> dict[str, Any]:
        said = told(machine)
        said["state"]["flags"]["cancelling"] = True
        return said

    monkeypatch.setattr(answers, "state", lambda machine: ("Cancelling", ""))
    monkeypatch.setattr(answers, "printer", cancelling)

    seen = octo.status()

    assert (seen.state, seen.job_key) == (M.BUSY, key)


def test_a_history_that_never_comes_leaves_the_printer_usable(octo: PolledRig) -> None:
    octo.printer.fault(no_history=True)
    started(octo)
    octo.status()
    octo.driver.cancel()

    octo.until_state(M.IDLE)
    assert octo.driver.outcome_of(octo.remote_name) is None
    octo.start(octo.order)


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_an_order_given_twice_does_not_toggle(octo: PolledRig, action: str) -> None:
    started(octo)
    octo.driver.pause()
    if action == "resume":
        octo.driver.resume()

    octo.order_by_name(action)

    assert (octo.status().state is M.PAUSED) == (action == "pause")


def test_an_order_without_a_print_says_so(octo: PolledRig) -> None:
    with pytest.raises(DriverError, match="neither printing nor paused") as caught:
        octo.driver.pause()

    assert caught.value.trouble is Trouble.REFUSED


def test_octoprint_itself_refuses_a_second_start(octo: PolledRig, monkeypatch: pytest.MonkeyPatch) -> None:
    octo.upload()
    octo.printer.act("print-by-hand")
    monkeypatch.setattr(OctoPrintDriver, "_refuse_unless_free", lambda self: None)

    with pytest.raises(StartRefused, match="Another print"):
        octo.start(octo.order)

    assert [start.by_hand for start in octo.printer.starts] == [True]


@pytest.mark.parametrize(("fault", "begun"), [("drop_next", 0), ("cut_next", 1)])
def test_a_start_whose_answer_is_lost_stays_open_and_is_not_sent_again(
    octo: PolledRig, fault: str, begun: int
) -> None:
    octo.upload()
    octo.printer.fault(**{fault: 1})

    with pytest.raises(DriverError) as caught:
        octo.start(octo.order)

    assert not isinstance(caught.value, StartRefused)
    assert len(octo.printer.starts) == begun


def test_a_start_that_comes_too_late_is_not_sent(octo: PolledRig) -> None:
    octo.upload()

    with pytest.raises(StartRefused, match="so late"):
        octo.start(replace(octo.order, write_by=0.0))

    assert octo.printer.starts == []


def test_a_start_of_an_unreachable_printer_is_refused_since_nothing_was_sent(octo: PolledRig) -> None:
    octo.printer.act("offline")

    with pytest.raises(StartRefused) as caught:
        octo.start(octo.order)

    assert caught.value.trouble is Trouble.UNREACHABLE


@pytest.mark.parametrize(
    ("firmware", "error", "state"),
    [
        ("closed", "", M.OFFLINE),
        ("disconnected", "SerialException: device disconnected or multiple access on port?", M.OFFLINE),
        ("disconnected", "Too many consecutive timeouts, printer still connected and alive?", M.OFFLINE),
        ("shutdown", "Thermal Runaway, system stopped! Heater_ID: 0", M.ERROR),
        ("startup", "", M.BUSY),
    ],
)
def test_the_printer_behind_octoprint_has_a_state_of_its_own(
    octo: PolledRig, firmware: str, error: str, state: MachineState
) -> None:
    octo.upload()
    octo.printer.act("firmware", state=firmware, text=error)

    seen = octo.status()

    assert seen.state is state
    assert error in " ".join(fault.text for fault in seen.faults)
    assert seen.full is (state is not M.OFFLINE)
    with pytest.raises(StartRefused):
        octo.start(octo.order)
    with pytest.raises(DriverError, match=error.split("?")[0] or "not ready") as caught:
        octo.driver.probe()
    assert caught.value.trouble is Trouble.NOT_READY


def test_clear_errors_connects_again_and_leaves_a_print_alone(octo: PolledRig) -> None:
    octo.printer.act("firmware", state="disconnected", text="Could not write to serial port")
    octo.driver.clear_errors()
    octo.until_state(M.IDLE)
    started(octo)

    octo.driver.clear_errors()

    assert octo.status().state in (M.PREPARING, M.PRINTING)


def test_emergency_stop_and_clear_errors_lead_back_to_idle(octo: PolledRig) -> None:
    started(octo)

    octo.driver.stop()
    stopped = octo.until_state(M.ERROR)
    outcome = octo.driver.outcome_of(octo.remote_name)
    octo.driver.clear_errors()
    octo.until_state(M.IDLE)

    assert stopped.faults
    assert outcome is Outcome.FAILED


def test_an_emergency_stop_that_octoprint_cannot_send_says_so(octo: PolledRig) -> None:
    octo.printer.act("firmware", state="closed", text="")

    with pytest.raises(DriverError, match="not operational"):
        octo.driver.stop()


def test_an_error_with_the_connection_kept_is_cleared_too(octo: PolledRig) -> None:
    octo.printer.act("error", text="MINTEMP triggered")
    assert octo.status().state is M.ERROR

    octo.driver.clear_errors()

    octo.until_state(M.IDLE)


def test_a_running_file_is_not_deleted(octo: PolledRig) -> None:
    started(octo)

    with pytest.raises(DriverError, match="using the file"):
        octo.driver.remove(octo.remote_name)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("PRINT", "may not start, pause and cancel prints"),
        ("FILES_UPLOAD", "may not upload files"),
        ("FILES_LIST", "may not list files"),
    ],
)
def test_a_probe_names_what_the_key_may_not_do(octo: PolledRig, missing: str, words: str) -> None:
    rights = {"STATUS", "FILES_LIST", "FILES_UPLOAD", "FILES_SELECT", "FILES_DELETE", "PRINT"}
    front_of(octo).permissions = sorted(rights - {missing})

    with pytest.raises(DriverError, match=words) as caught:
        octo.driver.probe()

    assert caught.value.trouble is Trouble.CREDENTIALS


def test_a_probe_warns_of_what_is_missed_only_in_an_emergency(octo: PolledRig) -> None:
    front_of(octo).permissions = [
        "STATUS", "FILES_LIST", "FILES_UPLOAD", "FILES_SELECT", "FILES_DELETE", "PRINT", "CONNECTION",
    ]  # fmt: skip

    found = octo.driver.probe()

    assert found.warnings == ("The API key's user may not send the emergency stop.",)
    assert (found.bed_mm, found.name) == ((220.0, 220.0, 250.0), "one")


def test_a_key_of_another_printer_is_not_repeated_in_words(octo: PolledRig) -> None:
    driver = OctoPrintDriver(endpoint_of(octo.printer, secret="8TOPSECRET"))

    with pytest.raises(DriverError) as caught:
        driver.status()

    assert "8TOPSECRET" not in str(caught.value)


def test_an_order_for_another_kind_of_file_is_refused(octo: PolledRig) -> None:
    with pytest.raises(DriverError):
        octo.start(StartOrder("part.gcode.3mf", "1"))


def test_answers_that_contradict_each_other_are_never_idle(octo: PolledRig, monkeypatch: Any) -> None:
    odd = {"job": {"file": None, "user": 5}, "progress": "soon", "state": "Printing"}
    monkeypatch.setattr("simulator.octoprint_answers.job", lambda *_: odd)

    seen = octo.status()

    assert (seen.state, seen.file, seen.job_key) == (M.BUSY, "", "")
