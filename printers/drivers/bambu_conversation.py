"""The talk with one Bambu printer over MQTT, without the MQTT: reports in, orders out."""

import itertools
import json
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from printers.drivers import adjusting, bambu_adjusting
from printers.drivers.bambu_errors import (
    CANCEL_ECHOES,
    DEVELOPER_MODE,
    SIGNATURE_CODES,
    SIGNATURE_FLAG,
    SIGNATURE_HMS,
    error_code,
    health,
    print_error,
)
from printers.drivers.bambu_merge import Reports
from printers.drivers.bambu_orders import project_file
from printers.drivers.bambu_status import job_key, status_of
from printers.drivers.conversation import Answer, Conversation
from printers.drivers.driver import (
    DriverError,
    Endpoint,
    MachineState,
    StartOrder,
    StartRefused,
    Status,
    Trouble,
)
from printers.drivers.readings import flags, items, mapping, number, text
from printers.drivers.sending import check_name

FORMATS = frozenset({"gcode.3mf"})
LARGEST_REPORT = 512 << 10
_MOST_PENDING = 32
_STARTABLE = (MachineState.IDLE, MachineState.FINISHED)
_ACTIVE = (MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED)
_ENDED = ("IDLE", "FINISH", "FAILED")
_BEGUN = ("PREPARE", "SLICING", "RUNNING")
# What each command is called on the wire, and in which states it makes sense.
_CONTROLS: dict[str, tuple[str, tuple[MachineState, ...]]] = {
    "pause": ("pause", (MachineState.PREPARING, MachineState.PRINTING)),
    "resume": ("resume", (MachineState.PAUSED,)),
    "cancel": ("stop", _ACTIVE),
    "stop": ("stop", tuple(MachineState)),
    "clear_errors": ("clean_print_error", tuple(MachineState)),
}


