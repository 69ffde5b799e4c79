"""A file on its way to a printer: read in pieces, hashed on the way, never all in memory."""

import hashlib
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from printers.drivers.driver import DriverError, Progress, Trouble

PIECE_BYTES = 65536
_LEAST_S = 600.0


class Outgoing:
    """A file opened for sending. `read` gives pieces and raises DriverError when it is not what was promised.

    `slowest` is the lowest speed worth waiting for, in bytes a second.
    """

    def __init__(self, path: Path, sha256: str, slowest: int, progress: Progress | None = None) -> None:
        try:
            self._source = path.open("rb")
            self.size = path.stat().st_size
        except OSError as error:
            raise DriverError(Trouble.DAMAGED, "The file is no longer in the farm's storage.") from error
        self._promised = sha256.lower()
        self._digest = hashlib.sha256()
        self._progress = progress
        self._sent = 0
        self._allowed_s = max(_LEAST_S, self.size / slowest)
        self._until = time.monotonic() + self._allowed_s

    def read(self, size: int = PIECE_BYTES) -> bytes:
        """The next piece, at most `size` bytes; empty at the end, where the hash is judged."""
        if time.monotonic() > self._until:
            raise DriverError(
                Trouble.UNREACHABLE,
                f"The transfer took longer than {self._allowed_s / 60:.0f} minutes and was given up. "
                "Check the printer's network connection.",
            )
        try:
            piece = self._source.read(max(size, 0) if size >= 0 else PIECE_BYTES)
        except OSError as error:
            raise DriverError(
                Trouble.DAMAGED, "The file could not be read from the farm's storage."
            ) from error
        self._digest.update(piece)
        self._sent += len(piece)
        if not piece or self._sent > self.size:
            self.judge()
        elif self._progress:
            self._progress(self._sent)
        return piece

    def judge(self) -> None:
        """Trouble.DAMAGED unless exactly the promised bytes were read."""
        if self._sent != self.size or self._digest.hexdigest() != self._promised:
            raise DriverError(
                Trouble.DAMAGED,
                "The file in the farm's storage is not the one that was uploaded. Upload it again.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self._source.close()


_FORBIDDEN = set('<>:"/\\|?*')
_LONGEST = 200


def check_name(remote_name: str, endings: frozenset[str]) -> str:
    """`remote_name` if every printer's storage can bear it; Trouble.REFUSED otherwise."""
    sound = (
        remote_name.isascii()
        and remote_name.isprintable()
        and 0 < len(remote_name) <= _LONGEST
        and not _FORBIDDEN & set(remote_name)
        and remote_name == remote_name.strip(" .")
    )
    if not sound or not any(remote_name.endswith("." + ending) for ending in endings):
        raise DriverError(
            Trouble.REFUSED,
            f"This printer takes only files ending in .{', .'.join(sorted(endings))}, named simply.",
        )
    return remote_name
