"""What was asked of an OctoPrint and what it answered: written down from a real one, and played back."""

import hashlib
import json
from pathlib import Path
from typing import Any

from printers.drivers.driver import Endpoint, StartOrder
from printers.drivers.octoprint import OctoPrintDriver
from printers.drivers.octoprint_http import OctoPrintHttp
from printers.drivers.web import parsed

NAME = "k7f3q_part.gcode"
GCODE = "M104 S45\nM109 S45\n" + "G4 P100\n" * 30
RECORDINGS = Path(__file__).parent.parent / "recordings" / "octoprint"


def described(method: str, path: str, more: dict[str, Any]) -> dict[str, Any]:
    """A request as it is written down, without the file of an upload."""
    said = {"method": method, "path": path, "query": more.get("params"), "json": more.get("json")}
    return {name: value for name, value in said.items() if value}


class Recorder(OctoPrintHttp):
    """Asks a real OctoPrint and notes every exchange."""

    def __init__(self, endpoint: Endpoint, default_port: int) -> None:
        super().__init__(endpoint, default_port)
        self.exchanges: list[dict[str, Any]] = []

    def ask(self, method: str, path: str, wait_s: float | None = None, **more: Any) -> Any:
        self.exchanges.append({"request": described(method, path, more)})
        return super().ask(method, path, wait_s, **more)

    def result(self, status: int, body: bytes) -> Any:
        self.exchanges[-1] |= {"status": status, "answer": parsed(body)}
        return super().result(status, body)


class Player(OctoPrintHttp):
    """Answers as was recorded, and only what was asked then, in the same order."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        super().__init__(Endpoint("recorded", secret="k"), 5000)
        self.left = list(exchanges)

    def ask(self, method: str, path: str, wait_s: float | None = None, **more: Any) -> Any:
        if "data" in more:
            while more["data"].read():
                pass
        told = self.left.pop(0)
        assert described(method, path, more) == told["request"]
        return self.result(told["status"], json.dumps(told["answer"]).encode())


def call(driver: OctoPrintDriver, name: str, file: Path) -> Any:
    """Do what a recording calls `name`; `file` holds GCODE."""
    if name == "upload":
        return driver.upload(file, NAME, hashlib.sha256(file.read_bytes()).hexdigest())
    if name == "start":
        return driver.start(StartOrder(NAME, "1"))
    return driver.remove(NAME) if name == "remove" else getattr(driver, name)()


def driver_on(http: OctoPrintHttp) -> OctoPrintDriver:
    driver = OctoPrintDriver(Endpoint("recorded", secret="k"))
    driver._http = http
    return driver
