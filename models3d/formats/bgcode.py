"""Binary G-code of PrusaSlicer: its metadata blocks and pictures; the moves are not unpacked."""

import math
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from models3d.formats import thumbnails
from models3d.formats.metadata import Kind, Metadata, PlateFacts, Source, UnreadableFile
from models3d.formats.slicers import slic3r
from models3d.formats.slicers.comments import Comments

GCODE, THUMBNAIL = 1, 5
# Blocks of `key=value` lines: the file's, the slicer's, the printer's, the print's.
INI_BLOCKS = (0, 2, 3, 4)
MOST_BLOCK_BYTES = 16 * 1024 * 1024
MOST_BLOCKS = 1_000_000
NO_SIZE = "The size of a binary G-code is not read yet, so it can't be compared with the bed."
DAMAGED = "This binary G-code is damaged or cut off. Export or upload it again."


def read(source: Source) -> Metadata:
    """The facts in the metadata blocks; the box is unknown."""
    settings: list[str] = []
    pictures: list[bytes] = []
    moves = 0
    with source.path.open("rb") as file:
        for kind, body in _blocks(file):
            moves += kind == GCODE
            if kind in INI_BLOCKS:
                settings.append(body.decode("utf-8", "replace"))
            elif kind == THUMBNAIL:
                pictures.append(body)
    if not moves:
        raise UnreadableFile("There is not one move in this file, so it is not a print.")
    producer, comments = _comments("\n".join(settings))
    said = slic3r.read(comments)
    said.slicer, _, said.slicer_version = producer.partition(" ")
    plate = PlateFacts(number=1, print_s=said.print_s, filaments=said.filaments, layers=said.layers)
    return Metadata(
        kind=Kind.BGCODE,
        slicer=said.slicer,
        slicer_version=said.slicer_version,
        printer_models=tuple(said.printer_models),
        nozzle_mm=said.nozzle_mm,
        layer_height_mm=said.layer_height_mm,
        first_layer_height_mm=said.first_layer_height_mm,
        bed_mm=said.bed_mm,
        flavor=said.flavor,
        abrasive=said.abrasive,
        plates=(plate,),
        thumbnail=max(map(thumbnails.as_png, pictures), key=_width, default=b""),
        warnings=(NO_SIZE,),
        origins=said.origins,
    )


def _comments(text: str) -> tuple[str, Comments]:
    """The blocks' `key=value` lines in the form in which text G-code has them, and the producer's name."""
    lines = [line.partition("=") for line in text.splitlines()]
    producer = next((value for key, _, value in lines if key == "Producer"), "")
    written = "\n".join(f"; {key.strip()} = {value.strip()}" for key, sign, value in lines if sign)
    return producer, Comments(written.encode(), b"")


def _width(png: bytes) -> float:
    return float(struct.unpack_from(">I", png, 16)[0]) if len(png) > 24 else -math.inf


def _blocks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each block's type and content; that of G-code is skipped and b""."""
    head = file.read(10)
    if len(head) < 10:
        raise UnreadableFile(DAMAGED)
    _, version, check = struct.unpack("<4sIH", head)
    if version != 1 or check > 1:
        raise UnreadableFile("This binary G-code is of a newer version than is known here.")
    for _ in range(MOST_BLOCKS):
        begin = file.read(8)
        if not begin:
            return
        yield _block(file, begin, bool(check))
    raise UnreadableFile(DAMAGED)


def _block(file: BinaryIO, begin: bytes, checked: bool) -> tuple[int, bytes]:
    try:
        kind, compression, raw = struct.unpack("<HHI", begin)
        if compression:
            begin += file.read(4)
        stored = struct.unpack_from("<I", begin, 8)[0] if compression else raw
        parameters = file.read(6 if kind == THUMBNAIL else 2)
        if max(raw, stored) > MOST_BLOCK_BYTES:
            raise UnreadableFile(DAMAGED)
        data = file.read(stored)
        if len(data) < stored:
            raise UnreadableFile(DAMAGED)
        if checked and zlib.crc32(begin + parameters + data) != struct.unpack("<I", file.read(4))[0]:
            raise UnreadableFile(DAMAGED)
        if kind == GCODE:
            return kind, b""
        if compression > 1:
            raise UnreadableFile("This binary G-code packs its settings in a way that is not known here.")
        return kind, zlib.decompressobj().decompress(data, MOST_BLOCK_BYTES) if compression else data
    except (struct.error, zlib.error) as error:
        raise UnreadableFile(DAMAGED) from error
