"""A Bambu printer in LAN mode: MQTT over TLS for status and orders, implicit FTPS for files (facts 1)."""

import asyncio
import json
import os
import ssl
from collections import deque
from dataclasses import dataclass
from typing import Any

from simulator.bambu_orders import Rejected, adjust, control, light, start
from simulator.bambu_report import CANCEL_ECHO, changes, full_report
from simulator.certificate import carry, server_context
from simulator.ftps import FileServer
from simulator.mqtt import Broker, Session
from simulator.printer import Machine, Phase

_IDLE_PUSH_S = 25.0
_VERIFY_FAILED = {"result": "fail", "reason": "mqtt message verify failed", "err_code": 0x05024007}
_CONTROLS = ("pause", "resume", "stop")


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came in over MQTT."""

    command: str
    qos: int
    body: dict[str, Any]


class BambuFront:
    """The network face of one Bambu machine. `cancel_echo_s` is how long FAILED carries the cancel's code."""

    def __init__(self, machine: Machine, host: str, port: int, file_port: int, push_s: float = 1.0) -> None:
        self.machine = machine
        self.host, self.port, self.file_port = host, port, file_port
        self.push_s, self.cancel_echo_s = push_s, min(1.0, push_s * 4)
        self.received: deque[Received] = deque(maxlen=200)
        self._tls = server_context()
        self._file_tls = server_context(ssl.TLSVersion.TLSv1_2)
        self._certificate = machine.folder.with_suffix(".pem")
        carry((self._tls, self._file_tls), machine.serial, self._certificate)
        self._broker = Broker(self, self._take, self._tls)
        self._files = FileServer(machine, self._file_tls)
        self._print_error = 0
        self._echoed = 0
        self._told: dict[str, Any] = {}
        self._next: asyncio.TimerHandle | None = None
        machine.changed = self._soon

    async def open(self) -> None:
        self.port = await self._broker.open(self.host, self.port)
        self.file_port = await self._files.open(self.host, self.file_port)

    def close(self) -> None:
        self._broker.close()
        self._files.close()
        if self._next:
            self._next.cancel()

    def cut(self) -> None:
        self._broker.cut()
        self._files.cut()

    def renew_certificate(self) -> None:
        """Show another certificate from now on, as after a factory reset."""
        carry((self._tls, self._file_tls), self.machine.serial, self._certificate, fresh=True)

    def may_enter(self, user: str, secret: str) -> bool:
        return user == "bblp" and secret == self.machine.secret

    def may_subscribe(self, topic: str) -> bool:
        return not topic.endswith("/request")

    def acknowledges(self) -> bool:
        return not self.machine.faults.no_ack

    @property
    def _report_topic(self) -> str:
        return f"device/{self.machine.serial}/report"

    async def _take(self, session: Session, topic: str, payload: bytes, qos: int) -> None:
        if topic != f"device/{self.machine.serial}/request":
            return
        try:
            said = json.loads(payload)
            group, body = next(iter(said.items()))
            command = str(body["command"])
        except (ValueError, StopIteration, TypeError, KeyError, AttributeError):
            return
        self.received.append(Received(command, qos, body))
        faults = self.machine.faults
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        if group != "print":
            self._tell_about(session, group, command, body)
        elif faults.take("drop_next"):
            session.cut()
        elif not faults.take("lose_next"):
            answer = self._obey(command, body)
            if faults.take("cut_next"):
                session.cut()
            else:
                self._publish({"print": answer}, session)
            self._soon()

    def _tell_about(self, session: Session, group: str, command: str, body: dict[str, Any]) -> None:
        if command == "get_version":
            profile = self.machine.profile
            ota = {"name": "ota", "sw_ver": profile.firmware, "sn": self.machine.serial,
                   "product_name": profile.product_name, "hw_ver": "OTA"}  # fmt: skip
            units = [{"name": f"ams/{unit}", "sw_ver": "00.00.06.49"} for unit in range(profile.units)]
            answer = {**body, "result": "success", "reason": "", "module": [ota, *units]}
            self._publish({"info": answer}, session)
        elif command == "ledctrl":
            sound = light(self.machine, body) and not self.machine.faults.locked
            answer = {**body, "result": "success" if sound else "fail", "reason": ""}
            self._publish({"system": answer}, session)
            self._soon()
        elif command in ("pushall", "start"):
            self.machine.advance()
            self._told = full_report(self.machine, self._error_now())
            self._publish({"print": {**self._told, "msg": 0, "sequence_id": "1"}}, session)
            self._plan()

    def _obey(self, command: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to an order, after it was carried out or not."""
        echo = {"command": command, "sequence_id": body.get("sequence_id", "0")}
        if self.machine.faults.locked:
            return {**echo, **_VERIFY_FAILED}
        try:
            if command == "project_file":
                self._print_error = 0
                start(self.machine, body)
            elif command in _CONTROLS:
                control(self.machine, command)
            elif command in ("print_speed", "gcode_line"):
                adjust(self.machine, command, str(body.get("param", "")))
            elif command == "clean_print_error":
                self._print_error, self.machine.trouble = 0, ""
            else:
                return {**echo, "result": "fail", "reason": "unknown command"}
        except Rejected as rejected:
            self._print_error = rejected.error
            return {**echo, "result": "fail", "reason": str(rejected)}
        return {**echo, "result": "success", "reason": ""}

    def _error_now(self) -> int:
        """What print_error shows: for a moment after a cancel its code, which then goes away by itself."""
        run = self.machine.run
        if self.machine.phase is Phase.CANCELLED and run and self._echoed != run.number:
            self._echoed = run.number
            self._print_error = self._print_error or CANCEL_ECHO
            asyncio.get_running_loop().call_later(self.cancel_echo_s, self._end_echo)
        return self._print_error

    def _end_echo(self) -> None:
        if self._print_error == CANCEL_ECHO:
            self._print_error = 0
            self._soon()

    def _soon(self) -> None:
        """Something happened: tell now."""
        if self._broker.sessions:
            self._plan(0.0)

    def _plan(self, wait_s: float | None = None) -> None:
        if self._next:
            self._next.cancel()
        pause_s = self.push_s if self.machine.active or self._print_error else _IDLE_PUSH_S
        self._next = asyncio.get_running_loop().call_later(pause_s if wait_s is None else wait_s, self._push)

    def _push(self) -> None:
        """Report to whoever listens, and again later; nobody there, no more pushes."""
        if not any(session.topics for session in self._broker.sessions):
            return
        self.machine.advance()
        report = full_report(self.machine, self._error_now())
        if self.machine.profile.full_reports:
            body = report
        else:
            body = {"command": "push_status", "msg": 1, **changes(self._told, report)}
            body.setdefault("wifi_signal", report["wifi_signal"])
        self._told = report
        for session in self._broker.sessions:
            self._publish({"print": {**body, "sequence_id": "0"}}, session)
        self._plan()

    def _publish(self, message: dict[str, Any], session: Session) -> None:
        faults = self.machine.faults
        if faults.mute:
            return
        payload = json.dumps(message).encode()
        if faults.nonsense:
            payload = b"\xff\xfe[" * 200 + os.urandom(64)
        session.publish(self._report_topic, payload[: len(payload) // 2] if faults.half else payload)
