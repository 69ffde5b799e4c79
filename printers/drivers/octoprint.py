"""Marlin and other printers on a USB cable, through OctoPrint's REST interface."""

import re
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
from printers.drivers.octoprint_http import OctoPrintHttp
from printers.drivers.octoprint_probe import detected
from printers.drivers.octoprint_status import (
    ACTIVE,
    History,
    Job,
    history_of,
    job_of,
    machine_state,
    status_of,
)
from printers.drivers.readings import mapping, text, whole
from printers.drivers.sending import Outgoing, check_name
from printers.drivers.upload_form import UploadForm
from printers.drivers.web import Refused, Unsent

START_S = 30.0
STORED_S = 120.0
SETTLE_S = 0.5
_SLOWEST = 200_000
_SETTLE_TRIES = 4
_TORN_TRIES = 3
_LATE_POLLS = 5
_UNDER_WAY = (MachineState.PRINTING, MachineState.PAUSED)
_STARTABLE = (MachineState.IDLE, MachineState.FINISHED)
# What OctoPrint leaves as it is; anything else it may store under another name.
_KEPT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_STORED = (HTTPStatus.INSUFFICIENT_STORAGE, HTTPStatus.INTERNAL_SERVER_ERROR)


class OctoPrintDriver(PolledDriver):
    """One printer behind an OctoPrint; not to be shared by threads.

    What it remembers between two polls spares requests and smooths the end of a print, no more.
    """

    protocol = "octoprint"
    label = "OctoPrint"
    formats = frozenset({"gcode"})
    default_port = 5000
    stops_at_once = True
    secret_label = "API key"  # noqa: S105
    keeps_last_job = False

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._http = OctoPrintHttp(endpoint, self.default_port)
        self._seen: tuple[object, ...] = ()
        self._history: History | None = None
        self._late_polls = 0
        self._printed_s = 0
        self._ran = ""

    @classmethod
    def is_unique(cls, job_key: str) -> bool:
        # Without the history of its file there is only a name.
        return not job_key.startswith(":")

    def probe(self) -> Detected:
        return detected(self._http)

    def status(self) -> Status:
        try:
            return self._status()
        except DriverError:
            # Whatever happened behind the gap is looked up anew.
            self._forget()
            raise

    def upload(self, path: Path, remote_name: str, sha256: str, progress: Progress | None = None) -> None:
        _check(remote_name, self.formats)
        with Outgoing(path, sha256, _SLOWEST, progress) as outgoing:
            form = UploadForm(outgoing, remote_name, {"select": "false", "print": "false"})
            try:
                answer = self._http.ask(
                    "POST", "/api/files/local", STORED_S, data=form,
                    headers={"Content-Type": form.content_type},
                )  # fmt: skip
            except Refused as refused:
                raise _upload_trouble(refused) from refused
            # The new interface answers with the file alone.
            stored = mapping(mapping(answer.get("files")).get("local")) or mapping(answer.get("file"))
            self._verify(text(stored.get("path") or stored.get("name"), 400), remote_name, outgoing.size)

    def remove(self, remote_name: str) -> None:
        _check(remote_name, self.formats)
        for _ in range(2):
            try:
                self._http.ask("DELETE", _place(remote_name))
            except Refused as refused:
                if refused.status == HTTPStatus.NOT_FOUND:
                    return
                if refused.status == HTTPStatus.CONFLICT:
                    words = "The printer is using the file and does not delete it."
                    raise DriverError(Trouble.REFUSED, words) from None
                raise
        raise DriverError(Trouble.STORAGE, "OctoPrint says it deleted the file, yet it is still there.")

    def close(self) -> None:
        self._http.close()
        self._forget()

    def start(self, order: StartOrder) -> None:
        """Select and print in one request: between two, somebody else could select another file."""
        _check(order.remote_name, self.formats)
        self._refuse_unless_free()
        if time.monotonic() > order.write_by:
            raise StartRefused(Trouble.NOT_READY, "The printer answered so late that the start was not sent.")
        try:
            self._http.command(_place(order.remote_name), {"command": "select", "print": True}, START_S)
        except Unsent as error:
            raise StartRefused(error.trouble, str(error)) from error
        except Refused as refused:
            if refused.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise StartRefused(refused.trouble, _start_words(refused)) from refused
            raise

    def outcome_of(self, remote_name: str) -> Outcome | None:
        for _ in range(_SETTLE_TRIES):
            # The history first: it is written a moment after the end.
            history = self._history_of(remote_name)
            now = self.status()
            if now.file == remote_name and (now.outcome or now.state in ACTIVE):
                return now.outcome
            if history is None:
                return None
            if history.good is not None:
                return Outcome.COMPLETED if history.good else Outcome.FAILED
            time.sleep(SETTLE_S)
        return None

    def pause(self) -> None:
        # Without an action it would toggle.
        self._order("/api/job", command="pause", action="pause")

    def resume(self) -> None:
        self._order("/api/job", command="pause", action="resume")

    def cancel(self) -> None:
        self._order("/api/job", command="cancel")

    def stop(self) -> None:
        self._order("/api/printer/command", commands=["M112"])

    def clear_errors(self) -> None:
        """Connect to the printer again if OctoPrint has hung up; a printer that works is left alone."""
        current = mapping(mapping(self._http.get("/api/connection")).get("current"))
        state = text(current.get("state")).lower()
        if state.startswith("error"):
            self._order("/api/connection", command="disconnect")
        if state.startswith(("error", "closed", "offline")):
            self._order("/api/connection", command="connect")

    def _status(self) -> Status:
        job, printer = self._asked()
        flags = mapping(mapping(printer.get("state")).get("flags"))
        # While OctoPrint cancels, the print may be in its history already or not yet: it is not asked.
        active = machine_state(flags, job) in _UNDER_WAY or flags.get("cancelling") is True
        if job.path:
            self._look_up(job, active)
        ended = not active and not job.is_done and self._ran == job.mark
        ending = ended and not self._has_settled(job, active)
        if active:
            self._ran = job.mark
        elif not ending:
            self._ran = ""
        return status_of(printer, job, self._history, ending=ending)

    def _asked(self) -> tuple[Job, dict[str, Any]]:
        """Job and printer of one moment: two answers with different states are asked for again."""
        job, printer = Job(), dict[str, Any]()
        for _ in range(_TORN_TRIES):
            answer = mapping(self._http.get("/api/job"))
            job, printer = job_of(answer), {}
            if not job.state or "job" not in answer:
                raise DriverError(Trouble.NONSENSE, "OctoPrint answers without the printer's state.")
            try:
                printer = mapping(self._http.get("/api/printer", exclude="sd"))
            except Refused as refused:
                if refused.status != HTTPStatus.CONFLICT:
                    raise
            if text(mapping(printer.get("state")).get("text")) in ("", job.state):
                break
        return job, printer

    def _look_up(self, job: Job, active: bool) -> None:
        """Look up the file's past prints when something changed, until they fit.

        A time that fell back, or changed after the end, is that of another print of the same file.
        """
        seen = (job.mark, job.user, active, job.is_done, None if active else job.printed_s)
        fell_back = (job.printed_s or 0) < self._printed_s
        self._printed_s = job.printed_s or 0
        if seen != self._seen or fell_back:
            self._seen, self._late_polls = seen, 0
        elif self._has_settled(job, active):
            return
        self._late_polls += 1
        self._history = self._history_of(job.path) if job.local else None

    def _has_settled(self, job: Job, active: bool) -> bool:
        """Whether the history tells of the print that is shown, or never will."""
        return active or self._history is None or self._history.has(job) or self._late_polls > _LATE_POLLS

    def _history_of(self, path: str) -> History | None:
        """The past prints of a file; None if it is gone, or the key's user may not see files."""
        try:
            return history_of(self._http.get(_place(path)))
        except Refused as refused:
            if refused.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
                return None
            raise

    def _forget(self) -> None:
        self._seen, self._history, self._printed_s, self._ran = (), None, 0, ""

    def _verify(self, path: str, remote_name: str, size: int) -> None:
        """See the file there under our name and of our size; a file under another name is taken off again."""
        if not path:
            raise DriverError(Trouble.NONSENSE, "OctoPrint does not say where it stored the file.")
        stored = mapping(self._http.get(_place(path), force="true"))
        if path != remote_name:
            self._http.ask("DELETE", _place(path))
            raise DriverError(Trouble.REFUSED, f"OctoPrint stored the file under another name ({path}).")
        if whole(stored.get("size"), 0, 1 << 50) != size:
            raise DriverError(Trouble.DAMAGED, "OctoPrint stored the file with another size. Send it again.")

    def _refuse_unless_free(self) -> None:
        """StartRefused unless OctoPrint itself says right now that nothing prints or waits in a pause."""
        try:
            now = self.status()
        except DriverError as error:
            raise StartRefused(error.trouble, str(error)) from error
        if now.state in ACTIVE:
            raise StartRefused(Trouble.REFUSED, "Another print is running or paused on this printer.")
        if now.state not in _STARTABLE:
            words = f"The printer is not ready to print ({now.raw_state or now.state})."
            raise StartRefused(Trouble.NOT_READY, words)

    def _order(self, path: str, **said: object) -> None:
        try:
            self._http.command(path, said)
        except Refused as refused:
            if refused.status == HTTPStatus.CONFLICT:
                words = f"OctoPrint did not do it: {refused.said.rstrip('. ') or 'nothing prints'}."
                raise DriverError(Trouble.REFUSED, words) from refused
            raise


def _place(path: str) -> str:
    return f"/api/files/local/{quote(path)}"


def _check(remote_name: str, endings: frozenset[str]) -> None:
    check_name(remote_name, endings)
    if not _KEPT_NAME.fullmatch(remote_name):
        raise DriverError(Trouble.REFUSED, "OctoPrint would store a file of this name under another one.")


def _start_words(refused: Refused) -> str:
    if refused.status == HTTPStatus.NOT_FOUND:
        return "The file is not on the printer."
    if refused.status == HTTPStatus.CONFLICT:
        return "Another print is running on this printer, or it is no longer connected to OctoPrint."
    return str(refused)


def _upload_trouble(refused: Refused) -> DriverError:
    if refused.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return DriverError(
            Trouble.STORAGE, "The file is larger than OctoPrint, or a proxy before it, allows."
        )
    if refused.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return DriverError(Trouble.REFUSED, "OctoPrint does not take this kind of file.")
    if refused.status == HTTPStatus.CONFLICT:
        return DriverError(Trouble.REFUSED, "The printer is using a file of this name.")
    if refused.status in _STORED:
        return DriverError(Trouble.STORAGE, "OctoPrint could not store the file. Its storage may be full.")
    return refused
