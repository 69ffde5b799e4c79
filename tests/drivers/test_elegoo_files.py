"""Files on an Elegoo: pieces, the verdict after the last one, what is kept, and what is taken away."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from printers.drivers import elegoo
from printers.drivers.driver import DriverError, Trouble
from simulator import elegoo_intake
from simulator.elegoo import ElegooFront
from simulator.elegoo_intake import Intake
from simulator.http import Reply
from tests.drivers.rig import PolledRig, make_gcode, sha256

MIB = 1 << 20


@pytest.fixture
def centauri(rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of("centauri-carbon")


def front_of(rig: PolledRig) -> ElegooFront:
    assert isinstance(rig.printer.front, ElegooFront)
    return rig.printer.front


def files(rig: PolledRig) -> list[str]:
    return [str(name) for name in rig.printer.picture()["files"]]


def refused(rig: PolledRig, match: str = r"\.$") -> DriverError:
    with pytest.raises(DriverError, match=match) as caught:
        rig.upload()
    return caught.value


def test_a_file_goes_in_pieces_of_a_mebibyte_in_order_under_one_uuid(
    centauri: PolledRig, tmp_path: Path
) -> None:
    file = make_gcode(tmp_path / "large.gcode", padding=5 * MIB // 2)
    told: list[int] = []

    centauri.driver.upload(file, "large.gcode", sha256(file), told.append)

    pieces, size = front_of(centauri).intake.pieces, file.stat().st_size
    assert [(offset, length) for _uuid, offset, length in pieces] == [
        (0, MIB), (MIB, MIB), (2 * MIB, size - 2 * MIB)
    ]  # fmt: skip
    assert len({uuid for uuid, _offset, _length in pieces}) == 1
    assert told == [MIB, 2 * MIB, size]
    stored = centauri.printer.machine.folder / "large.gcode"
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == sha256(file)


def test_a_file_of_whole_pieces_ends_with_a_full_one(centauri: PolledRig, tmp_path: Path) -> None:
    file = tmp_path / "even.gcode"
    file.write_bytes(b";" * 2 * MIB)

    centauri.driver.upload(file, "even.gcode", sha256(file))

    assert [length for _uuid, _offset, length in front_of(centauri).intake.pieces] == [MIB, MIB]


def test_a_file_that_changed_meanwhile_is_never_whole_on_the_printer(
    centauri: PolledRig, tmp_path: Path
) -> None:
    file = make_gcode(tmp_path / "large.gcode", padding=2 * MIB)

    with pytest.raises(DriverError) as caught:
        centauri.driver.upload(file, "large.gcode", "0" * 64)

    assert caught.value.trouble is Trouble.DAMAGED
    assert files(centauri) == []


def test_an_empty_or_missing_file_is_a_driver_error(centauri: PolledRig, tmp_path: Path) -> None:
    empty = tmp_path / "empty.gcode"
    empty.write_bytes(b"")

    for file in (empty, tmp_path / "gone.gcode"):
        with pytest.raises(DriverError):
            centauri.driver.upload(file, "part.gcode", hashlib.sha256(b"").hexdigest())


def test_a_wrong_checksum_is_heard_after_the_last_piece(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elegoo, "_md5", lambda path: "0" * 32)

    assert refused(centauri, "arrived damaged").trouble is Trouble.DAMAGED
    assert files(centauri) == []


def test_a_wrong_format_is_heard_after_the_last_piece(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Intake, "_finish", lambda self, coming: self.verdicts.append(2))

    assert refused(centauri, "format").trouble is Trouble.REFUSED


def test_an_old_verdict_is_not_that_of_the_next_file(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(elegoo, "_md5", lambda path: "0" * 32)
        refused(centauri)

    centauri.upload()

    assert files(centauri) == [centauri.remote_name]


def test_a_file_the_printer_cut_is_noticed_by_its_size(centauri: PolledRig) -> None:
    centauri.printer.fault(short_upload=10)

    assert refused(centauri, "Only 10 of").trouble is Trouble.DAMAGED


def test_a_file_that_is_taken_and_not_listed_is_not_there(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Intake, "_finish", lambda self, coming: None)

    assert refused(centauri, "does not list it").trouble is Trouble.STORAGE


@pytest.mark.parametrize(
    ("number", "trouble"),
    [(-1, Trouble.REFUSED), (-2, Trouble.REFUSED), (-3, Trouble.STORAGE), (-4, Trouble.STORAGE),
     (-99, Trouble.REFUSED), (0, Trouble.REFUSED)],
)  # fmt: skip
def test_a_refused_piece_is_told_in_words_and_the_transfer_given_up(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch, number: int, trouble: Trouble
) -> None:
    monkeypatch.setattr(Intake, "_add", lambda self, *_: elegoo_intake._failure(number))

    assert refused(centauri).trouble is trouble
    assert 255 in [cmd for cmd, _data in front_of(centauri).received]


def test_a_transfer_that_breaks_off_leaves_the_printer_free(centauri: PolledRig, tmp_path: Path) -> None:
    file = make_gcode(tmp_path / "large.gcode", padding=3 * MIB)
    intake = front_of(centauri).intake
    known = intake._add
    intake._add = lambda *piece: (  # type: ignore[method-assign]
        elegoo_intake._failure(-4) if intake.is_receiving else known(*piece)
    )

    with pytest.raises(DriverError):
        centauri.driver.upload(file, "large.gcode", sha256(file))

    assert not intake.is_receiving
    assert centauri.status().raw_state == "0/0"


def test_nothing_is_sent_to_a_storage_without_room(centauri: PolledRig) -> None:
    centauri.printer.fault(storage="full")

    assert refused(centauri, "room for 0 MB").trouble is Trouble.STORAGE
    assert front_of(centauri).intake.pieces == []


@pytest.mark.parametrize(
    ("fault", "trouble"), [("half", Trouble.UNREACHABLE), ("page", Trouble.WRONG_PROTOCOL)]
)
def test_an_answer_that_is_none_is_a_driver_error(
    centauri: PolledRig, monkeypatch: pytest.MonkeyPatch, fault: str, trouble: Trouble
) -> None:
    reply = Reply(200, b'{"code": "000000"}' if fault == "half" else b"<html>", cut=fault == "half")
    monkeypatch.setattr(Intake, "_add", lambda self, *_: reply)

    assert refused(centauri).trouble is trouble


def test_sizes_are_read_from_either_field_and_either_folder(centauri: PolledRig) -> None:
    name, asked = centauri.remote_name, []

    def listing(data: dict[str, Any]) -> dict[str, Any]:
        asked.append(data["Url"])
        entries = [{"name": f"/local/{name}", "type": 1, "usedSize": 77}] if data["Url"] == "/local" else []
        return {"Ack": 0, "FileList": entries}

    front_of(centauri)._commands[258] = listing

    assert centauri.driver._storage.size_of(name) == 77
    assert asked == ["/local/", "/local"]


@pytest.mark.parametrize("answer", [{"Ack": 1}, {"Ack": 0, "FileList": "none"}, {"Ack": 0, "FileList": 7}])
def test_a_list_that_is_none_proves_nothing_gone(centauri: PolledRig, answer: dict[str, Any]) -> None:
    front_of(centauri)._commands[258] = lambda data: answer

    with pytest.raises(DriverError, match="does not list"):
        centauri.driver.remove(centauri.remote_name)


def test_a_running_file_is_not_deleted(centauri: PolledRig) -> None:
    centauri.upload()
    centauri.start(centauri.order)

    with pytest.raises(DriverError, match="printing the file"):
        centauri.driver.remove(centauri.remote_name)

    assert files(centauri) == [centauri.remote_name]
    assert 259 not in [cmd for cmd, _data in front_of(centauri).received]


@pytest.mark.parametrize(
    ("answer", "trouble"), [({"Ack": 0}, Trouble.STORAGE), ({"Ack": 1, "ErrData": ["x"]}, Trouble.REFUSED)]
)
def test_a_file_that_is_still_there_was_not_deleted(
    centauri: PolledRig, answer: dict[str, Any], trouble: Trouble
) -> None:
    centauri.upload()
    front_of(centauri)._commands[259] = lambda data: answer

    with pytest.raises(DriverError) as caught:
        centauri.driver.remove(centauri.remote_name)

    assert caught.value.trouble is trouble
