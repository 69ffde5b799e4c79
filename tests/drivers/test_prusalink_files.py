"""Traps of PrusaLink's uploads and of being let in: nonces that expire, keys, drives, refusals."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from printers.drivers import prusalink_http
from printers.drivers.driver import DriverError, Trouble
from printers.drivers.prusalink import PrusaLinkDriver
from printers.drivers.prusalink_access import Digest
from printers.drivers.prusalink_probe import Storage, storage_of
from simulator.prusalink import PrusaLinkFront
from tests.drivers.rig import CODE, PolledRig, endpoint_of, make_gcode, sha256
from tests.drivers.test_prusalink import front_of


@pytest.fixture
def mk4(rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of("mk4")


@pytest.fixture(params=["mk4", "mk3s-pi"])
def prusa(request: pytest.FixtureRequest, rig_of: Callable[..., PolledRig]) -> PolledRig:
    return rig_of(request.param)


@pytest.fixture
def by_password(prusa: PolledRig) -> PrusaLinkDriver:
    """With the user named, the digest alone is spoken."""
    return PrusaLinkDriver(endpoint_of(prusa.printer, user="maker"))


def uploads_of(front: PrusaLinkFront) -> int:
    return sum(method == "PUT" for method, _path in front.asked)


def test_rfc_2617_has_the_same_answer() -> None:
    digest = Digest("Mufasa", "Circle Of Life")
    digest.learn(
        'Basic realm="x", Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    )

    said = digest.header("GET", "/dir/index.html")

    assert b'response="670fd8c2df070c60b045671b8b24ff02"' in said


@pytest.mark.parametrize(
    "challenge",
    ["", "Basic realm=x", "Digest", "Digest realm=x", 'Digest nonce="1", algorithm=ROT13',
     "Digest nonce=\x00", 'Digest nonce="' + "9" * 5000],
)  # fmt: skip
def test_a_challenge_that_is_none_is_left_alone(challenge: str) -> None:
    digest = Digest("maker", CODE)

    assert not digest.learn(challenge) or b"\x00" not in digest.header("GET", "/")


def test_the_password_is_never_on_the_line_when_the_user_is_named(
    prusa: PolledRig, by_password: PrusaLinkDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    front = front_of(prusa)
    keeps_out = front._keeps_out
    monkeypatch.setattr(
        front, "_keeps_out", lambda request: (seen.append(str(request.headers)), keeps_out(request))[1]
    )

    by_password.upload(prusa.file, prusa.remote_name, sha256(prusa.file))

    assert seen
    assert not any(CODE in text for text in seen)


def test_a_nonce_is_used_again_whatever_thread_asks(prusa: PolledRig, by_password: PrusaLinkDriver) -> None:
    for _ in range(3):
        thread = threading.Thread(target=by_password.status)
        thread.start()
        thread.join()

    assert front_of(prusa).digest.challenges == 1


def test_an_expired_nonce_costs_one_more_question(prusa: PolledRig, by_password: PrusaLinkDriver) -> None:
    by_password.status()
    front_of(prusa).digest.expire()

    assert by_password.status().full


def test_a_nonce_that_is_no_longer_young_is_renewed_before_an_upload(
    prusa: PolledRig, by_password: PrusaLinkDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_password.status()
    front_of(prusa).digest.expire()
    monkeypatch.setattr(prusalink_http, "FRESH_S", -1.0)

    by_password.upload(prusa.file, prusa.remote_name, sha256(prusa.file))

    assert front_of(prusa).refused_uploads == 0
    assert uploads_of(front_of(prusa)) == 1


def test_an_upload_refused_for_its_nonce_is_sent_again_whole(
    prusa: PolledRig, by_password: PrusaLinkDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    front, told = front_of(prusa), []
    keeps_out = front._keeps_out

    def expires_before_the_first_upload(request):  # type: ignore[no-untyped-def]
        if request.method == "PUT" and not uploads_of(front) > 1:
            front.digest.expire()
        return keeps_out(request)

    monkeypatch.setattr(front, "_keeps_out", expires_before_the_first_upload)

    by_password.upload(prusa.file, prusa.remote_name, sha256(prusa.file), told.append)

    assert front.refused_uploads == 1
    assert (prusa.printer.machine.folder / prusa.remote_name).read_bytes() == prusa.file.read_bytes()
    assert told[-1] == prusa.file.stat().st_size


def test_a_start_refused_for_its_nonce_is_not_sent_again(
    prusa: PolledRig, by_password: PrusaLinkDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_password.upload(prusa.file, prusa.remote_name, sha256(prusa.file))
    front = front_of(prusa)
    keeps_out = front._keeps_out

    def expires(request):  # type: ignore[no-untyped-def]
        if request.method == "POST":
            front.digest.expire()
        return keeps_out(request)

    monkeypatch.setattr(front, "_keeps_out", expires)
    with pytest.raises(DriverError) as caught:
        by_password.start(prusa.order)

    assert caught.value.trouble is Trouble.CREDENTIALS
    assert [method for method, _path in front.asked].count("POST") == 1


def test_the_firmware_takes_the_password_as_a_key_and_no_digest_is_needed(mk4: PolledRig) -> None:
    mk4.upload()

    assert front_of(mk4).digest.challenges == 0


def test_the_pi_takes_its_own_key_and_the_password_of_its_own_user(rig_of: Callable[..., PolledRig]) -> None:
    pi = rig_of("mk3s-pi")
    front_of(pi).api_key = "an-api-key"
    front_of(pi).digest.user = "anna"

    assert PrusaLinkDriver(endpoint_of(pi.printer, secret="an-api-key")).status().full
    assert PrusaLinkDriver(endpoint_of(pi.printer, user="anna")).status().full
    for wrong in ({"secret": CODE}, {"user": "anna", "secret": "no"}, {"user": "maker"}, {"secret": ""}):
        with pytest.raises(DriverError) as caught:
            PrusaLinkDriver(endpoint_of(pi.printer, **wrong)).status()
        assert caught.value.trouble is Trouble.CREDENTIALS


@pytest.mark.parametrize("secret", ["přísně", "two\nlines", "x" * 500])
def test_a_secret_no_header_can_bear_is_refused_like_a_wrong_one(mk4: PolledRig, secret: str) -> None:
    with pytest.raises(DriverError) as caught:
        PrusaLinkDriver(endpoint_of(mk4.printer, secret=secret)).status()

    assert caught.value.trouble is Trouble.CREDENTIALS


def test_a_password_that_was_reset_is_taken_as_soon_as_it_is_right_again(mk4: PolledRig) -> None:
    mk4.status()
    front_of(mk4).api_key = "reset"
    with pytest.raises(DriverError, match="password"):
        PrusaLinkDriver(endpoint_of(mk4.printer, secret="old")).status()
    assert mk4.driver.status().full  # by the digest
    front_of(mk4).api_key = CODE

    assert mk4.driver.status().full


def test_an_upload_never_says_print_after_upload(prusa: PolledRig) -> None:
    """Older firmware takes any value of the header, even ?0, for a yes; the simulated one does as well."""
    prusa.upload()

    assert prusa.printer.starts == []


def test_what_is_left_of_the_same_upload_is_overwritten(prusa: PolledRig) -> None:
    (prusa.printer.machine.folder / prusa.remote_name).write_text("half of it")

    prusa.upload()

    assert (prusa.printer.machine.folder / prusa.remote_name).read_bytes() == prusa.file.read_bytes()


def test_the_file_that_prints_is_neither_overwritten_nor_deleted(prusa: PolledRig) -> None:
    prusa.upload()
    prusa.start(prusa.order)

    with pytest.raises(DriverError, match="using a file"):
        prusa.upload()
    with pytest.raises(DriverError, match="using the file"):
        prusa.driver.remove(prusa.remote_name)


def test_another_transfer_is_told_as_what_it_is(prusa: PolledRig) -> None:
    front_of(prusa).transfer = True

    with pytest.raises(DriverError, match="receiving another file") as caught:
        prusa.upload()

    assert caught.value.trouble is Trouble.NOT_READY


def test_without_a_usb_drive_nothing_is_sent_and_the_test_says_so(mk4: PolledRig) -> None:
    mk4.printer.fault(storage="missing")

    for call in (mk4.upload, mk4.driver.probe):
        with pytest.raises(DriverError, match="no USB drive") as caught:
            call()
        assert caught.value.trouble is Trouble.STORAGE
    assert uploads_of(front_of(mk4)) == 0
    assert mk4.status().full


def test_a_file_on_a_drive_that_was_pulled_out_is_not_taken_for_gone(mk4: PolledRig) -> None:
    mk4.upload()
    mk4.printer.fault(storage="missing")

    with pytest.raises(DriverError):
        mk4.driver.remove(mk4.remote_name)


def test_a_full_storage_that_does_not_tell_its_space_is_found_out_by_the_refusal(prusa: PolledRig) -> None:
    front_of(prusa).tells_space = False
    prusa.printer.fault(storage="full")

    with pytest.raises(DriverError, match="no room") as caught:
        prusa.upload()

    assert caught.value.trouble is Trouble.STORAGE


@pytest.mark.parametrize(
    ("entry", "free"),
    [
        ({"free_space": 0, "total_space": 9}, 0),
        ({"free_space": 0, "total_space": 0}, None),
        ({"free_space": 5}, None),
        ({"free_space": "much", "total_space": 9}, None),
    ],
)
def test_only_a_storage_that_is_measured_can_be_too_full(entry: dict[str, object], free: int | None) -> None:
    card = {"path": "/sdcard", "available": True, "read_only": True}
    said = {"storage_list": [card, 7, {"path": "/usb", "available": True, **entry}]}

    assert storage_of(said) == Storage("usb", free)


def test_a_size_that_is_told_late_is_waited_for(prusa: PolledRig) -> None:
    front_of(prusa).scan_s = 0.12

    prusa.upload()

    assert prusa.printer.picture()["files"] == [prusa.remote_name]


def test_a_file_stored_short_is_damaged(prusa: PolledRig) -> None:
    prusa.printer.fault(short_upload=10)

    with pytest.raises(DriverError) as caught:
        prusa.upload()

    assert caught.value.trouble is Trouble.DAMAGED


def test_a_file_that_changed_in_storage_is_not_left_whole_on_the_printer(prusa: PolledRig) -> None:
    promised = sha256(prusa.file)
    prusa.file.write_bytes(prusa.file.read_bytes()[:-1] + b"!")

    with pytest.raises(DriverError):
        prusa.driver.upload(prusa.file, prusa.remote_name, promised)

    assert prusa.printer.picture()["files"] == []


def test_an_empty_file_is_not_sent(prusa: PolledRig, tmp_path: Path) -> None:
    empty = tmp_path / "empty.gcode"
    empty.touch()

    with pytest.raises(DriverError, match="empty"):
        prusa.driver.upload(empty, "empty.gcode", sha256(empty))

    assert uploads_of(front_of(prusa)) == 0


def test_a_large_upload_does_not_fill_the_memory(prusa: PolledRig, tmp_path: Path) -> None:
    file = make_gcode(tmp_path / "large.gcode", padding=20_000_000)
    pieces: list[int] = []

    prusa.driver.upload(file, "large.gcode", sha256(file), pieces.append)

    assert prusa.printer.picture()["files"] == ["large.gcode"]
    assert max(after - before for before, after in zip(pieces, pieces[1:], strict=False)) <= 65536


def test_a_name_longer_than_the_firmware_bears_is_refused(mk4: PolledRig) -> None:
    with pytest.raises(DriverError, match="90"):
        mk4.driver.upload(mk4.file, "x" * 85 + ".gcode", sha256(mk4.file))
