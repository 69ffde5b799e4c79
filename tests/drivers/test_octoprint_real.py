"""Our driver against a real OctoPrint and its virtual printer, end to end."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from printers.drivers import octoprint, octoprint_http, web
from printers.drivers.driver import (
    DriverError,
    Endpoint,
    MachineState,
    Outcome,
    StartOrder,
    StartRefused,
    Status,
    Trouble,
)
from printers.drivers.octoprint import OctoPrintDriver
from tests.drivers.real_octoprint import KEY, WEAK_KEY, CannotInstall, installed, running
from tests.drivers.rig import sha256

pytestmark = [pytest.mark.xdist_group("real OctoPrint"), pytest.mark.timeout(700)]
CACHE = Path(os.environ.get("ODIN_OCTOPRINT_HOME", Path(__file__).parents[2] / ".cache" / "octoprint"))
# Warm within a second; each dwell takes its time on the virtual printer too.
SHORT, LONG = 8, 400
M = MachineState


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A running OctoPrint; installed from the package index the first time, which takes half a minute."""
    try:
        program = installed(CACHE)
    except CannotInstall as error:
        pytest.skip(f"OctoPrint cannot be installed from the package index here: {error}")
    with running(program, tmp_path_factory.mktemp("octoprint")) as port:
        yield Endpoint("127.0.0.1", port, secret=KEY)


