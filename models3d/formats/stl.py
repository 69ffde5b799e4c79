"""STL, binary and text, as batches of triangles; a file of any size takes the same little memory."""

import itertools
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from models3d.formats.metadata import UnreadableFile
from models3d.formats.sniffing import is_binary_stl

HEAD_BYTES = 84
SAMPLE_BYTES = 1024
FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
BATCH_FACETS = 64 * 1024
BLOCK_BYTES = 4 * 1024 * 1024
VERTEX = re.compile(rb"^[ \t]*vertex[ \t]+(\S+)[ \t]+(\S+)[ \t]+(\S+)", re.MULTILINE | re.IGNORECASE)
SOLID = re.compile(rb"^[ \t]*solid\b[ \t]*([^\n]{0,200})", re.MULTILINE | re.IGNORECASE)
END = re.compile(rb"^[ \t]*endsolid\b", re.MULTILINE | re.IGNORECASE)
LONGEST_LINE_BYTES = 1024 * 1024
# The last line may hold a long name behind its keyword.
KEPT_BYTES = 4096
MOST_NAMES = 50
CUT_OFF = "The end of this STL file is missing. Export or upload it again."
NO_FACETS = "This STL file holds not one triangle. Export it again."
DAMAGED = "This STL file is damaged: {}. Export it again."

Corners = npt.NDArray[np.float32]


class Stl:
    """The triangles of a file; may be gone through more than once. UnreadableFile if they are not sound."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.names: dict[str, None] = {}
        with path.open("rb") as file:
            self._size = file.seek(0, 2)
            file.seek(0)
            self._head = file.read(SAMPLE_BYTES)
        self.is_binary = is_binary_stl(self._head, self._size)

    def batches(self) -> Iterator[Corners]:
        """Corners of triangles, shape (n, 3, 3), in mm if the file is, which it does not say."""
        with self._path.open("rb") as file:
            yield from self._facets(file) if self.is_binary else self._texts(file)

    def _facets(self, file: BinaryIO) -> Iterator[Corners]:
        count = _count(self._head)
        if not count:
            raise UnreadableFile(NO_FACETS)
        if self._size < HEAD_BYTES + FACET.itemsize * count:
            raise UnreadableFile(CUT_OFF)
        file.seek(HEAD_BYTES)
        for start in range(0, count, BATCH_FACETS):
            size = min(BATCH_FACETS, count - start) * FACET.itemsize
            data = file.read(size)
            if len(data) < size:
                raise UnreadableFile(CUT_OFF)
            yield np.ascontiguousarray(np.frombuffer(data, FACET)["corners"])

    def _texts(self, file: BinaryIO) -> Iterator[Corners]:
        left, tail = np.empty(0), b""
        for block in _blocks(file):
            tail = (tail + block)[-KEPT_BYTES:]
            self._note_names(block)
            numbers = np.concatenate([left, _numbers(block)])
            whole = len(numbers) // 9 * 9
            left = numbers[whole:]
            if whole:
                # What is too large for the format's own floats becomes infinite, and is refused as that.
                with np.errstate(over="ignore"):
                    yield numbers[:whole].astype(np.float32).reshape(-1, 3, 3)
        if len(left) or not (END.search(tail) or tail.rstrip().lower().endswith(b"endfacet")):
            raise UnreadableFile(CUT_OFF)

    def _note_names(self, block: bytes) -> None:
        for match in SOLID.finditer(block):
            if len(self.names) >= MOST_NAMES:
                return
            name = match[1].decode("utf-8", "replace").strip()
            if name:
                self.names[name] = None


def _count(head: bytes) -> int:
    (count,) = struct.unpack_from("<I", head, HEAD_BYTES - 4)
    return int(count)


def _numbers(block: bytes) -> npt.NDArray[np.float64]:
    words = itertools.chain.from_iterable(VERTEX.findall(block))
    try:
        return np.array(list(map(float, words)), np.float64)
    except ValueError as error:
        raise UnreadableFile(DAMAGED.format("a corner of a triangle is not a number")) from error


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Whole lines that end with a newline, whichever of the three ways they ended in the file."""
    rest = b""
    while data := file.read(BLOCK_BYTES):
        data = data.replace(b"\r", b"\n")
        cut = data.rfind(b"\n") + 1
        if not cut and len(rest) > LONGEST_LINE_BYTES:
            raise UnreadableFile(DAMAGED.format("it has a line longer than any program writes"))
        if cut:
            yield rest + data[:cut]
            rest = b""
        rest += data[cut:]
    yield rest + b"\n"
