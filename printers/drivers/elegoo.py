"""Elegoo's Centauri Carbon over SDCP 3: questions over a WebSocket, files over HTTP, no secret at all.

The Centauri Carbon 2 speaks something else, and resin printers number their states differently: both are
refused.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from printers.drivers import elegoo_errors
from printers.drivers.driver import (
    Detected,
    DriverError,
    Endpoint,
    MachineState,
    Outcome,
    PolledDriver,
    Progress,
    StartOrder,
    StartRefused,
    Status,
    Trouble,
)
from printers.drivers.elegoo_files import FOLDER, Storage
from printers.drivers.elegoo_link import SdcpLink, Unsent
from printers.drivers.elegoo_probe import check_kind, detected
from printers.drivers.elegoo_status import status_of, task_of
from printers.drivers.readings import base_name, items, mapping, text, whole
from printers.drivers.sending import Outgoing, check_name

START, PAUSE, CANCEL, RESUME = 128, 129, 130, 131
HISTORY, DETAILS, SET = 320, 321, 403
START_S = 30.0
ORDER_S = 15.0
_SLOWEST = 200_000
_HASHED_BYTES = 1 << 20
_TASKS_AT_ONCE, _MOST_TASKS = 20, 200
_REASON_TRIES = 5
_STARTABLE = (MachineState.IDLE, MachineState.FINISHED)
_ACTIVE = (MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED)
# TaskStatus of a task in the history; 0 is none of these.
OUTCOMES = {1: Outcome.COMPLETED, 2: Outcome.FAILED, 3: Outcome.CANCELLED}


class ElegooDriver(PolledDriver):
    """One Centauri Carbon; not to be shared by threads."""

    protocol = "elegoo"
    label = "Elegoo (SDCP)"
    formats = frozenset({"gcode"})
    default_port = 3030
    secret_label = ""
    takes_secret = False
    clears_errors = False
    stop_words = (
        "This printer has no emergency stop over the network. It was told to cancel the print and to switch "
        "its heaters off. If there is danger, switch the printer off."
    )

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._link = SdcpLink(endpoint, self.default_port)
        self._storage = Storage(endpoint.host, self._link)
        self._reason: tuple[str, int, int] = ("", 0, 0)

    @classmethod
    def is_unique(cls, job_key: str) -> bool:
        return not job_key.startswith(":")

    def probe(self) -> Detected:
        self._link.status()
        return detected(self._link.attributes)

    def status(self) -> Status:
        told = self._link.status()
        check_kind(self._link.attributes)
        seen = status_of(told)
        if seen.state is MachineState.PAUSED or seen.outcome is Outcome.FAILED:
            return status_of(told, self._reason_of(task_of(told), seen.raw_state))
        self._reason = ("", 0, 0)
        return seen

    def upload(self, path: Path, remote_name: str, sha256: str, progress: Progress | None = None) -> None:
        check_name(remote_name, self.formats)
        with Outgoing(path, sha256, _SLOWEST, progress) as outgoing:
            self._link.status()
            check_kind(self._link.attributes)
            room = whole(self._link.attributes.get("RemainingMemory"), 0, 1 << 60)
            if room is not None and room < outgoing.size:
                words = f"The printer's storage has room for {room >> 20} MB only. Delete old files on it."
                raise DriverError(Trouble.STORAGE, words)
            self._storage.store(outgoing, _md5(path), remote_name)

    def remove(self, remote_name: str) -> None:
        check_name(remote_name, self.formats)
        now = self.status()
        if now.state in _ACTIVE and now.file == remote_name:
            raise DriverError(Trouble.REFUSED, "The printer is printing the file. It is not deleted now.")
        if self._storage.size_of(remote_name) is not None:
            self._storage.delete(remote_name)

    def close(self) -> None:
        self._link.close()

    def start(self, order: StartOrder) -> None:
        check_name(order.remote_name, self.formats)
        self._refuse_unless_free()
        if time.monotonic() > order.write_by:
            raise StartRefused(Trouble.NOT_READY, "The printer answered so late that the start was not sent.")
        wanted = {
            "Filename": FOLDER + order.remote_name, "StartLayer": 0, "Calibration_switch": 0,
            "PrintPlatformType": 0, "Tlp_Switch": 0, "slot_map": [],
        }  # fmt: skip
        try:
            ack = self._link.order(START, wanted, START_S)
        except Unsent as error:
            raise StartRefused(error.trouble, str(error)) from error
        if ack in elegoo_errors.REFUSALS:
            raise StartRefused(*elegoo_errors.REFUSALS[ack])
        if ack != 0:
            raise DriverError(
                Trouble.NONSENSE, f"The printer answered the start with {ack}, which says nothing."
            )

    def outcome_of(self, remote_name: str) -> Outcome | None:
        newest, outcome = -1, None
        for task in self._tasks_of(remote_name):
            begun = whole(task.get("BeginTime"), 0, 1 << 40) or 0
            if begun > newest:
                newest, outcome = begun, OUTCOMES.get(whole(task.get("TaskStatus"), 0, 1 << 16) or 0)
        return outcome

    def pause(self) -> None:
        self._order(PAUSE)

    def resume(self) -> None:
        self._order(RESUME)

    def cancel(self) -> None:
        self._order(CANCEL)

    def stop(self) -> None:
        """Cancel what prints and set the heaters off: SDCP knows no emergency stop (see `stop_words`)."""
        try:
            ack = self._link.order(CANCEL, {}, ORDER_S)
        finally:
            self._order(SET, {"TempTargetNozzle": 0, "TempTargetHotbed": 0})
        if ack != 0 and self.status().state in _ACTIVE:
            words = "The printer did not cancel its print. If there is danger, switch it off."
            raise DriverError(Trouble.REFUSED, words)

    def clear_errors(self) -> None:
        if self.status().faults:
            raise DriverError(Trouble.REFUSED, "This printer's errors can be cleared on its screen only.")

    def _order(self, cmd: int, data: dict[str, Any] | None = None) -> None:
        if self._link.order(cmd, data or {}, ORDER_S) != 0:
            raise DriverError(
                Trouble.REFUSED, "The printer did not take the order: it is busy, or nothing prints."
            )

    def _refuse_unless_free(self) -> None:
        """StartRefused unless the printer itself says right now that nothing prints or waits in a pause."""
        try:
            now = self.status()
        except DriverError as error:
            raise StartRefused(error.trouble, str(error)) from error
        if now.state in _ACTIVE:
            raise StartRefused(Trouble.REFUSED, "Another print is running or paused on this printer.")
        if now.state not in _STARTABLE:
            raise StartRefused(Trouble.NOT_READY, f"The printer is not ready to print ({now.state}).")

    def _reason_of(self, task: str, raw_state: str) -> int:
        """Why the print of this TaskId pauses or failed, by the history; it comes late: asked a few times."""
        moment = f"{task} {raw_state}"
        known, reason, tries = self._reason
        if known != moment:
            reason, tries = 0, 0
        if task and not reason and tries < _REASON_TRIES:
            tries += 1
            with suppress(DriverError):
                reason = next((_reason(found) for found in self._details([task])), 0)
        self._reason = (moment, reason, tries)
        return reason

    def _tasks_of(self, remote_name: str) -> Iterator[dict[str, Any]]:
        """The tasks that printed a file, out of the first part of the history that knows any."""
        told = items(self._link.look_up(HISTORY, {}, "HistoryData"), _MOST_TASKS)
        tasks = [task for task in (text(entry, 64) for entry in told) if task]
        batches = [tasks[at : at + _TASKS_AT_ONCE] for at in range(0, len(tasks), _TASKS_AT_ONCE)]
        # Which end of the list is the newest is not sure.
        for batch in [*batches[:1], *reversed(batches[1:])]:
            found = [task for task in self._details(batch) if _is_of(task, remote_name)]
            yield from found
            if found:
                return

    def _details(self, tasks: list[str]) -> list[dict[str, Any]]:
        return [
            mapping(task) for task in items(self._link.look_up(DETAILS, {"Id": tasks}, "HistoryDetailList"))
        ]


def _reason(task: dict[str, Any]) -> int:
    return whole(task.get("ErrorStatusReason"), 0, 1 << 16) or 0


def _is_of(task: dict[str, Any], remote_name: str) -> bool:
    """Whether a task of the history printed this file, which it may name without its ending."""
    return base_name(task.get("TaskName")) in (remote_name, remote_name.rsplit(".", 1)[0])


def _md5(path: Path) -> str:
    """The checksum that the printer wants with the first piece already."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with path.open("rb") as source:
            while piece := source.read(_HASHED_BYTES):
                digest.update(piece)
    except OSError as error:
        raise DriverError(Trouble.DAMAGED, "The file could not be read from the farm's storage.") from error
    return digest.hexdigest()
