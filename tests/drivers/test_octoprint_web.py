"""What else may answer where an OctoPrint should, and words for it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from printers.drivers.driver import DriverError, MachineState, Trouble
from printers.drivers.octoprint import OctoPrintDriver
from printers.drivers.octoprint_status import Job, machine_state
from tests.drivers.test_moonraker import serving

M = MachineState


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>It works!</html>"),
        (200, b'{"hello": "world"}'),
        (200, b'["list"]'),
        (200, b'{"state": 5}'),
        (200, b"[" * 100_000),
        (200, b'{"state": ' + b"9" * 5000 + b"}"),
        (200, b"x" * (9 << 20)),
        (204, b""),
        (302, b""),
        (404, b"not here"),
    ],
    ids=["page", "other", "list", "number", "deep", "digits", "9MB", "empty", "redirect", "missing"],
)
def test_whatever_a_web_server_answers_only_a_driver_error_comes_out(status: int, body: bytes) -> None:
    with serving(status, body) as endpoint:
        driver = OctoPrintDriver(endpoint)
        for call in (driver.probe, driver.status):
            with pytest.raises(DriverError) as caught:
                call()
            assert caught.value.trouble in (Trouble.WRONG_PROTOCOL, Trouble.NONSENSE)
        driver.close()


@pytest.mark.parametrize(
    ("status", "body", "words", "trouble"),
    [
        (503, b"<h1>503 Service Unavailable</h1>", "behind it does not", Trouble.NOT_READY),
        (502, b"<h1>Bad Gateway</h1>", "behind it does not", Trouble.NOT_READY),
        (403, b"<h1>Forbidden</h1>", "wants an API key", Trouble.CREDENTIALS),
        (301, b"", "another address", Trouble.WRONG_PROTOCOL),
        (500, b'{"error": "boom."}', "refused: boom.$", Trouble.REFUSED),
        (
            200,
            b'{"text": "OctoPrint (Moonraker v0.9)", "server": "1.5.0"}',
            "Moonraker",
            Trouble.WRONG_PROTOCOL,
        ),
        (200, b'{"text": "PrusaLink", "server": "2.1.2"}', "PrusaLink", Trouble.WRONG_PROTOCOL),
        (200, b'{"text": "O.D.I.N.", "server": "1.0"}', "not OctoPrint", Trouble.WRONG_PROTOCOL),
    ],
    ids=["starting", "gateway", "no key", "moved", "error", "moonraker", "prusalink", "other"],
)
def test_a_probe_says_what_answers_instead(status: int, body: bytes, words: str, trouble: Trouble) -> None:
    with serving(status, body) as endpoint, pytest.raises(DriverError, match=words) as caught:
        OctoPrintDriver(endpoint).probe()

    assert caught.value.trouble is trouble


def test_a_closed_port_and_a_server_without_tls_are_told_apart() -> None:
    with serving(200, b"{}") as endpoint:
        with pytest.raises(DriverError, match="not over TLS") as caught:
            OctoPrintDriver(replace(endpoint, tls=True)).probe()
        assert caught.value.trouble is Trouble.WRONG_PROTOCOL

    with pytest.raises(DriverError, match="closed. Is OctoPrint running") as caught:
        OctoPrintDriver(endpoint).probe()
    assert caught.value.trouble is Trouble.UNREACHABLE


def test_an_answer_that_is_a_trap_for_readers_is_read_as_far_as_it_is_sound() -> None:
    trap: dict[str, Any] = {
        "state": "Operational",
        "job": {"file": {"path": "a\x00b/" + "x" * 9000 + ".gcode", "size": "1e999", "date": []}, "user": {}},
        "progress": {"completion": "NaN", "printTime": -5, "printTimeLeft": 1e300},
        "temperature": {"tool0": {"actual": "hot"}, "tool999999": {"actual": 1e9}, "toolx": 1, "bed": None},
    }
    trap["flags"] = {"operational": "yes", "printing": 1}
    trap["text"] = "Operational"
    # One body for every path: each reader takes its own fields.
    body = {**trap, "state": "Operational"}
    with serving(200, json.dumps(body).encode()) as endpoint:
        seen = OctoPrintDriver(endpoint).status()

    assert seen.state in (M.BUSY, M.UNKNOWN)
    assert len(seen.file) <= 200
    assert len(seen.job_key) <= 200
    assert all(heat.now_c <= 600 for heat in seen.nozzles)


@pytest.mark.parametrize(
    ("text", "flags", "state"),
    [
        ("Operational", {"operational": True, "ready": True}, M.IDLE),
        ("Printing", {"operational": True, "printing": True}, M.PRINTING),
        ("Sending file to SD", {"operational": True, "printing": True}, M.BUSY),
        ("Cancelling", {"operational": True, "printing": True, "cancelling": True}, M.BUSY),
        ("Pausing", {"operational": True, "printing": True, "pausing": True}, M.PAUSED),
        ("Finishing", {"operational": True, "printing": True, "finishing": True}, M.PRINTING),
        ("Wird gedruckt", {"operational": True, "printing": True}, M.PRINTING),
        ("Bereit", {"operational": True, "ready": True}, M.IDLE),
        ("Error", {"error": True, "closedOrError": True}, M.ERROR),
        ("Dreaming", {"error": True}, M.ERROR),
        ("Detecting serial connection", {}, M.BUSY),
        ("Opening serial connection", {}, M.BUSY),
        ("Offline", {}, M.OFFLINE),
        ("Operational", {}, M.BUSY),
        ("Dreaming", {}, M.UNKNOWN),
        ("Dreaming", {"closedOrError": False}, M.UNKNOWN),
    ],
)
def test_flags_and_words_make_a_state(text: str, flags: dict[str, bool], state: MachineState) -> None:
    assert machine_state(flags, Job(state=text)) is state
