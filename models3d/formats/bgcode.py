"""Binary G-code: its metadata blocks and pictures, and its moves, which are read like those of a text."""

import math
import struct
from collections.abc import Iterator
from dataclasses import replace

from models3d.formats import gcode, thumbnails
from models3d.formats.archive import MOST_RATIO, RATIO_FROM_BYTES
from models3d.formats.blocks import KNOWN, PACKED_OTHERWISE, Block, BlockKind, blocks
from models3d.formats.meatpack import unpack
from models3d.formats.metadata import Kind, Metadata, Source, UnreadableFile
from models3d.formats.slicers import slic3r, start_code
from models3d.formats.slicers.comments import Comments, Found, Pairs, decoded
from models3d.formats.slicers.said import Said

# Blocks of `key=value` lines, in the order in which they are believed.
PLACES = {
    BlockKind.PRINTER: "printer block",
    BlockKind.PRINT: "print block",
    BlockKind.SLICER: "slicer block",
    BlockKind.FILE: "file block",
}
PLAIN, MEATPACK, MEATPACK_WITH_COMMENTS = range(3)
MOST_TEXT_BYTES = 2 * 1024**3
MOST_SETTINGS_BYTES = 8 * 1024 * 1024
MOST_PICTURES = 32
HOSTILE = "This binary G-code unpacks to far more than a print needs, so it was not read."


class Unpacked:
    """The G-code of all blocks as one stream of text; what else the blocks hold is kept as it passes."""

    def __init__(self, found: Iterator[Block]) -> None:
        self.places: dict[str, Pairs] = {}
        self.pictures: list[bytes] = []
        self.unknown = 0
        self._blocks = found
        self._text, self._at = b"", 0
        self._total = self._stored = self._settings = 0

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes of text, fewer only at the end; UnreadableFile if a block is damaged."""
        if len(self._text) - self._at < size:
            self._refill(size)
        text = self._text[self._at : self._at + size]
        self._at += len(text)
        return text

    def _refill(self, size: int) -> None:
        parts = [self._text[self._at :]]
        ready = len(parts[0])
        while ready < size and (block := next(self._blocks, None)) is not None:
            if block.kind == BlockKind.GCODE:
                parts.append(_text(block))
                ready += len(parts[-1])
                self._count(len(parts[-1]), len(block.data))
            else:
                self._take(block)
        self._text, self._at = b"".join(parts), 0

    def _count(self, text: int, stored: int) -> None:
        self._total += text
        self._stored += stored
        swollen = self._total > RATIO_FROM_BYTES and self._total > MOST_RATIO * self._stored
        if swollen or self._total > MOST_TEXT_BYTES:
            raise UnreadableFile(HOSTILE)

    def _take(self, block: Block) -> None:
        if block.kind == BlockKind.THUMBNAIL:
            if len(self.pictures) < MOST_PICTURES and (png := thumbnails.as_png(block.content())):
                self.pictures.append(png)
        elif block.kind in KNOWN:
            self._keep(block)
        else:
            self.unknown += 1

    def _keep(self, block: Block) -> None:
        content = block.content()
        self._settings += len(content)
        if self._settings > MOST_SETTINGS_BYTES:
            raise UnreadableFile(HOSTILE)
        kept = self.places.setdefault(PLACES[BlockKind(block.kind)], {})
        for line in decoded(content).splitlines():
            key, sign, value = line.partition("=")
            if sign:
                kept.setdefault((key.strip().lower(), sign), value.strip())


def read(source: Source) -> Metadata:
    """The facts of a binary G-code; UnreadableFile if any block is damaged, missing or unknown inside."""
    with source.path.open("rb") as file:
        stream = Unpacked(blocks(file))
        scanned = gcode.scan(stream, gcode.recorder_of(source, 1))
    places = {name: stream.places[name] for name in PLACES.values() if name in stream.places}
    comments = Comments(*scanned.ends(), before=places)
    reading = gcode.conclude(scanned, _said(comments))
    if stream.unknown:
        more = "The file has parts of a kind that is not known here; they were left out."
        reading = replace(reading, warnings=(*reading.warnings, more))
    if stream.pictures:
        reading.said.origins["thumbnail"] = "thumbnail block"
        reading = replace(reading, thumbnail=max(stream.pictures, key=_width))
    return gcode.record(Kind.BGCODE, reading, (reading.plate(1),))


def _said(comments: Comments) -> Said:
    """All producers of binary G-code use PrusaSlicer's keys; Producer says which of them it was."""
    said = slic3r.read(comments)
    producer = comments.find("Producer") or Found("", "")
    said.slicer, _, said.slicer_version = producer.value.partition(" ")
    if said.slicer:
        said.note("slicer", producer)
    start_code.read(said, comments)
    return said


def _text(block: Block) -> bytes:
    if block.encoding not in (PLAIN, MEATPACK, MEATPACK_WITH_COMMENTS):
        raise UnreadableFile(PACKED_OTHERWISE)
    content = block.content()
    return content if block.encoding == PLAIN else unpack(content)


def _width(png: bytes) -> float:
    return float(struct.unpack_from(">I", png, 16)[0]) if len(png) > 24 else -math.inf
