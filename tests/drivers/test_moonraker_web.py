"""Moonraker behind TLS, behind other web servers, and with refusals of every kind."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from printers.drivers.driver import Detected, DriverError, Endpoint, MachineState, Trouble
from printers.drivers.moonraker import MoonrakerDriver
from simulator.certificate import carry, server_context
from tests.drivers.rig import make_gcode, sha256

Answers = dict[str, tuple[int, Any]]
INFO: Answers = {
    "/server/info": (200, {"klippy_connected": True, "klippy_state": "ready"}),
    "/printer/info": (200, {"state": "ready", "hostname": "voron", "software_version": "v0.12"}),
}


@contextmanager
def moonraker(answers: Answers, tls: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    """A web server with these answers by path: a status and a result, or an error's message."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, said = answers.get(self.path.split("?")[0], (404, "Not Found"))
            body = json.dumps({"result": said} if status < 400 else {"error": {"message": said}}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_DELETE = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Endpoint("127.0.0.1", server.server_port, tls=tls is not None)
    finally:
        server.shutdown()
        server.server_close()


def asked(**objects: Any) -> Answers:
    return {**INFO, "/printer/objects/query": (200, {"status": objects})}


def probe(answers: Answers) -> Detected:
    with moonraker(answers) as endpoint:
        driver = MoonrakerDriver(endpoint)
        found = driver.probe()
        driver.close()
    return found


def test_a_certificate_is_kept_and_another_one_refused(tmp_path: Path) -> None:
    context = server_context()
    carry((context,), "first", tmp_path / "first.pem")
    with moonraker(asked(), context) as endpoint:
        first = MoonrakerDriver(endpoint)
        fingerprint = first.probe().fingerprint
        kept = replace(endpoint, fingerprint=fingerprint)
        assert MoonrakerDriver(kept).probe().fingerprint == fingerprint
        carry((context,), "second", tmp_path / "second.pem")

        with pytest.raises(DriverError) as caught:
            MoonrakerDriver(kept).probe()

    assert len(fingerprint) == 64
    assert caught.value.trouble is Trouble.CERTIFICATE


@pytest.mark.parametrize(
    ("cpu", "board", "key"),
    [
        ("10000000abc", {"serial": "/dev/ttyUSB0"}, "10000000abc@/dev/ttyUSB0"),
        ("10000000abc", {"canbus_uuid": "11aa22bb33cc"}, "11aa22bb33cc"),
        ("", {"serial": "/dev/ttyUSB0"}, ""),
        ("0000000000000000", {"serial": "/dev/ttyUSB0"}, ""),
        ("10000000abc", {}, ""),
        ("", {"serial": "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"}, ""),
    ],
)
def test_the_machine_key_is_what_stays_with_the_machine(cpu: str, board: dict[str, str], key: str) -> None:
    system = {"/machine/system_info": (200, {"system_info": {"cpu_info": {"serial_number": cpu}}})}

    assert probe({**asked(configfile={"settings": {"mcu": board}}), **system}).machine_key == key


def test_a_bare_klipper_is_detected_with_what_it_tells() -> None:
    found = probe(asked(toolhead={"axis_maximum": [250, 0, "x"]}, configfile={"settings": {"extruder": []}}))

    assert (found.name, found.model, found.bed_mm, found.nozzle_mm, found.machine_key) == (
        "voron",
        "",
        None,
        None,
        "",
    )


def test_a_filled_job_queue_and_moonrakers_own_warnings_are_told() -> None:
    server = {"klippy_state": "ready", "warnings": ["old section"], "failed_components": ["camera"]}
    queue = {"queue_state": "ready", "queued_jobs": [{"filename": "a.gcode"}]}

    found = probe({**asked(), "/server/info": (200, server), "/server/job_queue/status": (200, queue)})

    assert len(found.warnings) == 3
    assert "queue" in found.warnings[2]


@pytest.mark.parametrize(
    ("status", "said", "trouble"),
    [
        (401, "Unauthorized", Trouble.CREDENTIALS),
        (403, "File is loaded, upload not permitted", Trouble.REFUSED),
        (413, "too large", Trouble.STORAGE),
        (422, "checksum", Trouble.DAMAGED),
        (500, "Unable to save file", Trouble.STORAGE),
        (503, "Klippy Host not connected", Trouble.NOT_READY),
        (400, "bad path", Trouble.REFUSED),
        (201, {"item": {"size": 5}}, Trouble.DAMAGED),
        (201, {"item": None}, Trouble.DAMAGED),
    ],
)
def test_every_refusal_of_an_upload_has_its_trouble(
    status: int, said: Any, trouble: Trouble, tmp_path: Path
) -> None:
    file = make_gcode(tmp_path / "a.gcode")

    with (
        moonraker({"/server/files/upload": (status, said)}) as endpoint,
        pytest.raises(DriverError) as caught,
    ):
        MoonrakerDriver(endpoint).upload(file, "a.gcode", sha256(file))

    assert caught.value.trouble is trouble


def test_a_file_that_stays_after_its_deletion_is_an_error() -> None:
    with (
        moonraker({"/server/files/gcodes/a.gcode": (200, {})}) as endpoint,
        pytest.raises(DriverError) as caught,
    ):
        MoonrakerDriver(endpoint).remove("a.gcode")

    assert caught.value.trouble is Trouble.STORAGE


def test_a_printer_without_pause_resume_says_what_is_missing() -> None:
    answers: Answers = {"/printer/print/pause": (400, 'Unknown command:"PAUSE"')}

    with moonraker(answers) as endpoint, pytest.raises(DriverError, match="pause_resume"):
        MoonrakerDriver(endpoint).pause()


@pytest.mark.parametrize("call", ["probe", "status", "pause", "resume", "cancel", "stop", "clear_errors"])
def test_every_call_names_a_wrong_key(call: str) -> None:
    paths = [*INFO, "/printer/objects/list", "/printer/objects/query", "/printer/emergency_stop"]
    paths += [f"/printer/print/{verb}" for verb in ("pause", "resume", "cancel")]

    with moonraker(dict.fromkeys(paths, (401, "Unauthorized"))) as endpoint:
        call_it: Callable[[], object] = getattr(MoonrakerDriver(endpoint), call)
        with pytest.raises(DriverError) as caught:
            call_it()

    assert caught.value.trouble is Trouble.CREDENTIALS


def test_klipper_that_stops_between_questions_is_offline() -> None:
    answers: Answers = {
        "/server/info": (200, {"klippy_connected": False, "klippy_state": "disconnected"}),
        "/printer/objects/list": (503, "Klippy Disconnected"),
    }

    with moonraker(answers) as endpoint:
        seen = MoonrakerDriver(endpoint).status()

    assert (seen.state, seen.full) == (MachineState.OFFLINE, False)


def test_a_history_that_never_follows_leaves_the_file_as_the_only_identity() -> None:
    stats = {"state": "printing", "filename": "new.gcode", "print_duration": 5}
    old = {"job_id": "000007", "filename": "old.gcode", "status": "completed"}
    answers: Answers = {
        "/printer/objects/list": (200, {"objects": []}),
        "/server/history/list": (200, {"jobs": [old]}),
        **asked(print_stats=stats),
    }

    with moonraker(answers) as endpoint:
        driver = MoonrakerDriver(endpoint)
        keys = [driver.status().job_key for _ in range(5)]
        driver.close()

    assert keys == ["000007:old.gcode"] * 2 + [":new.gcode"] * 3
