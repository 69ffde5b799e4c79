"""The blocks of a binary G-code: found, checked and unpacked one at a time, never to more than they say."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from heatshrink2.core import Encoder, Reader

from models3d.formats.metadata import UnreadableFile


class BlockKind(IntEnum):
    """What a block holds."""

    FILE = 0
    GCODE = 1
    SLICER = 2
    PRINTER = 3
    PRINT = 4
    THUMBNAIL = 5


MOST_BLOCK_BYTES = 16 * 1024 * 1024
MOST_BLOCKS = 1_000_000
KNOWN = {kind.value for kind in BlockKind}
NONE, DEFLATE = 0, 1
# Base-2 logarithms of the window, by compression; that of the longest copy is 4 in both.
HEATSHRINK = {2: 11, 3: 12}
LONGEST_COPY = 4
# Heatshrink makes at most eight bytes of one, so a block can't run far beyond its size unseen.
STEP_BYTES = 8 * 1024
DAMAGED = "This binary G-code is damaged or cut off. Export or upload it again."
WRONG_SUM = "This binary G-code is damaged: a checksum in it is wrong. Export or upload it again."
TOO_LONG = "A part of this binary G-code unpacks to more than it says: the file is damaged. Export it again."
NEWER = "This binary G-code is of a newer version than is known here."
PACKED_OTHERWISE = "This binary G-code is packed in a way that is not known here. Export it as plain G-code."


@dataclass(frozen=True, slots=True)
class Block:
    """One block as it is stored; `encoding` is the first of its parameters."""

    kind: int
    compression: int
    size: int
    encoding: int
    data: bytes

    def content(self) -> bytes:
        """The block unpacked; UnreadableFile if that isn't what it says."""
        if self.compression == NONE:
            return self.data
        if self.compression == DEFLATE:
            content = _inflated(self.data, self.size)
        elif self.compression in HEATSHRINK:
            content = _expanded(self.data, self.size, HEATSHRINK[self.compression])
        else:
            raise UnreadableFile(PACKED_OTHERWISE)
        if len(content) < self.size:
            raise UnreadableFile(DAMAGED)
        return content


def blocks(file: BinaryIO) -> Iterator[Block]:
    """All blocks in order; UnreadableFile at the first that is damaged or cut off."""
    head = file.read(10)
    if len(head) < 10:
        raise UnreadableFile(DAMAGED)
    _, version, check = struct.unpack("<4sIH", head)
    if version != 1 or check > 1:
        raise UnreadableFile(NEWER)
    for _ in range(MOST_BLOCKS):
        begin = file.read(8)
        if not begin:
            return
        yield _block(file, begin, bool(check))
    raise UnreadableFile(DAMAGED)


def _block(file: BinaryIO, begin: bytes, checked: bool) -> Block:
    try:
        kind, compression, size = struct.unpack("<HHI", begin)
        stored = size
        if compression != NONE:
            more = file.read(4)
            begin += more
            (stored,) = struct.unpack("<I", more)
        parameters = file.read(6 if kind == BlockKind.THUMBNAIL else 2)
        (encoding,) = struct.unpack_from("<H", parameters)
        if max(size, stored) > MOST_BLOCK_BYTES:
            raise UnreadableFile(DAMAGED)
        data = file.read(stored)
        if len(data) < stored:
            raise UnreadableFile(DAMAGED)
        if checked and zlib.crc32(begin + parameters + data) != struct.unpack("<I", file.read(4))[0]:
            raise UnreadableFile(WRONG_SUM)
    except struct.error as error:
        raise UnreadableFile(DAMAGED) from error
    return Block(kind, compression, size, encoding, data)


def _inflated(data: bytes, size: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data, size + 1)
    except zlib.error as error:
        raise UnreadableFile(DAMAGED) from error
    if len(content) > size:
        raise UnreadableFile(TOO_LONG)
    return content


def _expanded(data: bytes, size: int, window: int) -> bytes:
    unpacker = Encoder(Reader(window_sz2=window, lookahead_sz2=LONGEST_COPY))
    parts, length = [], 0
    for at in range(0, len(data), STEP_BYTES):
        part = bytes(unpacker.fill(data[at : at + STEP_BYTES]))
        parts.append(part)
        length += len(part)
        if length > size:
            raise UnreadableFile(TOO_LONG)
    return b"".join(parts)
