"""Klipper printers through Moonraker's HTTP interface."""

import re
import time
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
from printers.drivers.moonraker_form import UploadForm
from printers.drivers.moonraker_http import MoonrakerHttp
from printers.drivers.moonraker_probe import detected
from printers.drivers.moonraker_status import (
    ALWAYS,
    OUTCOMES,
    Job,
    interesting,
    job_of,
    status_of,
    without_firmware,
)
from printers.drivers.readings import base_name, items, mapping, number, text, whole
from printers.drivers.sending import Outgoing, check_name
from printers.drivers.web import NoAnswer, Refused, Unsent

START_S = 30.0
MACRO_S = 15.0
STORED_S = 120.0
SETTLE_S = 0.25
_SLOWEST = 200_000
_SETTLE_TRIES = 3
_LATE_POLLS = 3
_ESTIMATE_TRIES = 5
_STARTABLE = (MachineState.IDLE, MachineState.FINISHED)
_ACTIVE = (MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED)
# What Klipper says when it certainly did not begin.
_NO_START = re.compile(r"sd busy|unable to open|not connected|klipper reports|shutdown", re.I)


class MoonrakerDriver(PolledDriver):
    """One printer behind Moonraker; not to be shared by threads."""

    protocol = "moonraker"
    label = "Klipper (Moonraker)"
    formats = frozenset({"gcode"})
    default_port = 7125
    stops_at_once = True
    secret_label = "API key, if Moonraker asks for one"  # noqa: S105

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._http = MoonrakerHttp(endpoint, self.default_port)
        self._wanted: dict[str, list[str] | None] | None = None
        self._job = Job()
        self._seen: tuple[str, str] | None = None
        self._took_s = 0.0
        self._late_polls = 0
        self._estimate: tuple[str, float | None, int] = ("", None, 0)

    @classmethod
    def is_unique(cls, job_key: str) -> bool:
        # Without Moonraker's history there is only the file's name.
        return not job_key.startswith(":")

    def probe(self) -> Detected:
        return detected(self._http)

    def status(self) -> Status:
        try:
            return self._status()
        except DriverError:
            # Whatever happened behind the gap is looked up anew.
            self._seen = self._wanted = None
            raise

    def upload(self, path: Path, remote_name: str, sha256: str, progress: Progress | None = None) -> None:
        check_name(remote_name, self.formats)
        with Outgoing(path, sha256, _SLOWEST, progress) as outgoing:
            form = UploadForm(outgoing, remote_name, sha256)
            try:
                answer = self._http.ask(
                    "POST", "/server/files/upload", wait_s=STORED_S, data=form,
                    headers={"Content-Type": form.content_type},
                )  # fmt: skip
            except Refused as refused:
                raise self._upload_trouble(refused) from refused
            stored = mapping(mapping(answer).get("item"))
            if whole(stored.get("size"), 0, 1 << 50) != outgoing.size:
                raise DriverError(
                    Trouble.DAMAGED, "The printer stored the file with another size. Send it again."
                )

    def remove(self, remote_name: str) -> None:
        check_name(remote_name, self.formats)
        for _ in range(2):
            try:
                self._http.ask("DELETE", f"/server/files/gcodes/{quote(remote_name)}")
            except Refused as refused:
                if refused.status == HTTPStatus.NOT_FOUND or "invalid file path" in refused.said.lower():
                    return
                if refused.status == HTTPStatus.FORBIDDEN:
                    raise DriverError(
                        Trouble.REFUSED, "The printer is using the file and does not delete it."
                    ) from None
                raise
        raise DriverError(Trouble.STORAGE, "The printer says it deleted the file, yet it is still there.")

    def close(self) -> None:
        self._http.close()
        self._seen = self._wanted = None

    def start(self, order: StartOrder) -> None:
        check_name(order.remote_name, self.formats)
        self._refuse_unless_free()
        if time.monotonic() > order.write_by:
            raise StartRefused(Trouble.NOT_READY, "The printer answered so late that the start was not sent.")
        try:
            self._http.post("/printer/print/start", START_S, filename=order.remote_name)
        except Unsent as error:
            raise StartRefused(error.trouble, str(error)) from error
        except Refused as refused:
            if refused.trouble is Trouble.CREDENTIALS or _NO_START.search(refused.said):
                raise StartRefused(refused.trouble, _start_words(refused.said) or str(refused)) from refused
            raise

    def outcome_of(self, remote_name: str) -> Outcome | None:
        for record in items(
            mapping(self._http.get("/server/history/list", limit="50", order="desc")).get("jobs")
        ):
            told = mapping(record)
            if base_name(told.get("filename")) == remote_name:
                return OUTCOMES.get(text(told.get("status")))
        return None

    def pause(self) -> None:
        self._order("/printer/print/pause")

    def resume(self) -> None:
        self._order("/printer/print/resume")

    def cancel(self) -> None:
        self._order("/printer/print/cancel")

    def stop(self) -> None:
        self._order("/printer/emergency_stop")

    def clear_errors(self) -> None:
        """Restart the firmware if it has stopped, else forget a print that ended in an error."""
        state = text(mapping(self._http.get("/server/info")).get("klippy_state"))
        if state in ("error", "shutdown"):
            self._order("/printer/firmware_restart")
        elif state == "ready" and self.status().state is MachineState.ERROR:
            self._order("/printer/gcode/script", script="SDCARD_RESET_FILE")

    def _status(self) -> Status:
        if self._wanted is None:
            try:
                listed = mapping(self._http.get("/printer/objects/list")).get("objects")
            except Refused as refused:
                return self._firmware_status(refused)
            self._wanted = ALWAYS | interesting(listed)
        try:
            answer = self._http.ask("POST", "/printer/objects/query", json={"objects": self._wanted})
        except Refused as refused:
            return self._firmware_status(refused)
        objects = mapping(mapping(answer).get("status"))
        hooks = mapping(objects.get("webhooks"))
        firmware = text(hooks.get("state")) or "ready"
        if firmware != "ready":
            self._follow(("klipper", firmware), "", False)
            return without_firmware(firmware, text(hooks.get("state_message"), 400), self._job)
        stats = mapping(objects.get("print_stats"))
        if not stats:
            raise DriverError(Trouble.NONSENSE, "Moonraker answers without the printer's state.")
        file, state = base_name(stats.get("filename")), text(stats.get("state"))
        self._notice_other_print(stats, state)
        self._follow((file, state), file, state in ("printing", "paused"))
        return status_of(objects, self._job, self._estimate_of(text(stats.get("filename"), 400)))

    def _notice_other_print(self, stats: dict[str, object], state: str) -> None:
        """A time that fell back, or changed after the end, is that of another print of the same file."""
        took_s = number(stats.get("total_duration"), 0, 1e9) or 0.0
        if took_s < self._took_s or (took_s != self._took_s and state not in ("printing", "paused")):
            self._seen = None
        self._took_s = took_s

    def _firmware_status(self, refused: Refused) -> Status:
        """What to show when Klipper answers no question: Moonraker's own word on it."""
        if refused.trouble is Trouble.CREDENTIALS:
            raise refused
        state = text(mapping(self._http.get("/server/info")).get("klippy_state"))
        if state == "ready":
            raise refused
        message = ""
        if state in ("error", "shutdown"):
            message = text(mapping(self._http.get("/printer/info")).get("state_message"), 400)
        self._wanted = None
        self._follow(("klipper", state), "", False)
        return without_firmware(state, message, self._job)

    def _follow(self, seen: tuple[str, str], file: str, active: bool) -> None:
        """Look up the newest job when something changed since the last poll, until it fits what prints.

        Moonraker writes its history a moment after Klipper has started.
        """
        if seen == self._seen:
            return
        self._late_polls += 1
        for attempt in range(_SETTLE_TRIES):
            try:
                self._job = job_of(self._http.get("/server/history/list", limit="1", order="desc")) or Job()
            except Refused:
                # A Moonraker without history: the file name is all the identity there is.
                self._job = Job("", file or self._job.file)
                break
            if not active or (self._job.file == file and self._job.status == "in_progress"):
                break
            if attempt < _SETTLE_TRIES - 1:
                time.sleep(SETTLE_S)
        else:
            if self._late_polls < _LATE_POLLS:
                return
            self._job = Job("", file)
        self._seen, self._late_polls = seen, 0

    def _estimate_of(self, filename: str) -> float | None:
        """The slicer's time for the current file; asked a few times, as Moonraker reads new files late."""
        known, seconds, tries = self._estimate
        if filename != known:
            seconds, tries = None, 0
        if filename and seconds is None and tries < _ESTIMATE_TRIES:
            try:
                facts = mapping(self._http.get("/server/files/metadata", filename=filename))
                seconds = number(facts.get("estimated_time"), 0, 60 * 86400)
            except Refused:
                seconds = None
            tries += 1
        self._estimate = (filename, seconds, tries)
        return seconds

    def _refuse_unless_free(self) -> None:
        """StartRefused unless the printer itself says right now that nothing prints or waits in a pause.

        Klipper takes a start during a pause and throws the paused print away.
        """
        try:
            now = self.status()
        except DriverError as error:
            raise StartRefused(error.trouble, str(error)) from error
        if now.state in _ACTIVE:
            raise StartRefused(Trouble.REFUSED, "Another print is running or paused on this printer.")
        if now.state not in _STARTABLE:
            raise StartRefused(
                Trouble.NOT_READY, f"The printer is not ready to print ({now.raw_state or now.state})."
            )

    def _order(self, path: str, **query: str) -> None:
        try:
            self._http.post(path, MACRO_S, **query)
        except NoAnswer:
            # The printer's macro may run for minutes; the request is in and the status will tell.
            return
        except Refused as refused:
            if "unknown command" in refused.said.lower():
                words = "Klipper's configuration lacks [pause_resume], which this needs."
                raise DriverError(Trouble.REFUSED, words) from refused
            raise

    def _upload_trouble(self, refused: Refused) -> DriverError:
        if refused.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            return DriverError(
                Trouble.DAMAGED, "The file arrived damaged and the printer dropped it. Send it again."
            )
        if refused.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return DriverError(Trouble.STORAGE, "The file is larger than Moonraker allows (max_upload_size).")
        if refused.status == HTTPStatus.FORBIDDEN and refused.trouble is not Trouble.CREDENTIALS:
            return DriverError(Trouble.REFUSED, "The printer is using a file of this name.")
        if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR and refused.trouble is not Trouble.NOT_READY:
            return DriverError(
                Trouble.STORAGE, "The printer could not store the file. Its storage may be full."
            )
        return refused


def _start_words(said: str) -> str:
    lower = said.lower()
    if "sd busy" in lower:
        return "Another print is running on this printer."
    if "unable to open" in lower:
        return "The file is not on the printer."
    return ""
