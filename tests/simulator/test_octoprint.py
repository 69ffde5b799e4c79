"""The simulated OctoPrint does what the real one was seen to do."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle

KEY = "0123456789ABCDEF"
GCODE = b"G28\n; estimated printing time (normal mode) = 10m 0s\n"


@pytest.fixture
def ender() -> Iterator[Handle]:
    with Farm([PrinterSpec("ender", "ender-3-v2", secret=KEY)]) as farm:
        yield farm["ender"]


def ask(ender: Handle, method: str, path: str, key: str = KEY, **more: Any) -> requests.Response:
    url = f"http://{ender.host}:{ender.port}/api{path}"
    return requests.request(method, url, headers={"X-Api-Key": key}, timeout=5, **more)


def upload(ender: Handle, name: str = "part.gcode", **fields: str) -> requests.Response:
    return ask(ender, "POST", "/files/local", files={"file": (name, GCODE)}, data=fields)


def select(ender: Handle, name: str = "part.gcode", *, prints: bool = True) -> int:
    return ask(ender, "POST", f"/files/local/{name}", json={"command": "select", "print": prints}).status_code


def file_of(ender: Handle) -> str | None:
    name: str | None = ask(ender, "GET", "/job").json()["job"]["file"]["path"]
    return name


@pytest.mark.parametrize("key", ["", "wrong"])
def test_wrong_key_is_403(ender: Handle, key: str) -> None:
    assert ask(ender, "GET", "/version", key).status_code == 403


def test_upload_that_would_print_on_a_busy_printer_is_only_stored(ender: Handle) -> None:
    ender.act("print-by-hand")

    told = upload(ender, print="true")

    assert (told.status_code, told.json()["effectivePrint"]) == (201, False)
    assert [start.by_hand for start in ender.starts] == [True]


def test_names_are_sanitised_and_told(ender: Handle) -> None:
    told = upload(ender, "my pärt?.gcode").json()["files"]["local"]["path"]

    assert told == "my_prt.gcode"
    assert ask(ender, "GET", f"/files/local/{told}").json()["size"] == len(GCODE)


@pytest.mark.parametrize(("name", "status"), [("part.stl", 415), ("part.gcode", 201)])
def test_only_gcode_is_taken(ender: Handle, name: str, status: int) -> None:
    assert upload(ender, name).status_code == status


def test_second_start_is_409_while_printing_and_while_paused(ender: Handle) -> None:
    upload(ender)
    assert select(ender) == 204
    assert select(ender) == 409

    ask(ender, "POST", "/job", json={"command": "pause", "action": "pause"})

    assert select(ender) == 409
    assert len(ender.starts) == 1


def test_pause_without_an_action_toggles(ender: Handle) -> None:
    upload(ender)
    select(ender)

    for phase in ("paused", "preparing"):
        ask(ender, "POST", "/job", json={"command": "pause"})
        assert ender.picture()["phase"] == phase


def test_file_in_use_is_neither_overwritten_nor_deleted(ender: Handle) -> None:
    upload(ender)
    select(ender)

    assert upload(ender).status_code == 409
    assert ask(ender, "DELETE", "/files/local/part.gcode").status_code == 409


def test_deleting_the_selected_file_leaves_none(ender: Handle) -> None:
    upload(ender)
    select(ender, prints=False)
    assert file_of(ender) == "part.gcode"

    assert ask(ender, "DELETE", "/files/local/part.gcode").status_code == 204

    assert file_of(ender) is None
    assert ask(ender, "DELETE", "/files/local/part.gcode").status_code == 404


def test_printer_that_is_away_is_409_and_connecting_again_forgets_the_file(ender: Handle) -> None:
    upload(ender)
    select(ender)
    ender.act("firmware", state="disconnected", text="SerialException: gone")

    assert ask(ender, "GET", "/printer").status_code == 409
    assert ask(ender, "GET", "/job").json()["error"] == "SerialException: gone"
    assert file_of(ender) is None
    assert ask(ender, "POST", "/connection", json={"command": "connect"}).status_code == 204
    assert ask(ender, "GET", "/files/local/part.gcode").json()["prints"]["failure"] == 1
