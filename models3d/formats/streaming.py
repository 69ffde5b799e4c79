"""Reads G-code once, in blocks of whole lines, and keeps head and tail for the facts written there."""

import codecs
import re
from collections import deque
from collections.abc import Iterator
from typing import Protocol

BLOCK_BYTES = 256 * 1024
LONGEST_LINE_BYTES = 1024 * 1024
KEPT_BYTES = 1024 * 1024
# Four large thumbnails before the first command can be longer than the usual megabyte.
LONGEST_HEAD_BYTES = 8 * 1024 * 1024
FIRST_COMMAND = re.compile(rb"^[ \t]*[GgMm]\d", re.MULTILINE)
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LOOKED_AT_BYTES = 4096


def utf16(data: bytes) -> str:
    """The encoding if `data` begins a text in UTF-16, marked or not, else ""."""
    if data.startswith(UTF16_MARKS):
        return "utf-16"
    looked_at = data[:LOOKED_AT_BYTES]
    half = len(looked_at) // 2
    # G-code is nearly all ASCII, so one byte of each two is 0 and the other never.
    for name, zeros, letters in (
        ("utf-16-le", looked_at[1::2], looked_at[::2]),
        ("utf-16-be", looked_at[::2], looked_at[1::2]),
    ):
        if half > 1 and zeros.count(0) > 0.9 * half and letters.count(0) <= 0.1 * half:
            return name
    return ""


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Text:
    """The lines of a stream, each block ending with a newline; `head` and `tail` grow as it is read."""

    def __init__(self, stream: Stream) -> None:
        self.head = b""
        self.size = 0
        self.long_lines = 0
        self._stream = stream
        self._head_done = False
        self._last: deque[bytes] = deque()
        self._last_size = 0

    @property
    def tail(self) -> bytes:
        return b"".join(self._last)[-KEPT_BYTES:]

    def blocks(self) -> Iterator[bytes]:
        """Whole lines, at most about a megabyte at once; a longer line is left out and counted."""
        rest = b""
        dropping = False
        for data in self._decoded():
            self._keep(data)
            if dropping:
                _, newline, data = data.partition(b"\n")
                dropping = not newline
            cut = data.rfind(b"\n") + 1
            if not cut:
                rest += data
                if len(rest) > LONGEST_LINE_BYTES:
                    self.long_lines += 1
                    rest, dropping = b"", True
                continue
            yield rest + data[:cut]
            rest = data[cut:]
        if rest:
            yield rest + b"\n"

    def _decoded(self) -> Iterator[bytes]:
        data = self._stream.read(BLOCK_BYTES)
        wide = utf16(data)
        decoder = codecs.getincrementaldecoder(wide)("replace") if wide else None
        first = decoder.decode(data).encode("utf-8", "replace") if decoder else data
        # Lines of the old Macintosh; what ends its lines so does it everywhere.
        returns = b"\r" in first and b"\n" not in first
        data = first.removeprefix(codecs.BOM_UTF8)
        while data:
            yield data.replace(b"\r", b"\n") if returns else data
            data = self._stream.read(BLOCK_BYTES)
            if decoder:
                data = decoder.decode(data, final=not data).encode("utf-8", "replace")

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if not self._head_done:
            self.head += data
            enough = len(self.head) >= KEPT_BYTES and FIRST_COMMAND.search(self.head) is not None
            self._head_done = enough or len(self.head) >= LONGEST_HEAD_BYTES
        self._last.append(data)
        self._last_size += len(data)
        while self._last_size - len(self._last[0]) >= KEPT_BYTES:
            self._last_size -= len(self._last.popleft())
