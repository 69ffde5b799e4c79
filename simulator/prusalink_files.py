"""The storage of a simulated PrusaLink: uploads with their refusals, files, and the start of one."""

import time
from pathlib import Path

from simulator.http import Reply, Request, as_json
from simulator.printer import Machine, Phase
from simulator.sliced import read_gcode

STARTABLE = (Phase.IDLE, Phase.FINISHED, Phase.CANCELLED)
_ENDINGS = (".gcode", ".gco", ".gc", ".g")


def failure(status: int, title: str, message: str = "") -> Reply:
    return as_json({"title": title, "message": message or title}, status)


class Shelf:
    """Where the files of one printer are.

    Test and demo may set: `ready` (the operator's word that the plate is clear), `dialog` ("BUSY",
    "ATTENTION": what its screen is at), `transfer` (another upload runs), `scan_s` (how long a new
    file's size is not told).
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.on_pi = machine.profile.on_pi
        self.storage = "local" if self.on_pi else "usb"
        self.ready, self.transfer = False, False
        self.dialog = ""
        self.scan_s = 0.0
        self._stored_at: dict[str, float] = {}

    async def answer_file(self, request: Request, storage: str, name: str) -> Reply:
        path = self.machine.folder / Path(name).name
        if storage != self.storage or self.machine.faults.storage == "missing":
            missing = request.method == "PUT" and not self.on_pi
            return failure(507, "507: Insufficient Storage", "Missing USB drive") if missing else _no_file()
        if request.method == "PUT":
            return await self._put(request, path)
        if not path.is_file():
            return _no_file()
        if request.method == "GET":
            return self._told_of(path)
        if request.method == "DELETE":
            if self._is_printed(path):
                return failure(409, "File is currently printed", "File is busy")
            path.unlink()
            return Reply(204)
        return self._start(path) if request.method == "POST" else failure(405, "405: Method Not Allowed")

    def _told_of(self, path: Path, status: int = 200) -> Reply:
        told: dict[str, object] = {"name": path.name, "display_name": path.name, "type": "PRINT_FILE"}
        if time.monotonic() - self._stored_at.get(path.name, 0.0) >= self.scan_s:
            told["size"] = path.stat().st_size
        return as_json(told, status)

    def _is_printed(self, path: Path) -> bool:
        run = self.machine.run
        return self.machine.active and run is not None and run.remote_name == path.name

    async def _put(self, request: Request, path: Path) -> Reply:
        if refusal := self._refused(request, path):
            return refusal
        parked = path.with_name(f".{path.name}.part")
        left = self.machine.faults.short_upload if self.machine.faults.short_upload >= 0 else request.left
        with parked.open("wb") as target:
            while piece := await request.chunk():
                target.write(piece[: max(0, left)])
                left -= len(piece)
        parked.replace(path)
        self._stored_at[path.name] = time.monotonic()
        wish = request.headers.get("print-after-upload")
        # Older firmware takes any value of it for a yes.
        if wish is not None and (not self.on_pi or wish == "?1"):
            self.machine.start(path.name, read_gcode(path))
        return self._told_of(path, 201)

    def _refused(self, request: Request, path: Path) -> Reply | None:
        """Why an upload is not taken; its body is not read and the line is closed."""
        endings = _ENDINGS if self.on_pi else (*_ENDINGS, ".bgcode")
        if "content-length" not in request.headers:
            return failure(411, "411: Length Required")
        if request.left == 0:
            return failure(411 if self.on_pi else 501, "Empty body")
        if self.transfer:
            return failure(
                409, "Already in transfer process" if self.on_pi else "Another transfer in progress"
            )
        if self.machine.faults.storage == "full":
            return failure(413 if self.on_pi else 507, "USB drive full")
        if not path.name.endswith(endings):
            return failure(415, "Not a GCODE")
        if self._is_printed(path):
            return failure(409, "File is currently printed" if self.on_pi else "File is busy")
        if path.exists() and request.headers.get("overwrite") != "?1":
            return failure(409, "File Already Exists" if self.on_pi else "File already exists")
        return None

    def _start(self, path: Path) -> Reply:
        machine = self.machine
        if self.dialog or machine.phase not in STARTABLE:
            # The firmware closes the line after this.
            reply = failure(409, "Not in state to print" if self.on_pi else "Can't print right now")
            reply.headers["Connection"] = "close"
            return reply
        if not machine.faults.take("lose_next"):
            self.ready = False
            machine.start(path.name, read_gcode(path))
        return Reply(204)


def _no_file() -> Reply:
    return failure(404, "404: Not Found", "File doesn't exist")
