"""Writes binary G-code for tests and benchmarks, and reads MeatPack byte by byte, as the fast reader must."""

import re
import struct
import zlib
from collections.abc import Iterable

import heatshrink2

CODES = {character: code for code, character in enumerate(b"0123456789. \nGX")}
NONE, DEFLATE, HEATSHRINK_11, HEATSHRINK_12 = range(4)
PLAIN, MEATPACK, MEATPACK_COMMENTS = range(3)
FILE, GCODE, SLICER, PRINTER, PRINT, THUMBNAIL = range(6)


def meatpack(text: bytes, *, comments=True) -> bytes:
    """The text as PrusaSlicer packs it: comments in plain, moves without the spaces between their words."""
    packed = bytearray(b"\xff\xff\xfb\xff\xff\xf7")
    packing = True
    for line in text.splitlines(keepends=True):
        if line.startswith(b";"):
            if comments:
                packed += (b"\xff\xff\xfa" if packing else b"") + line
                packing = False
            continue
        packed += b"" if packing else b"\xff\xff\xfb"
        packing = True
        packed += _packed(line)
    return bytes(packed)


def _packed(line: bytes) -> bytes:
    line = line.split(b";", 1)[0].rstrip() + b"\n"
    if line.startswith((b"G0", b"G1", b"G2", b"G3", b"G9")):
        line = line.replace(b" ", b"")
    codes = [11 if byte == ord("E") else CODES.get(byte, 15) if byte != 32 else 15 for byte in line]
    packed = bytearray()
    for place in range(0, len(line), 2):
        low, high = codes[place], codes[place + 1] if place + 1 < len(line) else 12
        packed.append(low | high << 4)
        packed += bytes(line[at] for at in (place, place + 1) if at < len(line) and codes[at] == 15)
    return bytes(packed)


def plainly(data: bytes) -> bytes:
    """The text of one block of MeatPack, read by the letter."""
    out, packing, spaceless = bytearray(), False, False
    following, held, place = 0, b"", 0
    while place < len(data):
        byte = data[place]
        if data[place : place + 2] == b"\xff\xff" and place + 2 < len(data):
            command = data[place + 2]
            packing = command == 251 if command in (249, 250, 251) else packing
            spaceless = command == 247 if command in (246, 247) else spaceless
            place += 3
            continue
        place += 1
        if not packing:
            out.append(byte)
        elif following:
            out += bytes((byte,)) + held
            following, held = following - 1, b""
        else:
            table = b"0123456789.E\nGX" if spaceless else b"0123456789. \nGX"
            low, high = byte & 15, byte >> 4
            second = table[high : high + 1]
            following = (low == 15) + (high == 15)
            if low == 15:
                held = second
            elif low == 12:
                out += b"\n"
                following = 0
            else:
                out += table[low : low + 1] + second
    return bytes(out)


def block(kind: int, data: bytes, *, compression=NONE, parameters=b"\x00\x00", checked=True) -> bytes:
    """One block with its header and checksum."""
    stored = compressed(data, compression)
    head = struct.pack("<HHI", kind, compression, len(data))
    head += struct.pack("<I", len(stored)) if compression else b""
    head += parameters
    return head + stored + (struct.pack("<I", zlib.crc32(head + stored)) if checked else b"")


def compressed(data: bytes, compression: int) -> bytes:
    if compression == DEFLATE:
        return zlib.compress(data)
    if compression in (HEATSHRINK_11, HEATSHRINK_12):
        return heatshrink2.encode(data, window_sz2=compression + 9, lookahead_sz2=4)
    return data


def gcode_blocks(
    text: bytes, *, compression=HEATSHRINK_12, encoding=MEATPACK_COMMENTS, size=65_536
) -> Iterable[bytes]:
    """The text in blocks of whole lines, each of at most `size` bytes of text."""
    for lines in re.findall(rb"(?s).{1,%d}(?:\n|\Z)" % (size - 1), text):
        data = meatpack(lines, comments=encoding == MEATPACK_COMMENTS) if encoding else lines
        yield block(GCODE, data, compression=compression, parameters=struct.pack("<H", encoding))


def header(*, version=1, checked=True) -> bytes:
    return b"GCDE" + struct.pack("<IH", version, checked)


PRODUCER = b"Producer=PrusaSlicer 2.9.4\n"
PRINTER_KEYS = b"printer_model=MK4S\nnozzle_diameter=0.4\nfilament_type=PLA\nlayer_height=0.2\n"
PRINT_KEYS = (
    b"filament used [mm]=252.22\nfilament used [g]=0.75\nestimated printing time (normal mode)=3m 41s\n"
)
SLICER_KEYS = b"bed_shape=0x0,250x0,250x210,0x210\nmax_print_height=220\nprinter_settings_id=My MK4S\n"


def metadata() -> bytes:
    """The blocks that stand before the G-code."""
    blocks = (
        block(FILE, PRODUCER),
        block(PRINTER, PRINTER_KEYS),
        block(PRINT, PRINT_KEYS, compression=DEFLATE),
        block(SLICER, SLICER_KEYS, compression=DEFLATE),
    )
    return b"".join(blocks)


def bgcode(text: bytes, *, compression=HEATSHRINK_12, encoding=MEATPACK_COMMENTS) -> bytes:
    """A whole binary G-code as PrusaSlicer orders it."""
    blocks = gcode_blocks(text, compression=compression, encoding=encoding)
    return b"".join((header(), metadata(), *blocks))
