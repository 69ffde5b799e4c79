"""Files on a PrusaLink printer: sent by PUT, seen stored, deleted and seen gone."""

import time
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from printers.drivers.driver import DriverError, Progress, Trouble
from printers.drivers.prusalink_http import PrusaLinkHttp, Renewed
from printers.drivers.prusalink_probe import PI_STORAGE, Storage, storage_of
from printers.drivers.readings import whole
from printers.drivers.sending import Outgoing, check_name
from printers.drivers.web import Refused

FORMATS = frozenset({"gcode", "bgcode"})
STORED_S = 120.0
SCAN_S = 1.0
_SCAN_TRIES = 5
_SLOWEST = 20_000
_LONGEST_NAME = 90


class _Body:
    """A file as the body of a PUT. Its hash is judged before the last bytes go out."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._left = outgoing.size

    def __len__(self) -> int:
        return self._outgoing.size

    def read(self, size: int = -1) -> bytes:
        piece = self._outgoing.read(size)
        self._left -= len(piece)
        if self._left <= 0:
            self._outgoing.judge()
        return piece


def check(remote_name: str) -> None:
    """Trouble.REFUSED for a name that the firmware cannot bear."""
    check_name(remote_name, FORMATS)
    if len(remote_name) > _LONGEST_NAME:
        raise DriverError(Trouble.REFUSED, f"This printer takes names of at most {_LONGEST_NAME} letters.")


class Files:
    """The storage of one printer that files for printing go to."""

    def __init__(self, http: PrusaLinkHttp) -> None:
        self._http = http
        self._known: Storage | None = None

    def forget(self) -> None:
        self._known = None

    @property
    def storage(self) -> Storage:
        return self._known or self.look()

    def look(self) -> Storage:
        """Ask anew where files go; Trouble.STORAGE if nowhere."""
        self._known = storage_of(self._http.get("/api/v1/storage"))
        return self._known

    def path_of(self, remote_name: str) -> str:
        return f"/api/v1/files/{quote(self.storage.path)}/{quote(remote_name)}"

    def upload(self, path: Path, remote_name: str, sha256: str, progress: Progress | None) -> None:
        """As Driver.upload."""
        self._http.freshen()
        if self.look().path == PI_STORAGE and remote_name.endswith(".bgcode"):
            raise DriverError(
                Trouble.REFUSED,
                "This printer reads no binary G-code. Slice the part again with binary G-code turned off.",
            )
        try:
            try:
                size = self._send(path, remote_name, sha256, progress)
            except Renewed:
                size = self._send(path, remote_name, sha256, progress)
        except Refused as refused:
            raise _upload_trouble(refused) from refused
        self._see_stored(remote_name, size)

    def remove(self, remote_name: str) -> None:
        """As Driver.remove. With the USB drive pulled out every file is "not found", and still on it."""
        self.look()
        for _ in range(2):
            try:
                self._http.ask("DELETE", self.path_of(remote_name))
            except Refused as refused:
                if refused.status == HTTPStatus.NOT_FOUND:
                    return
                if refused.status == HTTPStatus.CONFLICT:
                    words = "The printer is using the file and does not delete it."
                    raise DriverError(Trouble.REFUSED, words) from None
                raise
        raise DriverError(Trouble.STORAGE, "The printer says it deleted the file, yet it is still there.")

    def _send(self, path: Path, remote_name: str, sha256: str, progress: Progress | None) -> int:
        """Send the file and return its size. Nothing of the name was there but remains of this very upload.

        There is no Print-After-Upload: older firmware takes any value of it, even ?0, for a yes.
        """
        with Outgoing(path, sha256, _SLOWEST, progress) as outgoing:
            if not outgoing.size:
                raise DriverError(Trouble.DAMAGED, "The file is empty.")
            free = self.storage.free
            if free is not None and free < outgoing.size:
                raise DriverError(Trouble.STORAGE, "The printer's storage is too full for the file.")
            self._http.ask(
                "PUT", self.path_of(remote_name), STORED_S, data=_Body(outgoing),
                headers={"Content-Type": "text/x.gcode", "Overwrite": "?1"},
            )  # fmt: skip
            return outgoing.size

    def _see_stored(self, remote_name: str, size: int) -> None:
        """Wait until the printer, which first reads through a new file, tells its size."""
        stored = None
        for attempt in range(_SCAN_TRIES):
            if attempt:
                time.sleep(SCAN_S)
            try:
                stored = whole(self._http.get(self.path_of(remote_name)).get("size"), 0, 1 << 50)
            except Refused as refused:
                if refused.trouble is Trouble.CREDENTIALS:
                    raise
            if stored == size:
                return
        if stored is None:
            raise DriverError(Trouble.STORAGE, "The printer took the file and then does not have it.")
        raise DriverError(Trouble.DAMAGED, "The printer stored the file with another size. Send it again.")


def _upload_trouble(refused: Refused) -> DriverError:
    said = refused.said.lower()
    if refused.status == HTTPStatus.CONFLICT:
        if "transfer" in said:
            return DriverError(
                Trouble.NOT_READY, "The printer is receiving another file, perhaps from Prusa Connect."
            )
        return DriverError(Trouble.REFUSED, "The printer is using a file of this name.")
    if refused.status == HTTPStatus.BAD_REQUEST:
        return DriverError(Trouble.DAMAGED, "The printer did not receive the whole file. Send it again.")
    if refused.status == HTTPStatus.NOT_FOUND:
        return DriverError(Trouble.STORAGE, "The printer's storage is gone. Is the USB drive still in?")
    return refused
