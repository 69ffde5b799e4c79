"""Prusa printers through PrusaLink, which is in their firmware (MINI, MK3.5 and later) or on a Pi (MK3)."""

import re
import time
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
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
from printers.drivers.prusalink_files import FORMATS, Files, check
from printers.drivers.prusalink_http import PrusaLinkHttp
from printers.drivers.prusalink_probe import PI_STORAGE, detected
from printers.drivers.prusalink_status import away, job_number, raw_state, status_of
from printers.drivers.readings import base_name, mapping
from printers.drivers.web import Refused, Unsent

START_S = 30.0
ORDER_S = 15.0
_STARTABLE = (MachineState.IDLE, MachineState.FINISHED)
_ACTIVE = (MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED)
_UNCLEAR = (MachineState.BUSY, MachineState.OFFLINE, MachineState.UNKNOWN)
# The answers that say for certain that nothing was begun; a 503 only with these words.
_NO_START = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_AWAY = "unavailable"
# MK2.5 and MK3 with their S; not MK3.5 and MK3.9, which have the newer board.
_EIGHT_BIT = re.compile(r"mk[\s_-]*(?:2\.?5|3)(?![\d.])", re.I)


class PrusaLinkDriver(PolledDriver):
    """One printer behind PrusaLink; not to be shared by threads."""

    protocol = "prusalink"
    label = "Prusa (PrusaLink)"
    formats = FORMATS
    default_port = 80
    secret_label = "Password of the user maker, unless you enter another, or an API key"  # noqa: S105
    keeps_last_job = False
    stop_words = (
        "PrusaLink has no emergency stop. The print was cancelled instead: heaters and motors stop once it "
        "has parked. In danger switch the printer off at its power switch."
    )

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._http = PrusaLinkHttp(endpoint, self.default_port)
        self._named: tuple[str, str] = ("", "")
        self._came: float | None = None
        self._files = Files(self._http)

    @classmethod
    def formats_for(cls, model: str) -> frozenset[str]:
        # The boards of these read no binary G-code.
        return cls.formats - {"bgcode"} if _EIGHT_BIT.search(model) else cls.formats

    def probe(self) -> Detected:
        return detected(self._http)

    def status(self) -> Status:
        try:
            return self._with_progress(self._status())
        except Refused as refused:
            if refused.trouble is Trouble.NOT_READY:
                return away(refused.said)
            raise

    def upload(self, path: Path, remote_name: str, sha256: str, progress: Progress | None = None) -> None:
        check(remote_name)
        self._files.upload(path, remote_name, sha256, progress)

    def remove(self, remote_name: str) -> None:
        check(remote_name)
        self._files.remove(remote_name)

    def close(self) -> None:
        self._http.close()
        self._named = ("", "")
        self._files.forget()

    def start(self, order: StartOrder) -> None:
        check(order.remote_name)
        path = self._path_if_free(order.remote_name)
        if time.monotonic() > order.write_by:
            raise StartRefused(Trouble.NOT_READY, "The printer answered so late that the start was not sent.")
        try:
            self._http.ask("POST", path, START_S, once=True)
        except Unsent as error:
            raise StartRefused(error.trouble, str(error)) from error
        except Refused as refused:
            if refused.status in _NO_START or _AWAY in refused.said.lower():
                raise StartRefused(refused.trouble, _start_words(refused)) from refused
            raise

    def outcome_of(self, remote_name: str) -> Outcome | None:
        """How the last print ended, by the printer's state: it keeps no history and names no job at rest.

        The caller has seen this print run. DriverError while the printer is in between, where nothing is
        certain; None once it is idle again, as after a restart.
        """
        now = self.status()
        if now.state in _UNCLEAR or now.raw_state == "ATTENTION":
            raise DriverError(
                Trouble.NOT_READY, f"The printer does not say yet how the print ended ({now.raw_state})."
            )
        return None if now.file == remote_name and now.state in _ACTIVE else now.outcome

    def pause(self) -> None:
        self._order("PUT", "/pause")

    def resume(self) -> None:
        said = self._http.get("/api/v1/status")
        # Only the service on a Raspberry Pi lets the printer's questions be answered from here.
        answers = raw_state(said) == "ATTENTION" and self._files.storage.path == PI_STORAGE
        self._order("PUT", "/continue" if answers else "/resume")

    def cancel(self) -> None:
        self._order("DELETE", "")

    def stop(self) -> None:
        """Cancel: PrusaLink knows no emergency stop (see `stop_words`)."""
        try:
            self.cancel()
        except DriverError as error:
            words = "PrusaLink has no emergency stop, and cancelling failed too. {} In danger switch it off."
            raise DriverError(error.trouble, words.format(error)) from error

    def clear_errors(self) -> None:
        """Nothing to do without an error; with one DriverError, since only its screen can clear it."""
        if self.status().state is MachineState.ERROR:
            raise DriverError(
                Trouble.REFUSED,
                "PrusaLink cannot clear errors. Answer what the printer's screen asks, or restart it.",
            )

    def _with_progress(self, now: Status) -> Status:
        """With how far a print that was cut off had come, as last seen here: the printer forgets that too."""
        if now.state in _ACTIVE:
            self._came = now.progress
        elif now.outcome in (Outcome.CANCELLED, Outcome.FAILED):
            return replace(now, progress=self._came)
        elif now.state not in _UNCLEAR:
            self._came = None
        return now

    def _status(self) -> Status:
        for _ in range(2):
            said = self._http.get("/api/v1/status")
            if not raw_state(said):
                raise DriverError(Trouble.NONSENSE, "PrusaLink answers without the printer's state.")
            number = job_number(said)
            file = self._file_of(number) if number else ""
            if file is not None:
                return status_of(said, number, file)
            # The job ended between the two answers.
        raise DriverError(Trouble.NOT_READY, "The printer names a job and does not tell of it.")

    def _file_of(self, number: str) -> str | None:
        """The name of the job's file, asked once for each job; None if it is no longer the one that runs."""
        if self._named[0] != number or not self._named[1]:
            job = self._http.get("/api/v1/job")
            if job_number({"job": job}) != number:
                return None
            file = mapping(job.get("file"))
            # `name` is the short name of the USB drive's file system.
            self._named = (number, base_name(file.get("display_name")) or base_name(file.get("name")))
        return self._named[1]

    def _path_if_free(self, remote_name: str) -> str:
        """Where the file to start is; StartRefused unless the printer itself says that it is free."""
        try:
            self._http.freshen()
            now = self.status()
            path = self._files.path_of(remote_name)
        except DriverError as error:
            raise StartRefused(error.trouble, str(error)) from error
        if now.state in _ACTIVE:
            raise StartRefused(Trouble.REFUSED, "Another print is running or paused on this printer.")
        if now.state not in _STARTABLE:
            raise StartRefused(
                Trouble.NOT_READY, f"The printer is not ready to print ({now.raw_state or now.state})."
            )
        return path

    def _order(self, method: str, verb: str) -> None:
        """An order for the job that runs: PrusaLink wants it named."""
        number = job_number(self._http.get("/api/v1/status"))
        if not number:
            raise DriverError(Trouble.REFUSED, "Nothing is printing.")
        try:
            self._http.ask(method, f"/api/v1/job/{quote(number, safe='')}{verb}", ORDER_S)
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                words = "That print is no longer on the printer."
                raise DriverError(Trouble.REFUSED, words) from refused
            raise


def _start_words(refused: Refused) -> str:
    if refused.status == HTTPStatus.NOT_FOUND:
        return "The file is not on the printer."
    return str(refused)
