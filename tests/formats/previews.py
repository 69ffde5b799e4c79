"""Reads the preview of a file back into lines, as the browser does."""

import io
import math
import struct
import zlib
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from models3d.formats.layers import Book, Drawn, Preview
from models3d.formats.metadata import Source
from models3d.formats.readers import read

START = "G28\nG90\nM83\n"


@dataclass
class Line:
    kind: int
    tool: int
    width_mm: float
    points: list[tuple[float, float]]

    @property
    def length(self) -> float:
        pairs = zip(self.points, self.points[1:], strict=False)
        return sum(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for a, b in pairs)


@dataclass
class Layer:
    z_mm: float
    filament_mm: float
    lines: list[Line] = field(default_factory=list)

    @property
    def points(self) -> list[tuple[float, float]]:
        return [point for line in self.lines for point in line.points]

    @property
    def box(self) -> tuple[float, float, float, float]:
        across, along = zip(*self.points, strict=True)
        return min(across), min(along), max(across), max(along)


def preview_of(folder: Path, content: bytes | str | Path) -> io.BytesIO:
    """What the reader draws of a file; empty where it draws nothing."""
    path = content if isinstance(content, Path) else folder / "upload"
    if not isinstance(content, Path):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    written = io.BytesIO()
    book = Book(written)
    read(Source(path, "upload", book))
    book.finish()
    return written


def layers_of(preview: io.BytesIO, number: int = 1) -> list[Layer]:
    """The layers of a plate, from all its chunks."""
    opened = Preview(preview)
    plate = opened.plate(number)
    layers = [Layer(*row) for row in zip(*opened.heights(plate), strict=True)]
    for first in opened.firsts(plate):
        _unpack(zlib.decompress(opened.chunk(plate, first)), layers)
    return layers


def plate_of(preview: io.BytesIO, number: int = 1) -> Drawn:
    return Preview(preview).plate(number)


def _unpack(data: bytes, layers: list[Layer]) -> None:
    at = 0
    while at < len(data):
        first, count, points, x_um, y_um, unit = struct.unpack_from("<IIIiiI", data, at)
        at += 24
        columns = []
        for kind, size in (("h", points), ("h", points), ("H", count), ("H", count), *(("B", count),) * 3):
            columns.append(struct.unpack_from(f"<{size}{kind}", data, at))
            at += struct.calcsize(f"<{size}{kind}")
        at += -at % 4
        places = zip(_places(columns[0], x_um, unit), _places(columns[1], y_um, unit), strict=True)
        for layer, length, kind, tool, width in zip(*columns[2:], strict=True):
            line = Line(kind, tool, width * 0.02, [next(places) for _ in range(length)])
            layers[first + layer].lines.append(line)


def _places(steps: tuple[int, ...], origin_um: int, unit_um: int) -> list[float]:
    return [
        (origin_um + unit_um * ((place + 0x8000) % 0x10000 - 0x8000)) / 1000 for place in accumulate(steps)
    ]


def near(points: list[tuple[float, float]], expected: list[tuple[float, float]]) -> bool:
    """Whether the points are the expected ones, as nearly as they are kept."""
    return len(points) == len(expected) and all(
        math.dist(one, other) < 0.02 for one, other in zip(points, expected, strict=True)
    )