@pytest.fixture(autouse=True)
def usual_waits(short_waits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server on a busy machine needs the time that it has in earnest."""
    monkeypatch.setattr(octoprint, "START_S", 30.0)
    monkeypatch.setattr(octoprint, "SETTLE_S", 0.5)
    monkeypatch.setattr(octoprint_http, "ANSWER_S", 10.0)
    monkeypatch.setattr(web, "CONNECT_S", 5.0)


@pytest.fixture
def octo(endpoint: Endpoint) -> Iterator[OctoPrintDriver]:
    """A driver of a connected printer on which nothing moves."""
    driver = OctoPrintDriver(endpoint)
    driver.clear_errors()
    until(driver, lambda now: now.state in (M.IDLE, M.FINISHED) and bool(now.nozzles))
    yield driver
    if driver.status().state in (M.PREPARING, M.PRINTING, M.PAUSED):
        driver.cancel()
        until(driver, lambda now: now.state is M.FINISHED)
    driver.close()


@pytest.fixture
def stored(octo: OctoPrintDriver, tmp_path: Path) -> Callable[..., str]:
    """Uploads a file of so many tenths of a second under a name of its own."""

    def store(name: str, tenths: int) -> str:
        path = tmp_path / name
        path.write_text("M104 S30\nM109 S30\n" + "G4 P100\n" * tenths + "M104 S0\n")
        octo.upload(path, name, sha256(path))
        return name

    return store


def until(driver: OctoPrintDriver, wanted: Callable[[Status], Any], patience_s: float = 20) -> Status:
    """The first status that fits, asked as often as the gateway asks and more."""
    end = time.monotonic() + patience_s
    while not wanted(now := driver.status()):
        assert time.monotonic() < end, f"never came; last was {now}"
        time.sleep(0.1)
    return now


def printing(driver: OctoPrintDriver, name: str) -> Status:
    driver.start(StartOrder(name, "1"))
    return until(driver, lambda now: now.state is M.PRINTING and now.progress)


def test_an_index_without_octoprint_is_told_as_the_reason_to_skip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.drivers.real_octoprint.VERSION", "0.0.1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(CannotInstall, match=r"OctoPrint==0\.0\.1"):
        installed(tmp_path)


def test_a_probe_tells_what_stands_there(octo: OctoPrintDriver) -> None:
    found = octo.probe()

    assert found.firmware.startswith("OctoPrint 1.")
    assert found.machine_key
    assert (found.bed_mm, found.nozzle_mm, found.warnings) == ((200.0, 200.0, 200.0), 0.4, ())


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "wants an API key"),
        ("0" * 32, "does not accept"),
        (WEAK_KEY, "key is right, but its user may not"),
    ],
)
def test_a_probe_names_what_is_wrong_with_the_key(endpoint: Endpoint, key: str, words: str) -> None:
    with pytest.raises(DriverError, match=words) as caught:
        OctoPrintDriver(replace(endpoint, secret=key)).probe()

    assert caught.value.trouble is Trouble.CREDENTIALS


def test_a_print_from_upload_to_its_end_and_its_second_run(octo: OctoPrintDriver, stored: Any) -> None:
    name = stored("k7f3qaaa_whole.gcode", SHORT)
    before = octo.status()

    running = printing(octo, name)
    done = until(octo, lambda now: now.state is M.FINISHED)

    assert before.file != name
    assert (running.file, running.job_key) == (name, done.job_key)
    assert (done.outcome, done.progress) == (Outcome.COMPLETED, 1.0)
    assert done.elapsed_s is not None
    assert octo.outcome_of(name) is Outcome.COMPLETED

    again = printing(octo, name)
    ended = until(octo, lambda now: now.state is M.FINISHED)

    assert again.job_key == ended.job_key != done.job_key
    assert OctoPrintDriver(octo.endpoint).status().job_key == ended.job_key


def test_pause_resume_and_cancel(octo: OctoPrintDriver, stored: Any) -> None:
    name = stored("k7f3qbbb_long.gcode", LONG)
    key = printing(octo, name).job_key

    octo.pause()
    paused = until(octo, lambda now: now.state is M.PAUSED and now.raw_state == "Paused")
    octo.pause()
    with pytest.raises(StartRefused):
        octo.start(StartOrder(name, "2"))
    octo.resume()
    until(octo, lambda now: now.state is M.PRINTING)
    octo.cancel()
    ended = until(octo, lambda now: now.state is M.FINISHED)

    assert paused.job_key == ended.job_key == key
    assert ended.outcome is Outcome.CANCELLED
    assert OctoPrintDriver(octo.endpoint).status().outcome is Outcome.CANCELLED
    assert octo.outcome_of(name) is Outcome.CANCELLED


def test_a_second_start_is_refused_by_octoprint_itself(
    octo: OctoPrintDriver, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, other = stored("k7f3qccc_first.gcode", LONG), stored("k7f3qddd_other.gcode", SHORT)
    printing(octo, name)
    monkeypatch.setattr(OctoPrintDriver, "_refuse_unless_free", lambda self: None)

    with pytest.raises(StartRefused):
        octo.start(StartOrder(other, "2"))

    assert octo.status().file == name
    with pytest.raises(DriverError, match="using the file"):
        octo.remove(name)


def test_a_start_of_a_missing_file_is_refused(octo: OctoPrintDriver) -> None:
    with pytest.raises(StartRefused, match="not on the printer"):
        octo.start(StartOrder("k7f3qzzz_nothing.gcode", "1"))


def test_an_emergency_stop_is_an_error_and_connecting_again_clears_it(
    octo: OctoPrintDriver, stored: Any
) -> None:
    name = stored("k7f3qeee_stopped.gcode", LONG)
    printing(octo, name)

    octo.stop()
    stopped = until(octo, lambda now: now.state is M.ERROR)
    with pytest.raises(DriverError, match="Offline after error") as caught:
        octo.probe()
    outcome = octo.outcome_of(name)
    octo.clear_errors()
    back = until(octo, lambda now: now.state is M.IDLE)

    assert (stopped.outcome, outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert "M112" in stopped.faults[0].text
    assert caught.value.trouble is Trouble.NOT_READY
    assert (back.file, back.job_key) == ("", "")


def test_a_removed_file_is_gone_and_octoprint_forgets_its_job(octo: OctoPrintDriver, stored: Any) -> None:
    name = stored("k7f3qfff_gone.gcode", SHORT)
    printing(octo, name)
    until(octo, lambda now: now.state is M.FINISHED)

    octo.remove(name)
    octo.remove(name)

    now = octo.status()
    assert (now.state, now.file, now.job_key, now.outcome) == (M.IDLE, "", "", None)
    assert octo.outcome_of(name) is None


def test_nothing_moved_for_a_file_that_was_only_selected(octo: OctoPrintDriver, stored: Any) -> None:
    name = stored("k7f3qggg_chosen.gcode", SHORT)
    octo._http.command(f"/api/files/local/{name}", {"command": "select"})

    now = octo.status()

    assert (now.state, now.file, now.job_key, now.seen_moving) == (M.IDLE, name, "", False)
