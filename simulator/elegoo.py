"""A Centauri Carbon behind SDCP 3: a WebSocket and uploads on one port, for about four clients (facts 5).

What it does beyond the facts was seen on real ones: a client too many gets HTTP 500 "too many client"
(elegooofficial/CentauriCarbon#30), and a list comes in a message of its own after the bare Ack.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.elegoo_intake import Intake
from simulator.elegoo_report import attributes, file_entry, status, step_of, task, task_id
from simulator.http import Dropped, HttpServer, Reply, Request
from simulator.printer import Machine, Phase, Refusal
from simulator.sliced import Sliced, read_gcode
from simulator.websocket import Peer

_NEVER_S = 3600.0
_START, _PAUSE, _CANCEL, _RESUME = 128, 129, 130, 131
_OK, _BUSY, _NO_FILE = 0, 1, 2
_VERDICT_S = 0.05
_NONSENSE = (
    "<html>It works!</html>",
    "[1, 2",
    '["sdcp"]',
    '{"Status": 7, "Attributes": [], "Data": "x"}',
    "",
)

Answer = dict[str, Any]


class ElegooFront:
    """The network face of one Centauri Carbon.

    `rests_at_20` keeps PrintInfo.Status at 20 through a whole print, `stale_step` keeps that of the print
    before; `greets` has the printer talk by itself every `push_s`.
    """

    def __init__(self, machine: Machine, host: str, port: int, push_s: float = 1.0) -> None:
        self.machine = machine
        self.host, self.port, self.file_port = host, port, 0
        self.most_clients, self.idle_s, self.push_s = 4, 60.0, push_s
        self.rests_at_20 = False
        self.stale_step: int | None = None
        self.peers: set[Peer] = set()
        self.most_seen = self.opened = self.goodbyes = 0
        self.received: deque[tuple[int, Answer]] = deque(maxlen=500)
        self.intake = Intake(machine)
        self._sliced: dict[str, Sliced] = {}
        self._http = HttpServer(self._answer, upgrade=self._talk)
        self._commands: dict[int, Callable[[Answer], Answer | None]] = {
            0: self._status, 1: self._attributes, _START: self._start, _PAUSE: self._pause,
            _CANCEL: self._cancel, _RESUME: self._resume, 255: self._give_up, 258: self._files,
            259: self._delete, 320: self._history, 321: self._details, 403: self._set,
        }  # fmt: skip
        machine.changed = self._push

    async def open(self) -> None:
        self.port = await self._http.open(self.host, self.port)

    def close(self) -> None:
        self._http.close()

    def cut(self) -> None:
        """Drop every line, as a reboot does; new ones are taken."""
        self._http.cut()

    async def _answer(self, request: Request) -> Reply:
        faults = self.machine.faults
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        if faults.mute:
            await asyncio.sleep(_NEVER_S)
        if faults.nonsense:
            return Reply(200, b"<html><body>Welcome to nginx!</body></html>\x00\xff", "text/html")
        if (request.method, request.path) != ("POST", "/uploadFile/upload"):
            return Reply(404, b"not found", "text/plain")
        reply = await self.intake.take(request)
        reply.cut = reply.cut or faults.half
        self._push()
        asyncio.get_running_loop().call_later(_VERDICT_S, self._tell_verdicts)
        return reply

    async def _talk(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path != "/websocket":
            writer.write(Reply(404, b"not found", "text/plain").wire(keep=False))
            return
        if len(self.peers) >= self.most_clients:
            writer.write(Reply(500, b"too many client", "text/plain").wire(keep=False))
            return
        peer = Peer(request, writer)
        if not peer.accept():
            return
        self.peers.add(peer)
        self.opened, self.most_seen = self.opened + 1, max(self.most_seen, len(self.peers))
        telling = asyncio.create_task(self._tell_again_and_again(peer))
        try:
            async for message in peer.messages(self.idle_s):
                await self._take(peer, message)
        finally:
            telling.cancel()
            self.peers.discard(peer)
            self.goodbyes += peer.said_goodbye

    async def _tell_again_and_again(self, peer: Peer) -> None:
        while True:
            await asyncio.sleep(self.push_s)
            self._say(peer, "status", self._report())

    async def _take(self, peer: Peer, message: str) -> None:
        faults = self.machine.faults
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        if faults.mute:
            return
        if message == "ping":
            peer.send("pong")
            return
        try:
            said = json.loads(message)["Data"]
            cmd, data, request = int(said["Cmd"]), dict(said["Data"]), str(said["RequestID"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        if said.get("MainboardID") in ("", self.machine.serial):
            self._obey(peer, cmd, data, request)

    def _obey(self, peer: Peer, cmd: int, data: Answer, request: str) -> None:
        self.received.append((cmd, data))
        faults, is_order = self.machine.faults, _START <= cmd <= _RESUME
        if is_order and faults.take("drop_next"):
            raise Dropped
        self.machine.advance()
        if is_order and faults.take("lose_next"):
            answer: Answer | None = {"Ack": _OK}
        else:
            command = self._commands.get(cmd)
            answer = command(data) if command else {"Ack": _BUSY}
        if is_order and faults.take("cut_next"):
            raise Dropped
        if answer and answer.get("Ack") == _OK and len(answer) > 1:
            self._respond(peer, cmd, request, {"Ack": _OK})
        if answer is not None:
            self._respond(peer, cmd, request, answer)
        if cmd == 0:
            self._say(peer, "status", self._report())
        elif cmd == 1:
            self._say(peer, "attributes", {"Attributes": attributes(self.machine, self.host)})

    def _respond(self, peer: Peer, cmd: int, request: str, answer: Answer) -> None:
        data = {"Cmd": cmd, "Data": answer, "RequestID": request, "MainboardID": self.machine.serial,
                "TimeStamp": int(time.time())}  # fmt: skip
        self._say(peer, "response", {"Id": "979d4C788A4a78bC777A870F1A02867A", "Data": data})

    def _say(self, peer: Peer, topic: str, body: Answer) -> None:
        faults, serial = self.machine.faults, self.machine.serial
        if faults.mute:
            return
        told = {
            **body,
            "MainboardID": serial,
            "TimeStamp": int(time.time()),
            "Topic": f"sdcp/{topic}/{serial}",
        }
        text = json.dumps(told)
        if faults.nonsense:
            for line in _NONSENSE:
                peer.send(line)
        elif faults.half:
            peer.send(text[: len(text) // 2])
        else:
            peer.send(text)

    def _report(self) -> Answer:
        self.machine.advance()
        step = step_of(self.machine, self.rests_at_20) if self.stale_step is None else self.stale_step
        return {"Status": status(self.machine, is_receiving=self.intake.is_receiving, step=step)}

    def _push(self) -> None:
        """Something changed: tell all."""
        for peer in list(self.peers):
            self._say(peer, "status", self._report())

    def _tell_verdicts(self) -> None:
        for code in self.intake.verdicts:
            for peer in list(self.peers):
                self._say(peer, "error", {"Data": {"Data": {"ErrorCode": str(code)}}})
        self.intake.verdicts.clear()

    def _status(self, data: Answer) -> Answer:
        return {"Ack": _OK}

    def _attributes(self, data: Answer) -> Answer:
        return {"Ack": _OK}

    def _start(self, data: Answer) -> Answer:
        path = self._path(str(data["Filename"]))
        if self.machine.active or self.machine.phase is Phase.ERROR or self.intake.is_receiving:
            return {"Ack": _BUSY}
        if not path.is_file():
            return {"Ack": _NO_FILE}
        if path.name not in self._sliced:
            self._sliced[path.name] = read_gcode(path)
        self.machine.start(path.name, self._sliced[path.name])
        return {"Ack": _OK}

    def _pause(self, data: Answer) -> Answer:
        return self._do(self.machine.pause)

    def _resume(self, data: Answer) -> Answer:
        return self._do(self.machine.resume)

    def _cancel(self, data: Answer) -> Answer:
        return self._do(self.machine.cancel)

    def _do(self, act: Callable[[], None]) -> Answer:
        try:
            act()
        except Refusal:
            return {"Ack": _BUSY}
        return {"Ack": _OK}

    def _give_up(self, data: Answer) -> Answer:
        return {"Ack": _OK if self.intake.give_up(str(data["Uuid"])) else _BUSY}

    def _files(self, data: Answer) -> Answer:
        if not str(data["Url"]).startswith("/local"):
            return {"Ack": _OK, "FileList": []}
        kept = sorted(path for path in self.machine.folder.iterdir() if not path.name.startswith("."))
        return {"Ack": _OK, "FileList": [file_entry(path) for path in kept]}

    def _delete(self, data: Answer) -> Answer:
        failed = [name for name in map(str, data["FileList"]) if not self._removed(self._path(name))]
        return {"Ack": _BUSY, "ErrData": failed} if failed else {"Ack": _OK}

    def _removed(self, path: Path) -> bool:
        run = self.machine.run
        if not path.is_file() or (self.machine.active and run and run.remote_name == path.name):
            return False
        path.unlink()
        self._sliced.pop(path.name, None)
        return True

    def _path(self, name: str) -> Path:
        return self.machine.folder / name.rsplit("/", 1)[-1]

    def _history(self, data: Answer) -> Answer:
        runs = [] if self.machine.faults.no_history else reversed(self.machine.runs)
        return {"Ack": _OK, "HistoryData": [task_id(self.machine, run) for run in runs]}

    def _details(self, data: Answer) -> Answer:
        known = {} if self.machine.faults.no_history else {
            task_id(self.machine, run): run for run in self.machine.runs
        }  # fmt: skip
        found = [task(self.machine, known[one]) for one in data["Id"] if one in known]
        return {"Ack": _OK, "HistoryDetailList": found}

    def _set(self, data: Answer) -> Answer:
        return {"Ack": _OK}
