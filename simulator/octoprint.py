"""A Marlin printer behind OctoPrint's REST interface, as far as a print farm talks to it.

Shapes and refusals follow facts 4 and OctoPrint 1.11.8 with its virtual printer (tests/recordings/octoprint).
A wrong key is 403; whatever a printer that is not connected is asked is 409. A finished file stays selected
at 100 %, a cancelled one without progress, and deleting the selected file leaves none.
"""

import asyncio
from collections.abc import Awaitable, Callable

from simulator import octoprint_answers as answers
from simulator.http import Dropped, HttpServer, Reply, Request, as_json
from simulator.multipart import BadForm, receive
from simulator.octoprint_files import EXTENSIONS, Files, sanitised
from simulator.printer import Machine, Phase, Refusal, Run

_NEVER_S = 3600.0
_FILES = "/api/files/local"
_BUSY = "Printer is already printing, cannot select a new file"
_AWAY = "Printer is not operational"
_MISSING = "The requested URL was not found on the server."


def failure(status: int, message: str) -> Reply:
    return as_json({"error": message}, status)


class OctoPrintFront:
    """The network face of one machine on an OctoPrint's USB cable."""

    def __init__(self, machine: Machine, host: str, port: int) -> None:
        self.machine = machine
        self.host, self.port, self.file_port = host, port, 0
        self.connect_s = 0.2
        self.requests = 0
        self.paths: dict[str, int] = {}
        self.permissions = ["ADMIN"]
        self.files = Files(machine)
        self._selected = ""
        self._shown: Run | None = None
        self._run: Run | None = None
        self._http = HttpServer(self._answer)
        self._uploads = 0
        self._routes: dict[tuple[str, str], Callable[[Request], Awaitable[Reply]]] = {
            ("GET", "/api/version"): self._version,
            ("GET", "/api/currentuser"): self._user,
            ("GET", "/api/settings"): self._settings,
            ("GET", "/api/printerprofiles"): self._profiles,
            ("GET", "/api/connection"): self._connection,
            ("POST", "/api/connection"): self._connect,
            ("GET", "/api/printer"): self._printer,
            ("POST", "/api/printer/command"): self._gcode,
            ("GET", "/api/job"): self._job,
            ("POST", "/api/job"): self._order,
            ("POST", _FILES): self._upload,
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
        is_order = request.method == "POST" and (
            request.path == "/api/job" or request.path.startswith(f"{_FILES}/")
        )
        if is_order and faults.take("drop_next"):
            raise Dropped
        if faults.nonsense:
            return Reply(200, b"<html><body>Welcome to nginx!</body></html>\x00\xff", "text/html")
        if self.machine.secret and request.headers.get("x-api-key") != self.machine.secret:
            return failure(403, "You don't have the permission to access the requested resource.")
        self.machine.advance()
        self._follow_machine()
        reply = await self._route(request)
        if is_order and faults.take("cut_next"):
            raise Dropped
        reply.cut = faults.half
        return reply

    def _follow_machine(self) -> None:
        """Show the machine's newest print as the selected file; after a restart none is selected."""
        if self.machine.run is not self._run:
            self._run = self._shown = self.machine.run
            self._selected = self._run.remote_name if self._run else ""
        if not self._is_operational:
            self._selected, self._shown = "", None

    @property
    def _is_operational(self) -> bool:
        return self.machine.firmware_state == "ready" and self.machine.phase is not Phase.ERROR

    async def _route(self, request: Request) -> Reply:
        handler = self._routes.get((request.method, request.path))
        if handler is not None:
            return await handler(request)
        name = request.path.removeprefix(f"{_FILES}/")
        if name == request.path or not self.files.exists(name):
            return failure(404, _MISSING)
        if request.method == "DELETE":
            return self._delete(name)
        return (
            as_json(self.files.details(name))
            if request.method == "GET"
            else await self._select(request, name)
        )

    async def _version(self, request: Request) -> Reply:
        return as_json({"api": "0.1", "server": "1.11.8", "text": "OctoPrint 1.11.8"})

    async def _user(self, request: Request) -> Reply:
        return as_json({"name": "odin", "groups": ["users"], "permissions": self.permissions})

    async def _settings(self, request: Request) -> Reply:
        named = {"name": self.machine.name, "color": "default"}
        return as_json({"appearance": named, "plugins": {"discovery": {"upnpUuid": self.machine.serial}}})

    async def _profiles(self, request: Request) -> Reply:
        return as_json({"profiles": {"_default": answers.profile(self.machine)}})

    async def _connection(self, request: Request) -> Reply:
        return as_json({"current": answers.connection(self.machine), "options": {}})

    async def _connect(self, request: Request) -> Reply:
        """Connecting while a connection stands, even a broken one, does nothing."""
        wanted = (await request.json()).get("command")
        state, _error = answers.state(self.machine)
        if wanted == "disconnect":
            self.machine.reboot()
            self.machine.firmware_state = "closed"
        elif wanted == "connect" and state.startswith("Offline"):
            self.machine.reboot()
            self.machine.firmware_state = "startup"
            asyncio.get_running_loop().call_later(self.connect_s, self._ready)
        return Reply(204)

    def _ready(self) -> None:
        if self.machine.firmware_state == "startup":
            self.machine.firmware_state = "ready"

    async def _printer(self, request: Request) -> Reply:
        if not self._is_operational:
            return failure(409, _AWAY)
        return as_json(answers.printer(self.machine))

    async def _job(self, request: Request) -> Reply:
        name = self._selected
        file = self.files.details(name) if self.files.exists(name) else {"name": name, "path": name}
        return as_json(answers.job(self.machine, file if name else {}, self._shown))

    async def _upload(self, request: Request) -> Reply:
        self._uploads += 1
        parked = self.machine.folder / f".upload-{self._uploads}"
        try:
            form = await receive(request, parked)
        except BadForm as error:
            return failure(400, str(error))
        name = sanitised(form.filename)
        try:
            if not name.endswith(EXTENSIONS):
                return failure(415, "Could not upload file, invalid type")
            if self._is_in_use(name):
                return failure(409, "Trying to overwrite file that is currently being printed")
            if self.machine.faults.storage:
                return failure(500, "[Errno 28] No space left on device")
            self.files.keep(parked, name)
            if 0 <= self.machine.faults.short_upload < form.size:
                kept = self.files.path(name)
                kept.write_bytes(kept.read_bytes()[: self.machine.faults.short_upload])
        finally:
            parked.unlink(missing_ok=True)
        prints = form.fields.get("print") == "true" and self._is_free
        if prints:
            self.machine.start(name, self.files.sliced(name))
        stored = {"name": name, "path": name, "origin": "local", "refs": {}}
        said = {"files": {"local": stored}, "done": True, "effectiveSelect": prints, "effectivePrint": prints}
        return as_json(said, 201)

    @property
    def _is_free(self) -> bool:
        return self._is_operational and not self.machine.active

    def _is_in_use(self, name: str) -> bool:
        return self.machine.active and name == self._selected

    def _delete(self, name: str) -> Reply:
        if self._is_in_use(name):
            return failure(409, "Trying to delete a file that is currently in use")
        self.files.delete(name)
        if name == self._selected:
            self._selected, self._shown = "", None
        return Reply(204)

    async def _select(self, request: Request, name: str) -> Reply:
        said = await request.json()
        if said.get("command") != "select":
            return failure(400, "Unknown command")
        if not self._is_free:
            return failure(409, _BUSY)
        if self.machine.faults.take("lose_next"):
            return Reply(204)
        self._selected, self._shown = name, None
        if said.get("print") is True:
            self.machine.start(name, self.files.sliced(name))
        return Reply(204)

    async def _order(self, request: Request) -> Reply:
        said = await request.json()
        if not self._is_operational:
            return failure(409, _AWAY)
        command, action = said.get("command"), said.get("action", "toggle")
        if command not in ("pause", "cancel"):
            return failure(400, "Unknown command")
        if not self.machine.active:
            return failure(
                409, f"Printer is neither printing nor paused, '{command}' command cannot be performed"
            )
        if self.machine.faults.take("lose_next"):
            return Reply(204)
        paused = self.machine.phase is Phase.PAUSED
        if command == "cancel":
            self.machine.cancel()
        elif action == "pause" or (action == "toggle" and not paused):
            return self._quietly(self.machine.pause)
        else:
            return self._quietly(self.machine.resume)
        return Reply(204)

    def _quietly(self, act: Callable[[], None]) -> Reply:
        """OctoPrint takes an order that changes nothing, and does nothing."""
        try:
            act()
        except Refusal:
            return Reply(204)
        return Reply(204)

    async def _gcode(self, request: Request) -> Reply:
        if not self._is_operational:
            return failure(409, _AWAY)
        if "M112" in (await request.json()).get("commands", []):
            self.machine.fail("Closing serial port due to emergency stop M112.", "klippy_shutdown")
            self.machine.firmware_state = "shutdown"
        return Reply(204)
