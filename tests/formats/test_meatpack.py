"""MeatPack is read as fast as numpy can, and means what it means byte by byte."""

import random

import pytest

from models3d.formats.meatpack import PIECE_BYTES, Unpacker, unpack
from tests.formats.packing import meatpack, plainly
from tests.formats.samples import OURS

COMMANDS = tuple(b"\xff\xff" + bytes((command,)) for command in (251, 251, 251, 250, 249, 247, 246, 0, 255))


def rubbish(seed: int) -> bytes:
    dice = random.Random(seed)  # noqa: S311 - the same each time
    # Bytes that ask for characters follow each other here more often than any slicer has them do.
    bytes_of = (range(256), b"\xff\xf0\x0f\xcf\xfc\x0c\x1d", b"oO/_Y\xff\xf3\x3f\n")[seed % 3]
    parts = [
        dice.choice(COMMANDS) if dice.random() < 0.05 else bytes((dice.choice(bytes_of),))
        for _ in range(dice.randrange(3000))
    ]
    return b"\xff\xff\xfb" * (seed % 2) + b"".join(parts)


@pytest.mark.parametrize("seed", range(60))
def test_any_bytes_mean_what_they_mean_one_by_one(seed):
    data = rubbish(seed)

    assert unpack(data) == plainly(data)


@pytest.mark.parametrize("seed", range(30))
def test_pieces_may_be_cut_anywhere(seed):
    data, unpacker = rubbish(seed), Unpacker()
    dice = random.Random(seed)  # noqa: S311 - the same each time

    text, at = b"", 0
    while at < len(data):
        step = dice.randrange(1, 9)
        text += unpacker.feed(data[at : at + step], last=at + step >= len(data))
        at += step

    assert text == plainly(data)


def test_a_block_longer_than_a_piece_is_read_on():
    text = (OURS / "cube20_mini.gcode").read_bytes() * 3
    packed = meatpack(text)

    assert len(packed) > PIECE_BYTES
    assert unpack(packed) == plainly(packed)


def test_nothing_is_nothing():
    assert unpack(b"") == b""
    assert unpack(b"\xff\xff\xfb") == b""
    assert unpack(b"\xff\xff\xfb\xff") == b""


def test_after_a_newline_in_the_low_half_the_high_half_is_padding():
    assert unpack(b"\xff\xff\xfb\x1d\xfc\x1d") == b"G1\nG1"
