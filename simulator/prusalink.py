"""A Prusa printer behind PrusaLink, as far as a print farm talks to it: in its firmware, or on a Pi.

Shapes and refusals follow facts 3, the firmware's gcode_upload.cpp, status_renderer.cpp and basic_gets.cpp
(Prusa-Firmware-Buddy), and the service's files.py (Prusa-Link). The job is gone when a print ends.
"""

import asyncio
from collections.abc import Callable

from simulator.digest import Digest
from simulator.http import Dropped, HttpServer, Reply, Request, as_json
from simulator.printer import Machine, Phase, Refusal
from simulator.prusalink_files import STARTABLE, Shelf, failure

_NEVER_S = 3600.0
_FIRST_ID = 419
_STATES = {
    Phase.IDLE: "IDLE",
    Phase.PREPARING: "PRINTING",
    Phase.PRINTING: "PRINTING",
    Phase.PAUSED: "PAUSED",
    Phase.FINISHED: "FINISHED",
    Phase.CANCELLED: "STOPPED",
    Phase.ERROR: "ERROR",
}


class PrusaLinkFront(Shelf):
    """The face of one Prusa printer. A test may set `api_key` (the Pi's), `tells_space`, `mmu` and `old`."""

    def __init__(self, machine: Machine, host: str, port: int) -> None:
        super().__init__(machine)
        self.host, self.port, self.file_port = host, port, 0
        self.api_key = "" if self.on_pi else machine.secret
        self.digest = Digest(
            "Administrator" if self.on_pi else "Printer API", "maker", machine.secret, qop=self.on_pi
        )
        self.tells_space, self.mmu, self.old = True, False, False
        self.asked: list[tuple[str, str]] = []
        self.refused_uploads = 0
        self._http = HttpServer(self._answer)
        self._gets: dict[str, Callable[[], Reply]] = {
            "/api/version": self._version,
            "/api/v1/info": self._info,
            "/api/v1/status": self._status,
            "/api/v1/job": self._job,
            "/api/v1/storage": self._storages,
        }

    async def open(self) -> None:
        self.port = await self._http.open(self.host, self.port)

    def close(self) -> None:
        self._http.close()

    def cut(self) -> None:
        """Drop every line, as a reboot does; new ones are taken."""
        self._http.cut()

    async def _answer(self, request: Request) -> Reply:
        self.asked.append((request.method, request.path))
        faults = self.machine.faults
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        if faults.mute:
            await asyncio.sleep(_NEVER_S)
        moves = request.method == "POST" or "/job/" in request.path
        if moves and faults.take("drop_next"):
            raise Dropped
        if faults.nonsense:
            return Reply(200, b"<html><body>Welcome to nginx!</body></html>\x00\xff", "text/html")
        if self.machine.secret and (refusal := self._keeps_out(request)):
            return refusal
        self.machine.advance()
        reply = await self._route(request)
        if moves and faults.take("cut_next"):
            raise Dropped
        reply.cut = faults.half
        return reply

    def _keeps_out(self, request: Request) -> Reply | None:
        """A refusal for whoever may not in; both products look at the key first."""
        key = request.headers.get("x-api-key")
        if key is not None and self.api_key and key == self.api_key:
            return None
        if key is not None and self.on_pi:
            return failure(403, "Forbidden", "Bad X-Api-Key.")
        if self.digest.lets_in(request):
            return None
        self.refused_uploads += request.method == "PUT" and "/files/" in request.path
        reply = failure(401, "401: Unauthorized")
        reply.headers["WWW-Authenticate"] = self.digest.challenge(request)
        return reply

    async def _route(self, request: Request) -> Reply:
        if self.on_pi and self.machine.firmware_state != "ready" and request.path.startswith("/api/v1/"):
            return failure(503, "Printer Unavailable", "Printer is not connected.")
        if self.old and request.path.startswith("/api/v1/"):
            return failure(404, "404: Not Found")
        if request.method == "GET" and request.path in self._gets:
            return self._gets[request.path]()
        parts = request.path.strip("/").split("/")
        if parts[:3] == ["api", "v1", "job"] and len(parts) in (4, 5):
            return self._order(request.method, parts[3], parts[4] if len(parts) == 5 else "")
        if parts[:3] == ["api", "v1", "files"] and len(parts) == 5:
            return await self.answer_file(request, parts[3], parts[4])
        return failure(404, "404: Not Found")

    def _version(self) -> Reply:
        if self.on_pi:
            return as_json(
                {
                    "api": "0.9.0-legacy",
                    "server": "0.8.1",
                    "original": self.machine.profile.product_name,
                    "text": "PrusaLink 0.8.1",
                    "firmware": self.machine.profile.firmware,
                    "hostname": "prusalink",
                }
            )
        return as_json(
            {
                "api": "2.0.0",
                "server": "2.1.2",
                "nozzle_diameter": self.machine.profile.nozzle_mm,
                "text": "PrusaLink",
                "hostname": self.machine.profile.product_name,
                "capabilities": {"upload-by-put": True},
            }
        )

    def _info(self) -> Reply:
        hostname = "prusalink" if self.on_pi else self.machine.profile.product_name
        told = {
            "nozzle_diameter": self.machine.profile.nozzle_mm,
            "mmu": self.mmu,
            "serial": self.machine.serial,
            "hostname": hostname,
            "min_extrusion_temp": 170,
        }
        return as_json({**told, "name": self.machine.name, "location": ""} if self.on_pi else told)

    @property
    def _state(self) -> str:
        if self.dialog:
            return self.dialog
        machine = self.machine
        if machine.phase is Phase.PAUSED and machine.out_of_filament:
            return "ATTENTION"
        return "READY" if self.ready and machine.phase in STARTABLE else _STATES[machine.phase]

    @property
    def _number(self) -> int:
        """A counter of 16 bits that the printer keeps."""
        return (_FIRST_ID + (self.machine.run.number if self.machine.run else 0)) % 65536

    def _progress(self) -> dict[str, object]:
        run = self.machine.run
        if run is None or not self.machine.active:
            return {}
        told: dict[str, object] = {
            "id": self._number,
            "progress": round(run.share * 100, 2),
            "time_printing": int(run.elapsed_s),
        }
        if self.machine.phase is not Phase.PREPARING:
            told["time_remaining"] = int(run.remaining_s)
        return told

    def _status(self) -> Reply:
        machine, state = self.machine, self._state
        nozzle_c, bed_c = machine.targets_c
        printer: dict[str, object] = {
            "state": state,
            "temp_bed": round(machine.bed_c, 1),
            "target_bed": bed_c,
            "temp_nozzle": round(machine.nozzle_c, 1),
            "target_nozzle": nozzle_c,
            "axis_z": 0.2,
            "flow": 100,
            "speed": 100,
            "fan_hotend": 3099,
            "fan_print": 5964,
        }
        if self.on_pi:
            printer["status_printer"] = {"ok": not machine.trouble, "message": machine.trouble or "OK"}
        store = {"path": f"/{self.storage}/", "name": self.storage, "read_only": False}
        told: dict[str, object] = {"printer": printer}
        if progress := self._progress():
            told["job"] = progress
        if self.on_pi:
            told["storage"] = [store]
        elif machine.faults.storage != "missing":
            told["storage"] = store
        return as_json(told)

    def _job(self) -> Reply:
        run, progress = self.machine.run, self._progress()
        if run is None or not progress:
            return Reply(204)
        path = self.machine.folder / run.remote_name
        short = run.remote_name if self.on_pi else f"{run.remote_name[:6].upper()}~1.GCO"
        file = {
            "name": short,
            "display_name": run.remote_name,
            "path": f"/{self.storage}",
            "size": path.stat().st_size if path.is_file() else 0,
            "m_timestamp": int(run.started_at),
        }
        return as_json({**progress, "state": self._state, "file": file})

    def _storages(self) -> Reply:
        there = self.machine.faults.storage != "missing"
        mine: dict[str, object] = {
            "type": self.storage.upper(), "path": f"/{self.storage}", "name": self.storage,
            "read_only": False, "available": there,
        }  # fmt: skip
        if self.tells_space and there:
            mine["free_space"] = 0 if self.machine.faults.storage == "full" else 8 << 30
            mine["total_space"] = 16 << 30
        card = {"type": "SDCARD", "path": "/sdcard", "name": "SD Card", "read_only": True, "available": True}
        return as_json({"storage_list": [mine, card] if self.on_pi else [mine]})

    def _order(self, method: str, number: str, verb: str) -> Reply:
        if not self._progress() or number != str(self._number):
            return failure(404, "404: Not Found", "Job not found")
        acts = {"pause": self.machine.pause, "resume": self.machine.resume}
        if self.on_pi:
            acts["continue"] = self.machine.resume
        act = self.machine.cancel if (method, verb) == ("DELETE", "") else acts.get(verb)
        if act is None:
            return failure(404, "404: Not Found")
        if not self.machine.faults.take("lose_next"):
            try:
                act()
            except Refusal as refusal:
                return failure(409, "Printer Is Not Printing", str(refusal))
        return Reply(204)
