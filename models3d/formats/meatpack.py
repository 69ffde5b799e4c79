"""MeatPack: G-code with two characters in a byte, read for a whole piece at once.

A byte holds two codes of four bits, the low one first. Code 15 says that the character follows as a byte of
its own; after a newline in the low half the high half is padding. `FF FF x` changes the mode.
"""

import re

import numpy as np
import numpy.typing as npt

from models3d.formats.tokens import Bytes, Flags

Shorts = npt.NDArray[np.uint16]

COMMAND = re.compile(rb"\xff\xff([\x00-\xff])", re.DOTALL)
PACK_ON, PACK_OFF, RESET, NO_SPACE_ON, NO_SPACE_OFF = b"\xfb", b"\xfa", b"\xf9", b"\xf7", b"\xf6"
CODES = b"0123456789. \nGX"
SPACE, NEWLINE, FOLLOWS = 11, 12, 15
# Of so many bytes at most the tables of one piece are held; a block of 16 MiB would need a gigabyte.
PIECE_BYTES = 256 * 1024


def _literals(byte: int) -> int:
    """How many characters follow a packed byte as bytes of their own."""
    low, high = byte & 15, byte >> 4
    if low == NEWLINE:
        return 0
    return (low == FOLLOWS) + (high == FOLLOWS)


def _characters(byte: int, space: int) -> tuple[int, int]:
    codes = bytes((*CODES[:SPACE], space, *CODES[NEWLINE:], 0))
    return codes[byte & 15], codes[byte >> 4]


def _kept(byte: int) -> tuple[bool, bool]:
    """Which of a packed byte's characters come at once: the high one waits for a low one that follows."""
    low, high = byte & 15, byte >> 4
    return low != FOLLOWS, low not in (NEWLINE, FOLLOWS) and high != FOLLOWS


LITERALS = bytes(map(_literals, range(256)))
# Two bytes to an entry, seen as one number so that they are looked up in one go; CHARACTERS by mode (with
# spaces, or E in their place) and byte.
CHARACTERS = np.array([_characters(byte, space) for space in b" E" for byte in range(256)], np.uint8).view(
    np.uint16
)[:, 0]
KEPT = np.array([_kept(byte) for byte in range(256)]).view(np.uint16)[:, 0]
WAITS = np.array([byte & 15 == FOLLOWS != byte >> 4 for byte in range(256)])


def unpack(block: bytes) -> bytes:
    """The text of one block; the state starts fresh in each."""
    unpacker = Unpacker()
    parts = [
        unpacker.feed(block[at : at + PIECE_BYTES], last=at + PIECE_BYTES >= len(block))
        for at in range(0, len(block), PIECE_BYTES)
    ]
    return b"".join(parts)


class Unpacker:
    """Follows one block in pieces."""

    def __init__(self) -> None:
        self._packing = self._spaceless = False
        self._rest = b""
        # A packed byte whose characters have not all come: it and what followed, their modes, and how many
        # characters they gave already.
        self._open, self._open_modes, self._given = b"", np.empty(0, np.uint16), 0

    def feed(self, piece: bytes, *, last: bool) -> bytes:
        """The text of the next piece."""
        parts = COMMAND.split(self._rest + piece)
        # The beginning of a command may be completed by the next piece.
        cut = len(parts[-1]) if last else len(parts[-1].rstrip(b"\xff"))
        self._rest, parts[-1] = parts[-1][cut:], parts[-1][:cut]
        packed, plain = [self._open], []
        since, modes = [len(self._open)], [self._spaceless]
        size = len(self._open)
        for place, part in enumerate(parts):
            if place % 2:
                self._command(part)
                since.append(size)
                modes.append(self._spaceless)
            elif self._packing:
                packed.append(part)
                size += len(part)
            elif part:
                plain.append((size, part))
        runs = np.repeat(np.array(modes, np.uint16), np.diff(since, append=size))
        return self._text(b"".join(packed), np.concatenate((self._open_modes, runs)), plain)

    def _command(self, command: bytes) -> None:
        if command in (PACK_ON, PACK_OFF, RESET):
            self._packing = command == PACK_ON
        elif command in (NO_SPACE_ON, NO_SPACE_OFF):
            self._spaceless = command == NO_SPACE_ON

    def _text(self, data: bytes, modes: Shorts, plain: list[tuple[int, bytes]]) -> bytes:
        """The characters of packed `data`, and between them what was not packed, by its place in `data`."""
        size = len(data)
        coded = _coded(data)
        characters, kept = _unpacked(data, modes, coded[:size])
        text = characters[kept].tobytes()[self._given :]
        if plain:
            given = np.cumsum(kept[:, 0].view(np.uint8) + kept[:, 1].view(np.uint8), dtype=np.int64)
            ends = np.concatenate(([0], given - self._given))
            text = _spliced(text, [(int(ends[place]), part) for place, part in plain])
        begin = size
        if not coded[size]:
            begin = size - 1 if coded[size - 1] else size - 2
        self._open, self._open_modes = data[begin:], modes[begin:]
        self._given = int(kept[begin:].sum())
        return text


def _coded(data: bytes) -> Flags:
    """Which bytes hold codes, the others being characters; two entries more tell how it goes on."""
    literals = data.translate(LITERALS)
    counts = np.frombuffer(literals, np.uint8)
    asking = np.flatnonzero(counts)
    marks = bytearray(b"\x01" * (len(data) + 2))
    coded = np.frombuffer(marks, np.bool_)
    # A byte that asks for characters is itself one only if one of the two bytes before it asked too. That is
    # rare, so only those are followed one by one.
    gap = np.diff(asking, prepend=-3)
    wants_two = counts[asking] == 2
    doubtful = (gap == 1) | ((gap == 2) & np.concatenate(([False], wants_two))[:-1])
    coded[asking[~doubtful] + 1] = False
    coded[asking[~doubtful & wants_two] + 2] = False
    for place in asking[doubtful].tolist():
        if marks[place]:
            marks[place + 1] = 0
            if literals[place] == 2:
                marks[place + 2] = 0
    return coded


def _unpacked(data: bytes, modes: Shorts, coded: Flags) -> tuple[Bytes, Flags]:
    """Each byte's two characters and which of them count, both of shape (n, 2)."""
    raw = np.frombuffer(data, np.uint8)
    characters = CHARACTERS.take(raw + (modes << 8)).view(np.uint8).reshape(-1, 2)
    kept = KEPT.take(raw).view(np.bool_).reshape(-1, 2)
    following = np.flatnonzero(~coded)
    before = following - 1
    waiting = coded[before] & WAITS[raw[before]]
    high = characters[before, 1]
    characters[following, 0], characters[following, 1] = raw[following], high
    kept[following, 0], kept[following, 1] = True, waiting
    return characters, kept


def _spliced(text: bytes, plain: list[tuple[int, bytes]]) -> bytes:
    parts, done = [], 0
    for place, part in plain:
        parts += [text[done:place], part]
        done = place
    return b"".join((*parts, text[done:]))
