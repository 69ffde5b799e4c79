"""Traps of PrusaLink: two products, jobs without a memory, refusals, and screens that ask."""

from collections.abc import Callable
from pathlib import Path

import pytest

from printers.catalogue import find
from printers.drivers import prusalink, web
from printers.drivers.driver import (
    DriverError,
    Endpoint,
    MachineState,
    Outcome,
    StartOrder,
    StartRefused,
    Trouble,
)
from printers.drivers.prusalink import PrusaLinkDriver
from printers.drivers.prusalink_probe import _model
from simulator.prusalink import PrusaLinkFront
from tests.drivers.rig import CODE, PolledRig, endpoint_of, make_gcode, sha256
from tests.drivers.test_moonraker import serving

M = MachineState


@pytest.fixture
def mk4(rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of("mk4")


@pytest.fixture
def pi(rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of("mk3s-pi")


@pytest.fixture(params=["mk4", "mk3s-pi"])
def prusa(request: pytest.FixtureRequest, rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of(request.param)


def front_of(rig: PolledRig) -> PrusaLinkFront:
    assert isinstance(rig.printer.front, PrusaLinkFront)
    return rig.printer.front


def started(rig: PolledRig) -> None:
    rig.upload()
    rig.start(rig.order)
    rig.until_state(M.PREPARING, M.PRINTING)


def test_a_poll_of_a_running_print_is_one_request_on_one_connection(prusa: PolledRig) -> None:
    started(prusa)
    prusa.status()
    front_of(prusa).asked.clear()

    for _ in range(4):
        prusa.status()

    assert front_of(prusa).asked == [("GET", "/api/v1/status")] * 4
    assert len(front_of(prusa)._http._writers) == 1


def test_the_short_name_of_the_drive_is_not_taken_for_the_files_name(mk4: PolledRig) -> None:
    started(mk4)

    assert mk4.status().file == mk4.remote_name


def test_the_next_job_has_another_key_although_the_file_is_the_same(prusa: PolledRig) -> None:
    started(prusa)
    first = prusa.status().job_key
    prusa.printer.act("finish-now")
    prusa.until_state(M.FINISHED)

    prusa.start(prusa.order)

    assert prusa.until(lambda status: status.job_key).job_key != first


@pytest.mark.parametrize(
    ("verb", "outcome"),
    [("finish-now", Outcome.COMPLETED), ("cancel-by-hand", Outcome.CANCELLED), ("error", Outcome.FAILED)],
)
def test_the_outcome_is_read_from_the_state_the_print_left(
    prusa: PolledRig, verb: str, outcome: Outcome
) -> None:
    started(prusa)
    assert prusa.driver.outcome_of(prusa.remote_name) is None

    prusa.printer.act(verb)
    prusa.until_state(M.FINISHED, M.ERROR)

    assert PrusaLinkDriver(prusa.driver.endpoint).outcome_of(prusa.remote_name) is outcome


def test_after_a_restart_the_outcome_is_not_known(mk4: PolledRig) -> None:
    started(mk4)
    mk4.printer.act("reboot")

    assert mk4.driver.outcome_of(mk4.remote_name) is None


@pytest.mark.parametrize("dialog", ["BUSY", "ATTENTION", "DREAMING"])
def test_while_the_printer_is_in_between_no_outcome_is_made_up(mk4: PolledRig, dialog: str) -> None:
    front_of(mk4).dialog = dialog

    with pytest.raises(DriverError):
        mk4.driver.outcome_of(mk4.remote_name)


def test_ready_is_idle_and_may_be_started(mk4: PolledRig) -> None:
    front_of(mk4).ready = True
    mk4.upload()
    before = mk4.status()

    mk4.start(mk4.order)

    assert (before.state, before.raw_state) == (M.IDLE, "READY")
    assert len(mk4.printer.starts) == 1


@pytest.mark.parametrize(
    ("dialog", "state"), [("ATTENTION", M.ERROR), ("BUSY", M.BUSY), ("DREAMING", M.UNKNOWN)]
)
def test_a_screen_that_is_at_something_takes_no_start(
    mk4: PolledRig, dialog: str, state: MachineState
) -> None:
    mk4.upload()
    front_of(mk4).dialog = dialog

    assert mk4.status().state is state
    with pytest.raises(StartRefused):
        mk4.start(mk4.order)
    assert mk4.printer.starts == []


def test_attention_with_a_job_is_a_pause_that_needs_somebody(mk4: PolledRig) -> None:
    started(mk4)
    front_of(mk4).dialog = "ATTENTION"

    seen = mk4.status()

    assert seen.state is M.PAUSED
    assert "own screen" in seen.faults[0].text


def test_a_409_is_an_unmistakable_no(prusa: PolledRig, monkeypatch: pytest.MonkeyPatch) -> None:
    prusa.upload()
    prusa.printer.act("print-by-hand")
    monkeypatch.setattr(prusalink, "_ACTIVE", ())
    monkeypatch.setattr(prusalink, "_STARTABLE", tuple(MachineState))

    with pytest.raises(StartRefused, match="print"):
        prusa.start(prusa.order)

    assert [start.by_hand for start in prusa.printer.starts] == [True]


@pytest.mark.parametrize(("fault", "begun"), [("drop_next", 0), ("cut_next", 1)])
def test_a_start_whose_answer_is_lost_stays_open_and_is_not_sent_again(
    prusa: PolledRig, fault: str, begun: int
) -> None:
    prusa.upload()
    prusa.printer.fault(**{fault: 1})

    with pytest.raises(DriverError) as caught:
        prusa.start(prusa.order)

    assert not isinstance(caught.value, StartRefused)
    assert len(prusa.printer.starts) == begun


def test_a_start_of_an_unreachable_printer_is_refused_since_nothing_was_sent(prusa: PolledRig) -> None:
    prusa.printer.act("offline")

    with pytest.raises(StartRefused) as caught:
        prusa.start(prusa.order)

    assert caught.value.trouble is Trouble.UNREACHABLE


def test_a_late_start_is_not_sent(mk4: PolledRig) -> None:
    mk4.upload()

    with pytest.raises(StartRefused, match="late"):
        mk4.start(StartOrder(mk4.remote_name, "5", write_by=0.0))

    assert mk4.printer.starts == []


def test_a_printer_behind_the_pi_that_is_away_is_offline(pi: PolledRig) -> None:
    pi.upload()
    pi.printer.act("firmware", state="disconnected")

    seen = pi.status()

    assert (seen.state, seen.full) == (M.OFFLINE, False)
    with pytest.raises(StartRefused):
        pi.start(pi.order)
    with pytest.raises(DriverError, match="printer behind it") as caught:
        pi.driver.probe()
    assert caught.value.trouble is Trouble.NOT_READY


def test_there_is_no_emergency_stop_so_the_print_is_cancelled_and_the_words_say_so(prusa: PolledRig) -> None:
    started(prusa)

    prusa.driver.stop()

    assert not prusa.driver.stops_at_once
    assert "no emergency stop" in prusa.driver.stop_words
    assert prusa.until_state(M.FINISHED).outcome is Outcome.CANCELLED
    with pytest.raises(DriverError, match="no emergency stop.*Nothing is printing"):
        prusa.driver.stop()


def test_errors_are_cleared_at_the_screen_only(prusa: PolledRig) -> None:
    prusa.driver.clear_errors()
    prusa.printer.act("error")

    with pytest.raises(DriverError, match="screen"):
        prusa.driver.clear_errors()


@pytest.mark.parametrize("name", ["pause", "resume", "cancel"])
def test_orders_without_a_print_are_refused(prusa: PolledRig, name: str) -> None:
    with pytest.raises(DriverError, match="Nothing is printing"):
        prusa.order_by_name(name)


def test_an_order_the_printer_does_not_take_now_is_told(prusa: PolledRig) -> None:
    started(prusa)

    with pytest.raises(DriverError, match="not paused"):
        prusa.driver.resume()


def test_the_pi_answers_the_printers_question_and_the_firmware_does_not(prusa: PolledRig) -> None:
    started(prusa)
    prusa.printer.act("pause-by-hand")
    front_of(prusa).dialog = "ATTENTION"

    prusa.driver.resume()

    verb = "continue" if front_of(prusa).on_pi else "resume"
    assert front_of(prusa).asked[-1][1].endswith(f"/{verb}")


def test_heating_is_told_from_printing_by_the_temperatures(mk4: PolledRig) -> None:
    started(mk4)

    heating = mk4.until_state(M.PREPARING)
    mk4.until(lambda status: status.state is M.PRINTING and status.progress)

    assert heating.raw_state == "PRINTING"
    assert heating.remaining_s is None


@pytest.mark.parametrize(
    ("model", "takes_binary"),
    [
        ("Prusa MK3S", False), ("Original Prusa MK3S+", False), ("MK3", False), ("mk2.5s", False),
        ("Prusa MK3.5", True), ("MK3.9S", True), ("Prusa MK4", True), ("Prusa MINI", True), ("", True),
    ],
)  # fmt: skip
def test_an_mk3_takes_no_binary_gcode(model: str, takes_binary: bool) -> None:
    assert ("bgcode" in PrusaLinkDriver.formats_for(model)) is takes_binary


def test_binary_gcode_goes_to_the_firmware_and_not_to_the_pi(
    mk4: PolledRig, pi: PolledRig, tmp_path: Path
) -> None:
    file = make_gcode(tmp_path / "part.bgcode")

    mk4.driver.upload(file, "part.bgcode", sha256(file))
    with pytest.raises(DriverError, match="binary G-code"):
        pi.driver.upload(file, "part.bgcode", sha256(file))

    assert mk4.printer.picture()["files"] == ["part.bgcode"]
    assert pi.printer.picture()["files"] == []


@pytest.mark.parametrize(
    ("version", "info", "model"),
    [
        ({"original": "PrusaLink I3MK3S"}, {}, "Prusa MK3S"),
        ({"original": "PrusaLink I3MK25S"}, {}, "Prusa MK2.5S"),
        ({}, {"hostname": "prusa-mk4"}, "Prusa MK4"),
        ({}, {"hostname": "PrusaMINI"}, "Prusa MINI"),
        ({}, {"hostname": "prusa-core-one"}, "Prusa CORE One"),
        ({}, {"hostname": "prusa-mk35"}, "Prusa MK3.5"),
        ({"hostname": "prusa_xl"}, {}, "Prusa XL"),
        ({}, {"hostname": "rack-3"}, ""),
        ({"original": 7}, {"hostname": ["x"]}, ""),
    ],
)
def test_the_model_is_told_by_the_pi_and_guessed_from_an_unchanged_network_name(
    version: dict[str, object], info: dict[str, object], model: str
) -> None:
    assert _model(version, info) == model
    assert not model or find(model)


@pytest.mark.parametrize(
    ("status", "body", "headers", "trouble"),
    [
        (200, b'{"text": "OctoPrint 1.9.3", "server": "1.9.3"}', {}, Trouble.WRONG_PROTOCOL),
        (200, b"<html>It works!</html>", {}, Trouble.WRONG_PROTOCOL),
        (200, b"[1, 2]", {}, Trouble.WRONG_PROTOCOL),
        (200, b"", {}, Trouble.WRONG_PROTOCOL),
        (302, b"", {}, Trouble.WRONG_PROTOCOL),
        (401, b"<html>router</html>", {"WWW-Authenticate": 'Basic realm="router"'}, Trouble.WRONG_PROTOCOL),
        (401, b"", {"WWW-Authenticate": 'Digest realm="Printer API", nonce="1"'}, Trouble.CREDENTIALS),
        (403, b'{"title": "Forbidden", "message": "no"}', {}, Trouble.CREDENTIALS),
        (503, b'{"title": "Printer Unavailable"}', {}, Trouble.NOT_READY),
        (500, b"\xff\xfe", {}, Trouble.WRONG_PROTOCOL),
        (200, b"{" * 100_000, {}, Trouble.WRONG_PROTOCOL),
        (200, b"x" * (9 << 20), {}, Trouble.NONSENSE),
    ],
)
def test_whatever_answers_is_told_apart(
    status: int, body: bytes, headers: dict[str, str], trouble: Trouble
) -> None:
    with serving(status, body, headers) as endpoint:
        driver = PrusaLinkDriver(Endpoint(endpoint.host, endpoint.port, secret=CODE))
        with pytest.raises(DriverError) as caught:
            driver.probe()
        driver.close()

    assert caught.value.trouble is trouble
    assert CODE not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"printer": {"state": ["PRINTING"]}}',
        b'{"printer": 5, "job": "x"}',
        b'{"printer": {"state": "PRINTING"}, "job": {"id": 9}}',
        b'{"job": {"id": 1e999}}',
    ],
)
def test_a_status_that_lies_is_a_driver_error(body: bytes) -> None:
    with serving(200, body) as endpoint, pytest.raises(DriverError):
        PrusaLinkDriver(endpoint).status()


