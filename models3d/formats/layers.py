"""The preview of a sliced file: the drawn layers of its plates, in chunks that a browser unpacks itself.

The file is the mark, the chunks (a zlib stream each, of whole layers), the plates' tables, a directory as
JSON, its length, and the mark again. A chunk is made of the parts that `formats.strokes` packs.
"""

import json
import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import IO

MARK = b"ODINLAY1"
END = struct.Struct("<I8s")
CHUNK = struct.Struct("<III")
LAYER = struct.Struct("<if")
MOST_PLATES = 64
MOST_LAYERS = 20_000
MOST_DIRECTORY_BYTES = 256 * 1024
# What a plate may take on the disk and unpacked, and all plates of a file together.
MOST_BYTES, MOST_RAW_BYTES = 24 * 1024 * 1024, 128 * 1024 * 1024
PLATES_AT_ONCE = 4
# Level 1 packs 8 MB in 0.1 s; 6 would save a fifth of the bytes and take five times as long.
LEVEL = 1


class NoPreview(Exception):
    """There is no such plate or layer, or the preview is damaged."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the directory says of a plate; `box` is min X, min Y, max X, max Y in mm.

    `kinds` and `tools` are those that its strokes have. `cut` says that the file has more than was drawn.
    """

    number: int
    layers: int
    chunks: int
    table: int
    box: tuple[float, float, float, float]
    kinds: tuple[int, ...]
    tools: tuple[int, ...]
    cut: bool


class Sheet:
    """Takes the layers of one plate, `z_um` and `filament_mm` a row a layer, and their chunks."""

    def __init__(self, file: IO[bytes], number: int, room: int) -> None:
        self._file = file
        self._start = file.tell()
        self.number = number
        self._room = min(room, MOST_BYTES)
        self.restart()

    def restart(self) -> None:
        """Forget what was drawn: it was no print yet."""
        self._file.seek(self._start)
        self._file.truncate()
        self._packer = zlib.compressobj(LEVEL)
        self._begun = self._raw = 0
        self._chunk_at = self._start
        self.z_um, self.filament_mm = array("i"), array("f")
        self.chunks: list[tuple[int, int, int]] = []
        self.is_cut = False

    @property
    def filled(self) -> float:
        """How much of the room is used, 0 to 1 and above."""
        packed = self._file.tell() - self._start
        return max(packed / self._room, self._raw / MOST_RAW_BYTES, len(self.z_um) / MOST_LAYERS)

    @property
    def layers(self) -> int:
        return len(self.z_um)

    def note_layers(self, layers: list[int], z_mm: list[float], filament_mm: list[float]) -> None:
        """How high strokes of these layers reach and what they take, added to what is known of the layers."""
        for layer, z, filament in zip(layers, z_mm, filament_mm, strict=True):
            if layer == len(self.z_um):
                self.z_um.append(round(z * 1000))
                self.filament_mm.append(filament)
            else:
                self.z_um[layer] = max(self.z_um[layer], round(z * 1000))
                self.filament_mm[layer] += filament

    def write(self, part: bytes) -> None:
        """More of the chunk."""
        self._file.write(self._packer.compress(part))
        self._raw += len(part)

    def end_chunk(self, end: int) -> None:
        """The chunk holds all layers before `end` that are in no earlier one."""
        self._file.write(self._packer.flush())
        self.chunks.append((self._chunk_at, self._file.tell() - self._chunk_at, self._begun))
        self._packer = zlib.compressobj(LEVEL)
        self._begun, self._chunk_at = end, self._file.tell()

    def finish(self) -> int:
        """Write the tables; their place."""
        if self._begun < self.layers:
            self.end_chunk(self.layers)
        table = self._file.tell()
        for chunk in self.chunks:
            self._file.write(CHUNK.pack(*chunk))
        for row in zip(self.z_um, self.filament_mm, strict=True):
            self._file.write(LAYER.pack(*row))
        return table


