"""A Klipper printer behind Moonraker's HTTP interface, as far as a print farm talks to it.

Shapes and refusals follow facts 2 and moonraker's own file manager (commit 00720f5): DELETE of a missing
file is 400 "Invalid file path", of the file being printed 403; a start in a print is 400 "SD busy", a
start in a pause replaces the job.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from simulator.http import Dropped, HttpServer, Reply, Request, as_json
from simulator.klipper_objects import OBJECTS, history_entry, query
from simulator.multipart import BadForm, receive
from simulator.printer import MOVING, Machine, Phase, Refusal, Run
from simulator.sliced import Sliced, read_gcode

_NEVER_S = 3600.0
_EXTENSIONS = (".gcode", ".g", ".gco", ".ufp", ".nc")


def failure(status: int, message: str) -> Reply:
    return as_json({"error": {"code": status, "message": message, "traceback": ""}}, status)


def result(content: object, status: int = 200) -> Reply:
    return as_json({"result": content}, status)


class MoonrakerFront:
    """The network face of one Klipper machine."""

    def __init__(self, machine: Machine, host: str, port: int) -> None:
        self.machine = machine
        self.host, self.port, self.file_port = host, port, 0
        self.restart_s = 0.3
        self.requests = 0
        self.paths: dict[str, int] = {}
        self._sliced: dict[str, Sliced] = {}
        self._http = HttpServer(self._answer)
        self._uploads = 0
        self._routes: dict[tuple[str, str], Callable[[Request], Awaitable[Reply]]] = {
            ("GET", "/server/info"): self._server_info,
            ("GET", "/printer/info"): self._printer_info,
            ("GET", "/machine/system_info"): self._system_info,
            ("GET", "/printer/objects/list"): self._object_list,
            ("GET", "/printer/objects/query"): self._query,
            ("POST", "/printer/objects/query"): self._query,
            ("POST", "/server/files/upload"): self._upload,
            ("GET", "/server/files/metadata"): self._metadata,
            ("GET", "/server/history/list"): self._history,
            ("GET", "/server/job_queue/status"): self._job_queue,
            ("POST", "/printer/print/start"): self._start,
            ("POST", "/printer/print/pause"): self._order,
            ("POST", "/printer/print/resume"): self._order,
            ("POST", "/printer/print/cancel"): self._order,
            ("POST", "/printer/emergency_stop"): self._emergency_stop,
            ("POST", "/printer/firmware_restart"): self._firmware_restart,
            ("POST", "/printer/gcode/script"): self._script,
        }

    async def open(self) -> None:
        self.port = await self._http.open(self.host, self.port)

    def close(self) -> None:
        self._http.close()

    def cut(self) -> None:
        """Drop every line, as a reboot does; new ones are taken."""
        self._http.cut()

    async def _answer(self, request: Request) -> Reply:
        self.requests += 1
        self.paths[request.path] = self.paths.get(request.path, 0) + 1
        faults = self.machine.faults
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        if faults.mute:
            await asyncio.sleep(_NEVER_S)
        if "/print/" in request.path and faults.take("drop_next"):
            raise Dropped
        if faults.nonsense:
            return Reply(200, b"<html><body>Welcome to nginx!</body></html>\x00\xff", "text/html")
        if self.machine.secret and request.headers.get("x-api-key") != self.machine.secret:
            return failure(401, "Unauthorized")
        self.machine.advance()
        reply = await self._route(request)
        if "/print/" in request.path and faults.take("cut_next"):
            raise Dropped
        reply.cut = faults.half
        return reply

    async def _route(self, request: Request) -> Reply:
        if request.method == "DELETE" and request.path.startswith("/server/files/gcodes/"):
            return self._delete(request.path.rsplit("/", 1)[1])
        handler = self._routes.get((request.method, request.path))
        if handler is None:
            return failure(404, "Not Found")
        state = self.machine.firmware_state
        if request.path.startswith("/printer/") and request.path not in (
            "/printer/info",
            "/printer/firmware_restart",
        ):
            if state == "disconnected":
                return failure(503, "Klippy Host not connected")
            if state != "ready" and "/objects/" not in request.path:
                return failure(400, f"Klipper reports: {state.upper()}")
        return await handler(request)

    async def _server_info(self, request: Request) -> Reply:
        state = self.machine.firmware_state
        return result(
            {
                "klippy_connected": state != "disconnected",
                "klippy_state": state,
                "components": ["file_manager", "history", "job_queue"],
                "failed_components": [],
                "warnings": [],
                "moonraker_version": "v0.9.3-0-gsimulated",
                "api_version_string": "1.5.0",
            }
        )

    async def _printer_info(self, request: Request) -> Reply:
        state = self.machine.firmware_state
        return result(
            {
                "state": state,
                "state_message": "Printer is ready" if state == "ready" else self.machine.trouble or state,
                "hostname": self.machine.name,
                "software_version": "v0.12.0-0-gsimulated",
            }
        )

    async def _system_info(self, request: Request) -> Reply:
        cpu = {"cpu_count": 4, "model": "Raspberry Pi 4", "serial_number": self.machine.serial}
        return result({"system_info": {"cpu_info": cpu}})

    async def _object_list(self, request: Request) -> Reply:
        return result({"objects": list(OBJECTS)})

    async def _query(self, request: Request) -> Reply:
        wanted: dict[str, object] = dict(request.query)
        if request.method == "POST":
            body = await request.json()
            wanted = body.get("objects") or {}
        return result({"eventtime": time.monotonic(), "status": query(self.machine, wanted)})

    async def _upload(self, request: Request) -> Reply:
        self._uploads += 1
        parked = self.machine.folder / f".upload-{self._uploads}"
        try:
            form = await receive(request, parked)
        except BadForm as error:
            return failure(400, str(error))
        name = form.filename.rsplit("/", 1)[-1]
        try:
            if not name.endswith(_EXTENSIONS):
                return failure(400, "No file name specified in upload form")
            if form.fields.get("checksum", form.sha256) != form.sha256:
                return failure(422, "File checksum mismatch")
            if self._in_use(name):
                return failure(403, "File is loaded, upload not permitted")
            if self.machine.faults.storage:
                return failure(500, "Unable to save file")
            parked.replace(self.machine.folder / name)
        finally:
            parked.unlink(missing_ok=True)
        self._sliced.pop(name, None)
        item = {
            "path": name,
            "root": "gcodes",
            "size": form.size,
            "modified": time.time(),
            "permissions": "rw",
        }
        return result(
            {"item": item, "print_started": False, "print_queued": False, "action": "create_file"}, 201
        )

    def _in_use(self, name: str) -> bool:
        machine = self.machine
        return machine.active and machine.run is not None and machine.run.remote_name == name

    def _read(self, name: str) -> Sliced | None:
        path = self.machine.folder / name.rsplit("/", 1)[-1]
        if name not in self._sliced and path.is_file():
            self._sliced[name] = read_gcode(path)
        return self._sliced.get(name)

    async def _metadata(self, request: Request) -> Reply:
        name = request.query.get("filename", "")
        sliced = self._read(name)
        if sliced is None:
            return failure(404, f"Metadata not available for <{name}>")
        facts = {
            "filename": name,
            "size": (self.machine.folder / name).stat().st_size,
            "estimated_time": sliced.duration_s,
            "layer_count": sliced.layers,
            "filament_total": sliced.length_mm,
            "filament_weight_total": sliced.grams,
        }
        return result(facts)

    def _delete(self, name: str) -> Reply:
        path = self.machine.folder / name
        if not path.is_file():
            return failure(400, f"Invalid file path: gcodes/{name}")
        if self._in_use(name):
            return failure(403, "File currently in use")
        path.unlink()
        self._sliced.pop(name, None)
        return result({"item": {"path": name, "root": "gcodes"}, "action": "delete_file"})

    async def _history(self, request: Request) -> Reply:
        if self.machine.faults.no_history:
            return failure(404, "Not Found")
        runs: list[Run] = list(self.machine.runs)
        if request.query.get("order", "desc") == "desc":
            runs.reverse()
        jobs = [history_entry(run) for run in runs[: int(request.query.get("limit", 50))]]
        return result({"count": len(jobs), "jobs": jobs})

    async def _job_queue(self, request: Request) -> Reply:
        return result({"queue_state": "ready", "queued_jobs": []})

    async def _start(self, request: Request) -> Reply:
        name = request.query.get("filename", "")
        if self.machine.phase in MOVING:
            return failure(400, "SD busy")
        sliced = self._read(name)
        if sliced is None:
            return failure(400, "Unable to open file")
        if not self.machine.faults.take("lose_next"):
            self.machine.start(name, sliced)
        return result("ok")

    async def _order(self, request: Request) -> Reply:
        verb = request.path.rsplit("/", 1)[1]
        act = {"pause": self.machine.pause, "resume": self.machine.resume, "cancel": self.machine.cancel}[
            verb
        ]
        if not self.machine.faults.take("lose_next"):
            try:
                act()
            except Refusal as refusal:
                return failure(400, str(refusal))
        return result("ok")

    async def _emergency_stop(self, request: Request) -> Reply:
        self.machine.fail("Shutdown due to M112 command", "klippy_shutdown")
        self.machine.firmware_state = "shutdown"
        return result("ok")

    async def _firmware_restart(self, request: Request) -> Reply:
        self.machine.reboot()
        self.machine.firmware_state = "startup"
        asyncio.get_running_loop().call_later(self.restart_s, self._ready)
        return result("ok")

    def _ready(self) -> None:
        if self.machine.firmware_state == "startup":
            self.machine.firmware_state = "ready"

    async def _script(self, request: Request) -> Reply:
        script = request.query.get("script", "").strip().upper()
        if script == "SDCARD_RESET_FILE":
            if self.machine.phase in MOVING or self.machine.phase is Phase.PAUSED:
                return failure(400, "SDCARD_RESET_FILE cannot be run from the sdcard")
            self.machine.acknowledge()
        return result("ok")