def test_values_out_of_range_are_cut_or_left_out() -> None:
    body = (
        b'{"printer": {"state": "FINISHED", "temp_nozzle": 1e300, "temp_bed": "hot", "chamber": [1],'
        b' "status_printer": {"ok": false, "message": 12}},'
        b' "job": {"progress": -5, "time_remaining": "soon"}}'
    )
    with serving(200, body) as endpoint:
        seen = PrusaLinkDriver(endpoint).status()

    assert (seen.state, seen.outcome, seen.progress) == (M.FINISHED, Outcome.COMPLETED, 1.0)
    assert (seen.nozzles[0].now_c, seen.bed, seen.chamber) == (600.0, None, None)


def test_a_probe_warns_of_an_mmu_and_names_firmware_that_is_too_old(mk4: PolledRig) -> None:
    front_of(mk4).mmu = True
    assert "MMU" in mk4.driver.probe().warnings[0]

    front_of(mk4).old = True
    with pytest.raises(DriverError, match="too old") as caught:
        mk4.driver.probe()
    assert caught.value.trouble is Trouble.WRONG_PROTOCOL


def test_a_status_that_never_comes_is_unreachable(mk4: PolledRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "ANSWER_S", 0.3)
    mk4.printer.fault(mute=True)

    with pytest.raises(DriverError) as caught:
        mk4.status()

    assert caught.value.trouble is Trouble.UNREACHABLE


def test_a_prefix_is_put_before_every_path(mk4: PolledRig) -> None:
    with pytest.raises(DriverError):
        PrusaLinkDriver(endpoint_of(mk4.printer, prefix="/mk4/")).probe()

    assert front_of(mk4).asked[0] == ("GET", "/mk4/api/version")
