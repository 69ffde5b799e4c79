"""Traps of Moonraker: identity, refusals, lost answers, and a Klipper that is gone."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from printers.drivers.driver import (
    DriverError,
    Endpoint,
    MachineState,
    Outcome,
    StartOrder,
    StartRefused,
    Trouble,
)
from printers.drivers.moonraker import MoonrakerDriver
from simulator.moonraker import MoonrakerFront
from tests.drivers.rig import PolledRig, endpoint_of, make_gcode, sha256


@pytest.fixture
def klipper(rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of("voron-2.4-250")


def front_of(rig: PolledRig) -> MoonrakerFront:
    assert isinstance(rig.printer.front, MoonrakerFront)
    return rig.printer.front


@contextmanager
def serving(status: int, body: bytes, headers: dict[str, str] | None = None) -> Iterator[Endpoint]:
    """A web server that gives one answer to everything."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_DELETE = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Endpoint("127.0.0.1", server.server_port)
    finally:
        server.shutdown()
        server.server_close()


def test_a_poll_of_an_unchanged_printer_is_one_request(klipper: PolledRig) -> None:
    klipper.status()
    before = front_of(klipper).requests

    for _ in range(5):
        klipper.status()

    assert front_of(klipper).requests - before == 5


def test_all_polls_share_one_connection(klipper: PolledRig) -> None:
    for _ in range(3):
        klipper.status()

    assert len(front_of(klipper)._http._writers) == 1


def test_a_print_made_between_two_polls_shows_as_another_job(klipper: PolledRig) -> None:
    klipper.upload()
    klipper.start(klipper.order)
    klipper.printer.act("finish-now")
    first = klipper.until_state(MachineState.FINISHED)

    klipper.printer.machine.speed = 1e6
    klipper.printer.act("print-by-hand", name=klipper.remote_name, duration_s=1)
    second = klipper.until(lambda status: status.job_key != first.job_key)

    assert second.file == first.file


def test_the_last_job_is_known_after_a_restart_of_the_farm(klipper: PolledRig) -> None:
    klipper.upload()
    klipper.start(klipper.order)
    key = klipper.status().job_key
    klipper.printer.act("reboot")

    seen = MoonrakerDriver(klipper.driver.endpoint).status()

    assert (seen.state, seen.job_key, seen.file) == (MachineState.IDLE, key, klipper.remote_name)
    assert klipper.driver.outcome_of(klipper.remote_name) is Outcome.FAILED


def test_a_moonraker_without_history_is_still_driven(klipper: PolledRig) -> None:
    klipper.printer.fault(no_history=True)
    klipper.upload()

    klipper.start(klipper.order)

    assert klipper.status().job_key == f":{klipper.remote_name}"


def test_an_unknown_print_has_no_outcome(klipper: PolledRig) -> None:
    assert klipper.driver.outcome_of("never.gcode") is None


def test_sd_busy_is_an_unmistakable_no(klipper: PolledRig, monkeypatch: pytest.MonkeyPatch) -> None:
    klipper.upload()
    klipper.printer.act("print-by-hand")
    monkeypatch.setattr(MoonrakerDriver, "_refuse_unless_free", lambda self: None)

    with pytest.raises(StartRefused, match="Another print"):
        klipper.start(klipper.order)

    assert [start.by_hand for start in klipper.printer.starts] == [True]


def test_a_start_of_an_unreachable_printer_is_refused_since_nothing_was_sent(klipper: PolledRig) -> None:
    klipper.printer.act("offline")

    with pytest.raises(StartRefused) as caught:
        klipper.start(klipper.order)

    assert caught.value.trouble is Trouble.UNREACHABLE


@pytest.mark.parametrize(("fault", "begun"), [("drop_next", 0), ("cut_next", 1)])
def test_a_start_whose_answer_is_lost_stays_open_and_is_not_sent_again(
    klipper: PolledRig, fault: str, begun: int
) -> None:
    klipper.upload()
    klipper.printer.fault(**{fault: 1})

    with pytest.raises(DriverError) as caught:
        klipper.start(klipper.order)

    assert not isinstance(caught.value, StartRefused)
    assert len(klipper.printer.starts) == begun