class Book:
    """Writes the preview of a file, plate after plate, to `file`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._plates: list[Drawn] = []
        self.is_spoilt = False
        file.write(MARK)

    def sheet(self, number: int) -> Sheet:
        return Sheet(self._file, number, PLATES_AT_ONCE * MOST_BYTES - self._file.tell())

    def add(self, sheet: Sheet, box: list[float], kinds: list[int], tools: list[int]) -> None:
        """A plate is drawn to its end."""
        if not sheet.z_um:
            return
        table = sheet.finish()
        low_x, low_y, high_x, high_y = (round(side, 3) for side in box)
        drawn = Drawn(
            sheet.number, len(sheet.z_um), len(sheet.chunks), table,
            (low_x, low_y, high_x, high_y), tuple(kinds), tuple(tools), sheet.is_cut,
        )  # fmt: skip
        self._plates.append(drawn)

    def finish(self) -> bool:
        """Close the directory; whether there is a preview at all. Else the file is left empty."""
        if self.is_spoilt or not self._plates:
            self._file.seek(0)
            self._file.truncate()
            return False
        directory = json.dumps([asdict(plate) for plate in self._plates]).encode()
        self._file.write(directory + END.pack(len(directory), MARK))
        self._file.flush()
        return True


class Preview:
    """Reads what a Book wrote. Its numbers are checked against the file: they came from somebody's upload."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self.plates = {plate.number: plate for plate in self._directory()}

    def plate(self, number: int) -> Drawn:
        if number not in self.plates:
            raise NoPreview
        return self.plates[number]

    def heights(self, plate: Drawn) -> tuple[list[float], list[float]]:
        """Of each layer its Z and its filament, mm."""
        rows = list(
            LAYER.iter_unpack(self._at(plate.table + plate.chunks * CHUNK.size, plate.layers * LAYER.size))
        )
        return [round(z_um / 1000, 3) for z_um, _ in rows], [round(filament, 1) for _, filament in rows]

    def firsts(self, plate: Drawn) -> list[int]:
        """The first layer of each chunk, from 0."""
        return [first for _, _, first in self._chunks(plate)]

    def chunk(self, plate: Drawn, layer: int) -> bytes:
        """The zlib stream that holds layer `layer`, counted from 0."""
        if not 0 <= layer < plate.layers:
            raise NoPreview
        offset, size, _ = next(chunk for chunk in reversed(self._chunks(plate)) if chunk[2] <= layer)
        return self._at(offset, size)

    def _chunks(self, plate: Drawn) -> list[tuple[int, int, int]]:
        chunks = list(CHUNK.iter_unpack(self._at(plate.table, plate.chunks * CHUNK.size)))
        firsts = [first for _, _, first in chunks]
        if firsts[:1] != [0] or any(one >= other for one, other in pairwise([*firsts, plate.layers])):
            raise NoPreview
        return [(offset, size, first) for offset, size, first in chunks]

    def _directory(self) -> Iterator[Drawn]:
        length, mark = END.unpack(self._at(self._size - END.size, END.size))
        if mark != MARK or length > MOST_DIRECTORY_BYTES:
            raise NoPreview
        try:
            for said in json.loads(self._at(self._size - END.size - length, length))[:MOST_PLATES]:
                yield _sound(Drawn(**said | {name: tuple(said[name]) for name in ("box", "kinds", "tools")}))
        except (ValueError, TypeError, KeyError) as error:
            raise NoPreview from error

    def _at(self, offset: int, size: int) -> bytes:
        if offset < 0 or size < 0 or offset + size > self._size:
            raise NoPreview
        self._file.seek(offset)
        return self._file.read(size)


def _sound(plate: Drawn) -> Drawn:
    numbers = (plate.number, plate.layers, plate.chunks, plate.table, *plate.kinds, *plate.tools)
    if any(type(number) is not int or number < 0 for number in numbers):
        raise TypeError
    if len(plate.box) != 4 or not all(isinstance(side, int | float) for side in plate.box):
        raise TypeError
    return plate


def is_preview(file: IO[bytes]) -> bool:
    """Whether there is a whole preview in `file`."""
    try:
        return bool(Preview(file).plates)
    except NoPreview:
        return False