class BambuConversation(Conversation):
    """One printer's talk. Its messages go out with QoS 0: one sent again after a loss could start twice."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.subscribe_to = f"device/{endpoint.serial}/report"
        self.publish_to = f"device/{endpoint.serial}/request"
        self.product_name = ""
        self.firmware = ""
        self.serial = ""
        self._reports = Reports()
        self._shown = self._picture(Status(MachineState.UNKNOWN, full=False))
        self._numbers = itertools.count(20000 + secrets.randbelow(1_000_000_000))
        self._pending: dict[str, str] = {}
        self._answers: list[Answer] = []
        self._cancelled: str | None = None
        self._moved: str | None = None
        self._refused = False

    def hello(self) -> list[bytes]:
        # What was known before the link broke may be old; it counts again with the next full report.
        self._reports.full = False
        self._shown = replace(self._shown, full=False)
        version = self._message("info", {"command": "get_version"})[1]
        everything = self._message("pushing", {"command": "pushall", "version": 1, "push_target": 1})[1]
        return [version, everything]

    def nudge(self) -> list[bytes]:
        return [self._message("pushing", {"command": "start"})[1]]

    def feed(self, payload: bytes) -> Status | None:
        if len(payload) > LARGEST_REPORT:
            return None
        try:
            said = mapping(json.loads(payload.decode("utf-8", "replace")))
        except (ValueError, RecursionError):
            return None
        if info := mapping(said.get("info")):
            self._take_version(info)
        if system := mapping(said.get("system")):
            self._take_answer(system)
        body = mapping(said.get("print"))
        if not body:
            return None
        if body.get("command") == "push_status":
            was = text(self._reports.told.get("gcode_state"))
            self._reports.take(body)
            self._notice_cancel(was)
        else:
            self._take_answer(body)
        before, self._shown = self._shown, self._picture(self._shown)
        return None if self._shown == before else self._shown

    def answers(self) -> Iterable[Answer]:
        told, self._answers = self._answers, []
        return told

    def status(self) -> Status:
        return self._shown

    def start(self, order: StartOrder) -> tuple[str, list[bytes]]:
        """As in Conversation; a start while something prints would cancel it on some models."""
        check_name(order.remote_name, FORMATS)
        now = self._shown
        if not now.full:
            raise StartRefused(Trouble.NOT_READY, "The printer has not told its state yet.")
        if self.locked:
            raise StartRefused(Trouble.LOCKED, DEVELOPER_MODE)
        if now.state in _ACTIVE:
            raise StartRefused(Trouble.REFUSED, "Another print is running or paused on this printer.")
        if now.state not in _STARTABLE:
            words = now.faults[0].text if now.faults else f"it reports {now.raw_state or now.state}"
            raise StartRefused(Trouble.NOT_READY, f"The printer is not ready to print: {words}")
        filled = frozenset(tray.index for tray in now.trays if tray.material)
        sequence, message = self._message("print", project_file(order, filled), "start")
        return sequence, [message]

    def command(self, name: str) -> tuple[str, list[bytes]]:
        verb, states = _CONTROLS[name]
        if self.locked:
            raise DriverError(Trouble.LOCKED, DEVELOPER_MODE)
        if self._shown.state not in states:
            raise DriverError(
                Trouble.REFUSED, "The printer is not in a state for that; look at what it shows now."
            )
        body = {"command": verb} if name == "clear_errors" else {"command": verb, "param": ""}
        key = job_key(self._reports.told) if verb == "stop" else ""
        sequence, message = self._message("print", body, f"{verb} {key}")
        messages = [message]
        if name == "clear_errors" and (shown := flags(self._reports.told.get("print_error"))):
            dialog = {"name": "print_error", "action": "close", "source": 1, "type": "dialog"}
            dialog["err"] = f"{shown & 0xFFFFFFFF:08X}"
            messages.append(self._message("system", {"command": "uiop", **dialog})[1])
        return sequence, messages

    def adjust(self, name: str, value: str) -> tuple[str, list[bytes]]:
        adjusting.check(bambu_adjusting.ADJUSTABLE, name, value)
        if self.locked:
            raise DriverError(Trouble.LOCKED, DEVELOPER_MODE)
        if name == "speed" and self._shown.state not in _ACTIVE:
            raise DriverError(Trouble.REFUSED, "The speed can be set only while something prints.")
        group, body = bambu_adjusting.order(name, value)
        sequence, message = self._message(group, body, name)
        return sequence, [message]

    @property
    def nozzle_mm(self) -> float | None:
        """The nozzle's diameter as the printer has it set."""
        return number(self._reports.told.get("nozzle_diameter"), 0.05, 3)

    @property
    def locked(self) -> bool:
        """Whether the printer takes only signed orders: developer mode is off."""
        told = self._reports.told
        fun = flags(told.get("fun"), 16)
        if fun is not None:
            return bool(fun & SIGNATURE_FLAG)
        return self._refused or any(fault.code == SIGNATURE_HMS for fault in health(told.get("hms")))

    def _message(self, group: str, body: dict[str, Any], meaning: str = "") -> tuple[str, bytes]:
        sequence = str(next(self._numbers))
        if meaning:
            self._pending[sequence] = meaning
            while len(self._pending) > _MOST_PENDING:
                del self._pending[next(iter(self._pending))]
        return sequence, json.dumps({group: {"sequence_id": sequence, **body}}).encode()

    def _picture(self, before: Status) -> Status:
        reports = self._reports
        if not reports.told:
            return before
        key = job_key(reports.told)
        told = status_of(
            reports.told, full=reports.full, cancelled=self._cancelled == key, locked=self.locked
        )
        if told.state in _ACTIVE:
            self._moved = key
        # A new key is shown minutes before the printer moves, beside the end of the job before.
        return replace(told, seen_moving=self._moved == key)

    def _notice_cancel(self, was: str) -> None:
        """Remember a cancel: its code stands in the reports for a moment only, FAILED stays."""
        told = self._reports.told
        raw = text(told.get("gcode_state"))
        if raw == "FAILED" and error_code(told.get("print_error")) in CANCEL_ECHOES:
            self._cancelled = job_key(told)
        elif was in _ENDED and raw in _BEGUN:
            self._cancelled = None

    def _take_answer(self, body: dict[str, Any]) -> None:
        sequence, result = text(body.get("sequence_id")), text(body.get("result")).lower()
        meaning = self._pending.get(sequence)
        reason = text(body.get("reason"))
        unsigned = "verify fail" in reason.lower() or error_code(body.get("err_code")) in SIGNATURE_CODES
        if meaning is None or not (result or unsigned):
            return
        del self._pending[sequence]
        accepted = result == "success" and not unsigned
        self._refused = unsigned
        verb, _, key = meaning.partition(" ")
        if accepted and verb == "stop":
            self._cancelled = key
        self._answers.append(
            Answer(sequence, accepted, "" if accepted else self._refusal(body, reason, unsigned))
        )

    def _refusal(self, body: dict[str, Any], reason: str, unsigned: bool) -> str:
        if unsigned:
            return DEVELOPER_MODE
        fault = print_error(body.get("err_code") or body.get("print_error"))
        return fault.text if fault else f"The printer refused: {reason or 'it gave no reason'}."

    def _take_version(self, info: dict[str, Any]) -> None:
        for entry in items(info.get("module"), 32):
            module = mapping(entry)
            if text(module.get("name")) == "ota":
                self.firmware = text(module.get("sw_ver"), 40)
                self.serial = text(module.get("sn"), 40)
            if name := text(module.get("product_name"), 60):
                self.product_name = self.product_name or name