def test_a_start_that_is_never_answered_stays_open(
    klipper: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    klipper.upload()
    monkeypatch.setattr(MoonrakerDriver, "_refuse_unless_free", lambda self: None)
    klipper.printer.fault(mute=True)

    with pytest.raises(DriverError) as caught:
        klipper.start(klipper.order)

    assert not isinstance(caught.value, StartRefused)


def test_a_pause_macro_that_takes_minutes_is_no_error(klipper: PolledRig) -> None:
    klipper.printer.fault(delay_s=1.0)

    klipper.driver.pause()


@pytest.mark.parametrize(
    ("firmware", "state"),
    [
        ("disconnected", MachineState.OFFLINE),
        ("startup", MachineState.BUSY),
        ("error", MachineState.ERROR),
        ("shutdown", MachineState.ERROR),
        ("dreaming", MachineState.UNKNOWN),
    ],
)
def test_klipper_behind_moonraker_has_a_state_of_its_own(
    klipper: PolledRig, firmware: str, state: MachineState
) -> None:
    klipper.upload()
    klipper.start(klipper.order)
    key = klipper.status().job_key

    klipper.printer.act("firmware", state=firmware)
    seen = klipper.status()

    assert (seen.state, seen.job_key) == (state, key)
    assert bool(seen.faults) == (state is MachineState.ERROR)
    with pytest.raises(StartRefused):
        klipper.start(klipper.order)


def test_a_probe_says_that_klipper_is_not_ready(klipper: PolledRig) -> None:
    klipper.printer.act("firmware", state="shutdown", text="MCU shutdown")

    with pytest.raises(DriverError, match="MCU shutdown") as caught:
        klipper.driver.probe()

    assert caught.value.trouble is Trouble.NOT_READY


def test_emergency_stop_and_clear_errors_lead_back_to_idle(klipper: PolledRig) -> None:
    klipper.upload()
    klipper.start(klipper.order)

    klipper.driver.stop()
    stopped = klipper.until_state(MachineState.ERROR)
    klipper.driver.clear_errors()
    klipper.until_state(MachineState.IDLE)

    assert stopped.faults
    assert klipper.driver.outcome_of(klipper.remote_name) is Outcome.FAILED


def test_a_failed_print_is_cleared_for_the_next(klipper: PolledRig) -> None:
    klipper.upload()
    klipper.start(klipper.order)
    klipper.printer.act("error")

    klipper.driver.clear_errors()

    assert klipper.status().state is MachineState.IDLE


def test_a_running_file_is_not_deleted(klipper: PolledRig) -> None:
    klipper.upload()
    klipper.start(klipper.order)

    with pytest.raises(DriverError, match="using the file"):
        klipper.driver.remove(klipper.remote_name)


def test_a_large_upload_does_not_fill_the_memory(klipper: PolledRig, tmp_path: Path) -> None:
    file = make_gcode(tmp_path / "large.gcode", padding=30_000_000)
    pieces: list[int] = []

    klipper.driver.upload(file, "large.gcode", sha256(file), pieces.append)

    assert klipper.printer.picture()["files"] == ["large.gcode"]
    assert max(after - before for before, after in zip(pieces, pieces[1:], strict=False)) <= 65536


def test_a_missing_local_file_is_a_driver_error(klipper: PolledRig, tmp_path: Path) -> None:
    with pytest.raises(DriverError) as caught:
        klipper.driver.upload(tmp_path / "gone.gcode", "gone.gcode", "0" * 64)

    assert caught.value.trouble is Trouble.DAMAGED


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>It works!</html>"),
        (200, b'{"hello": "world"}'),
        (200, b'{"result": []}'),
        (200, b'{"result": {"status": 5}}'),
        (200, b"[" * 100_000),
        (200, b'{"result": ' + b"9" * 5000 + b"}"),
        (200, b"x" * (9 << 20)),
        (302, b""),
        (404, b"not here"),
        (500, b"\xff\xfe"),
    ],
    ids=["page", "other", "list", "number", "deep", "digits", "9MB", "redirect", "missing", "broken"],
)
def test_whatever_a_web_server_answers_only_a_driver_error_comes_out(status: int, body: bytes) -> None:
    with serving(status, body) as endpoint:
        driver = MoonrakerDriver(endpoint)
        for call in (driver.probe, driver.status):
            with pytest.raises(DriverError) as caught:
                call()
            assert caught.value.trouble in (Trouble.WRONG_PROTOCOL, Trouble.NONSENSE)
        driver.close()


def test_an_answer_that_claims_gzip_and_is_none_is_a_driver_error() -> None:
    with serving(200, b"no gzip", {"Content-Encoding": "gzip"}) as endpoint, pytest.raises(DriverError):
        MoonrakerDriver(endpoint).status()


def test_a_prefix_is_put_before_every_path(klipper: PolledRig) -> None:
    driver = MoonrakerDriver(endpoint_of(klipper.printer, prefix="/k1/"))

    with pytest.raises(DriverError):
        driver.probe()

    assert "/k1/server/info" in front_of(klipper).paths


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 300, "bad host"])
def test_a_host_that_is_none_is_a_driver_error(host: str) -> None:
    with pytest.raises(DriverError) as caught:
        MoonrakerDriver(Endpoint(host)).probe()

    assert caught.value.trouble is Trouble.UNREACHABLE


def test_a_line_that_speaks_no_http_is_a_driver_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            line, _ = server.accept()
            with line:
                line.recv(4096)
                line.sendall(b"220 mail.example.test ESMTP\r\n")

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(DriverError):
            MoonrakerDriver(Endpoint("127.0.0.1", server.getsockname()[1])).probe()


def test_tls_to_a_plain_server_says_so(klipper: PolledRig) -> None:
    with pytest.raises(DriverError) as caught:
        MoonrakerDriver(endpoint_of(klipper.printer, tls=True)).probe()

    assert caught.value.trouble is Trouble.WRONG_PROTOCOL


def test_secrets_are_not_shown_with_an_address(klipper: PolledRig) -> None:
    assert klipper.driver.endpoint.secret not in repr(klipper.driver.endpoint)


def test_an_order_for_another_kind_of_file_is_refused(klipper: PolledRig) -> None:
    with pytest.raises(DriverError):
        klipper.start(StartOrder("part.gcode.3mf", "1"))


def test_recordings_are_json() -> None:
    for path in (Path(__file__).parent.parent / "recordings").rglob("*.json"):
        assert json.loads(path.read_text())["about"], path
