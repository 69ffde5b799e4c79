"""Large files made of a small real one: a print of PrusaSlicer whose layers are repeated."""

import hashlib
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from tests.formats import packing

SAMPLE = Path(__file__).parent.parent / "tests" / "data" / "cube20_mk3s.gcode"
PLATES = 4


def _parts() -> tuple[bytes, bytes, bytes]:
    """What stands before the layers, the layers, and what stands after them."""
    data = SAMPLE.read_bytes()
    begin, end = data.index(b";LAYER_CHANGE"), data.rindex(b";TYPE:Custom")
    return data[:begin], data[begin:end], data[end:]


def write_gcode(path: Path, megabytes: int) -> None:
    begin, layers, end = _parts()
    with path.open("wb") as file:
        file.write(begin)
        while file.tell() < megabytes * 1_000_000:
            file.write(layers)
        file.write(end)


def write_bgcode(path: Path, megabytes: int) -> None:
    """Packed as PrusaSlicer does."""
    first, layers, last = (b"".join(packing.gcode_blocks(part)) for part in _parts())
    with path.open("wb") as file:
        file.write(packing.header() + packing.metadata() + first)
        while file.tell() < megabytes * 1_000_000:
            file.write(layers)
        file.write(last)


def write_3mf(path: Path, megabytes: int) -> None:
    """A sliced 3MF of four plates, with their checksums, packed to about a third as real ones are."""
    begin, _, end = _parts()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for plate in range(1, PLATES + 1):
            md5 = hashlib.md5(usedforsecurity=False)
            name = f"Metadata/plate_{plate}.gcode"
            with archive.open(name, "w", force_zip64=True) as member:
                layers = _wandering(archive, megabytes * 1_000_000 * plate // PLATES)
                for part in chain((begin,), layers, (end,)):
                    md5.update(part)
                    member.write(part)
            archive.writestr(f"{name}.md5", md5.hexdigest())


def _wandering(archive: zipfile.ZipFile, size: int) -> Iterator[bytes]:
    """Layers of moves to anywhere until the archive has `size` bytes; repeated ones would pack to nothing."""
    rng, z = np.random.default_rng(1), 0.0
    while archive.fp is not None and archive.fp.tell() < size:
        z += 0.2
        points = rng.uniform(20, 180, (5000, 2))
        moves = "".join(f"G1 X{x:.3f} Y{y:.3f} E{x / 900:.5f}\n" for x, y in points)
        yield f";LAYER_CHANGE\n;Z:{z:.1f}\nG1 Z{z:.1f}\n;TYPE:Perimeter\n{moves}".encode()
