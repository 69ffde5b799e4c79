"""What a file is by its content; names and extensions are not asked."""

import codecs
import math
import re
import struct
from pathlib import Path

from models3d.formats.archive import Archive
from models3d.formats.metadata import Kind, UnreadableFile
from models3d.formats.span import FARTHEST_MM
from models3d.formats.streaming import utf16

HEAD_BYTES = 64 * 1024
PLATE = re.compile(r"Metadata/plate_([1-9][0-9]{0,3})\.gcode")
# What a printer or a person may take for a plate though no slicer writes it so: plate_01, Plate_1.GCODE.
LIKE_PLATE = re.compile(r"(?:\.?/)*metadata/(?:\.?/)*plate_[^/]*\.gcode\s*", re.IGNORECASE)
UNKNOWN = "This is no kind of print file that is known here: no G-code, no 3MF, no STL."
# What people upload by mistake, named so that they see their mistake.
OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"ISO-10303-21", "a STEP drawing, not a sliced file: slice it first"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
)
LINE = re.compile(rb"^[ \t]*(?:N\d+[ \t]*)?(?:[GM]\d+|[;T]|[A-Z_]{3,})", re.MULTILINE | re.IGNORECASE)
COMMAND = re.compile(rb"^[ \t]*(?:N\d+[ \t]*)?[GM]\d+", re.MULTILINE | re.IGNORECASE)


def kind_of(path: Path) -> Kind:
    """The kind of the file; UnreadableFile says what it is if it is none that we know."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        size = file.seek(0, 2)
    if not head:
        raise UnreadableFile("The file is empty.")
    if head.startswith(b"GCDE"):
        return Kind.BGCODE
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(path)
    for start, name in OTHERS:
        if head.startswith(start):
            raise UnreadableFile(
                f"This is {name}." if "slice" in name else f"This is {name}, not a print file."
            )
    if _is_stl(head, size):
        return Kind.STL
    if _is_gcode(head):
        return Kind.GCODE
    raise UnreadableFile(UNKNOWN)


def plates_in(names: list[str]) -> dict[int, str]:
    """The members that hold a plate's G-code, by plate number, in order.

    UnreadableFile if another member looks like a plate: the printer might print it unseen.
    """
    found = {}
    for name in names:
        if match := PLATE.fullmatch(name):
            found[int(match[1])] = name
        elif LIKE_PLATE.fullmatch(name):
            raise UnreadableFile(
                f"The file holds {name[:80]!r}, which is not how a slicer names a plate. Export it again."
            )
    return dict(sorted(found.items()))


def _kind_of_archive(path: Path) -> Kind:
    with Archive(path) as archive:
        names = archive.names
    if plates_in(names):
        return Kind.GCODE_3MF
    if any(name.lower().endswith(".model") for name in names):
        return Kind.PROJECT_3MF
    if any(name.lstrip("/") == "3D/model.gcode" for name in names):
        raise UnreadableFile("This is an UltiMaker package (.ufp); export G-code instead.")
    if any(name.lower().endswith((".gcode", ".3mf", ".stl", ".bgcode")) for name in names):
        raise UnreadableFile("This is a ZIP archive with files in it: unpack it and upload those.")
    raise UnreadableFile("This is a ZIP archive, not a print file.")


def is_binary_stl(head: bytes, size: int) -> bool:
    """Whether it is a binary STL: by its size, or else, as it may be cut off or go on, by its first facets.

    Such a file may begin with "solid", as a text does. `head` need not be longer than a kilobyte.
    """
    if min(size, len(head)) < 84:
        return False
    (count,) = struct.unpack_from("<I", head, 80)
    if size == 84 + 50 * count:
        return True
    facets = list(struct.iter_unpack("<12f2x", head[84:1024][: (min(len(head), 1024) - 84) // 50 * 50]))
    return count > 0 and any(any(facet[3:]) for facet in facets) and all(map(_is_facet, facets))


def _is_facet(numbers: tuple[float, ...]) -> bool:
    """Whether a normal of length one or none and three corners not too far off: chance makes none."""
    long = math.hypot(*numbers[:3])
    return (long == 0 or abs(long - 1) < 0.01) and all(abs(number) < FARTHEST_MM for number in numbers)


def _is_stl(head: bytes, size: int) -> bool:
    if is_binary_stl(head, size):
        return True
    start = head[:1024].lower().lstrip()
    return start.startswith(b"solid") and (b"facet" in start or b"endsolid" in start)


def _is_gcode(head: bytes) -> bool:
    wide = utf16(head)
    if wide:
        head = head.decode(wide, "replace").encode("utf-8", "replace")
    if head.count(b"\x00") > len(head) // 100:
        return False
    head = head.replace(b"\r", b"\n")
    lines = [line for line in head.splitlines()[:400] if line.strip()]
    fitting = sum(LINE.match(line) is not None for line in lines)
    speaks = COMMAND.search(head) is not None or head.lstrip(codecs.BOM_UTF8).lstrip().startswith(b";")
    return bool(lines) and speaks and fitting * 2 > len(lines)
