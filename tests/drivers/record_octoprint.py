"""Write tests/recordings/octoprint anew from a real OctoPrint: python -m tests.drivers.record_octoprint

What each recording must be read as is written by hand afterwards; `expect` of an older one is kept.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from printers.drivers.driver import DriverError, Endpoint, MachineState, Status
from tests.drivers.octoprint_exchanges import GCODE, RECORDINGS, Recorder, driver_on
from tests.drivers.octoprint_exchanges import call as do
from tests.drivers.real_octoprint import KEY, VERSION, WEAK_KEY, installed, running

M = MachineState
HOME = Path(__file__).parents[2] / ".cache" / "octoprint"


class Session:
    """One OctoPrint being recorded: each call on a fresh driver, as another process would make it."""

    def __init__(self, endpoint: Endpoint, folder: Path) -> None:
        self._endpoint = endpoint
        self._file = folder / "part.gcode"
        self._file.write_text(GCODE)

    def record(self, name: str, about: str, call: str, secret: str = KEY) -> None:
        http = Recorder(Endpoint(self._endpoint.host, self._endpoint.port, secret=secret), 0)
        driver = driver_on(http)
        try:
            do(driver, call, self._file)
        except DriverError as error:
            sys.stdout.write(f"{name}: {error}\n")
        path = RECORDINGS / f"{name}.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        said = {"about": f"{about} OctoPrint {VERSION}, virtual printer.", "call": call}
        said |= {"exchanges": [_without_address(one, self._endpoint.port) for one in http.exchanges]}
        said["expect"] = kept.get("expect", {})
        path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
        driver.close()

    def until(self, wanted: Callable[[Status], object]) -> None:
        driver = driver_on(Recorder(self._endpoint, 0))
        end = time.monotonic() + 20
        while not wanted(driver.status()) and time.monotonic() < end:
            time.sleep(0.05)
        driver.close()

    def do(self, call: str) -> None:
        do(driver_on(Recorder(self._endpoint, 0)), call, self._file)


def _without_address(exchange: dict[str, object], port: int) -> dict[str, object]:
    """Nothing of this machine and no key stays in a recording."""
    text = json.dumps(exchange).replace(f"127.0.0.1:{port}", "octoprint.test")
    told = json.loads(text)
    answer = told.get("answer")
    if told["request"]["path"] == "/api/settings" and isinstance(answer, dict):
        uuid = answer["plugins"]["discovery"]["upnpUuid"]
        told["answer"] = {
            "appearance": answer["appearance"],
            "plugins": {"discovery": {"upnpUuid": "00000000-0000-4000-8000-000000000001" if uuid else uuid}},
        }
    return told


def record_all(session: Session) -> None:
    session.record("probe", "The connection test.", "probe")
    session.record("probe_wrong_key", "The connection test with a key nobody has.", "probe", "0" * 32)
    session.record(
        "probe_weak_key", "The connection test with the key of a user who may only look.", "probe", WEAK_KEY
    )
    session.record("idle", "Nothing selected.", "status")
    session.record("start_missing", "A start of a file that is not there.", "start")
    session.record("upload", "An upload, and what was stored.", "upload")
    session.do("start")
    session.record("heating", "A print that heats: a little of the file is read ahead.", "status")
    session.until(lambda now: now.state is M.PRINTING and now.progress and now.progress > 0.3)
    session.record("printing", "A print in the middle.", "status")
    session.record("start_while_printing", "A second start.", "start")
    session.record("remove_while_printing", "Deleting the file that prints.", "remove")
    session.record("pause", "Pausing.", "pause")
    session.until(lambda now: now.raw_state == "Paused")
    session.record("paused", "A paused print.", "status")
    session.record("resume", "Resuming.", "resume")
    session.until(lambda now: now.state is M.FINISHED)
    session.record("complete", "A file that was printed to its end stays selected.", "status")
    session.do("start")
    session.until(lambda now: now.state is M.PRINTING)
    session.record("again", "The same file printed again.", "status")
    session.record("cancel", "Cancelling.", "cancel")
    session.until(lambda now: now.state is M.FINISHED)
    session.record("cancelled", "After a cancel the file stays selected without progress.", "status")
    session.record("pause_nothing", "Pausing where nothing prints.", "pause")
    session.do("start")
    session.until(lambda now: now.state is M.PRINTING)
    session.record("stop", "Emergency stop in a print.", "stop")
    time.sleep(1)
    session.record("stopped", "After an emergency stop OctoPrint has hung up.", "status")
    session.record("probe_stopped", "The connection test after an emergency stop.", "probe")
    session.record("clear_errors", "Connecting again.", "clear_errors")
    session.until(lambda now: now.state is M.IDLE and bool(now.nozzles))
    session.record("remove", "Deleting a file, and seeing it gone.", "remove")


def main() -> None:
    RECORDINGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(installed(HOME), Path(folder) / "base") as port:
        record_all(Session(Endpoint("127.0.0.1", port, secret=KEY), Path(folder)))


if __name__ == "__main__":
    main()
