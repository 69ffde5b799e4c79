"""Binary G-code is read as fully as text, and a damaged or hostile one ends in a sentence."""

import io
import re
import struct
import zlib

import pytest

from models3d.formats import bgcode as reader
from models3d.formats.blocks import BlockKind, blocks
from models3d.formats.metadata import Kind, UnreadableFile
from tests.formats import packing
from tests.formats.samples import MOVES, OURS, facts_of, other, picture

TEXT = (OURS / "cube20_mk3s.gcode").read_bytes()
HEADER = packing.header()
SETTINGS = packing.block(packing.PRINTER, packing.PRINTER_KEYS)
GCODE = packing.block(packing.GCODE, MOVES.encode())


def text_of(content: bytes) -> bytes:
    stream = reader.Unpacked(blocks(io.BytesIO(content)))
    return b"".join(iter(lambda: stream.read(100_000), b""))


def commands(text: bytes) -> list[bytes]:
    lines = (line.split(b";", 1)[0].replace(b" ", b"").replace(b"\t", b"") for line in text.splitlines())
    return [line for line in lines if line]


@pytest.mark.parametrize("compression", [0, 1, 2, 3])
@pytest.mark.parametrize("encoding", [0, 1, 2])
def test_every_way_of_packing_is_unpacked(compression, encoding):
    content = packing.bgcode(TEXT, compression=compression, encoding=encoding)

    text = text_of(content)

    assert commands(text) == commands(TEXT)
    if encoding == packing.MEATPACK:
        assert b";" not in text
    else:
        assert re.findall(rb"^;.*", text, re.MULTILINE) == re.findall(rb"^;.*", TEXT, re.MULTILINE)


def test_the_box_layers_and_motion_are_those_of_the_text(tmp_path):
    expected = facts_of(tmp_path, TEXT).plates[0]

    (plate,) = facts_of(tmp_path, packing.bgcode(TEXT)).plates

    assert (plate.box, plate.motion, plate.layers) == (expected.box, expected.motion, expected.layers)
    assert not plate.box_estimated


def test_a_real_pair_is_the_same_print(tmp_path):
    binary, text = (other(f"mini_cube_ps2.8.1.{name}").read_bytes() for name in ("bgcode", "gcode"))

    facts, expected = facts_of(tmp_path, binary), facts_of(tmp_path, text)

    assert commands(text_of(binary)) == commands(text)
    assert facts.kind is Kind.BGCODE
    assert facts.plates == expected.plates
    assert facts.plates[0].box.max == (131.25, 111.25, 6.2)
    assert facts.warnings == ()
    for name in (
        "slicer",
        "slicer_version",
        "printer_models",
        "bed_mm",
        "nozzle_c",
        "bed_c",
        "profile",
        "abrasive",
    ):
        assert getattr(facts, name) == getattr(expected, name)
    assert facts.thumbnail.startswith(b"\x89PNG")
    assert facts.origins["printer_models"] == "printer block: printer_model"
    assert facts.origins["bed_mm"] == "slicer block: bed_shape"


def test_without_metadata_the_moves_and_start_code_speak(tmp_path):
    facts = facts_of(tmp_path, HEADER + packing.block(packing.GCODE, b'M862.3 P "MK4S"\n' + MOVES.encode()))

    assert facts.plates[0].box.max == pytest.approx((30.225, 40.225, 0.2))
    assert facts.printer_models == ("MK4S",)
    assert (facts.slicer, facts.plates[0].print_s) == ("", None)


def test_metadata_may_stand_anywhere(tmp_path):
    facts = facts_of(tmp_path, HEADER + GCODE + SETTINGS)

    assert facts.printer_models == ("MK4S",)


def test_the_largest_picture_is_kept(tmp_path):
    pictures = [
        packing.block(
            packing.THUMBNAIL, picture("PNG", (size, size)), parameters=struct.pack("<HHH", 0, size, size)
        )
        for size in (16, 220, 100)
    ]

    facts = facts_of(tmp_path, HEADER + b"".join(pictures) + GCODE)

    assert struct.unpack_from(">I", facts.thumbnail, 16) == (220,)


def test_files_without_checksums_are_read(tmp_path):
    content = packing.header(checked=False) + packing.block(packing.GCODE, MOVES.encode(), checked=False)

    assert facts_of(tmp_path, content).plates[0].layers == 1


def test_an_unknown_block_is_passed_over_and_told(tmp_path):
    facts = facts_of(tmp_path, HEADER + packing.block(77, b"news") + GCODE)

    assert facts.plates[0].box is not None
    assert facts.warnings == ("The file has parts of a kind that is not known here; they were left out.",)


def lying(size: int, stored: bytes, compression: int) -> bytes:
    head = struct.pack("<HHII", packing.GCODE, compression, size, len(stored)) + b"\x00\x00"
    return head + stored + struct.pack("<I", zlib.crc32(head + stored))


LONG = MOVES.encode() * 3000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADER, "not one move"),
        (HEADER + SETTINGS, "not one move"),
        (HEADER + packing.block(packing.GCODE, b"M84\n"), "not one move"),
        (HEADER + GCODE[:-1] + bytes((GCODE[-1] ^ 1,)), "checksum in it is wrong"),
        (HEADER + GCODE[:30] + b"!" + GCODE[31:], "checksum in it is wrong"),
        (HEADER + GCODE[:-6], "damaged or cut off"),
        (HEADER + GCODE + GCODE[:9], "damaged or cut off"),
        (HEADER + GCODE + GCODE[:3], "damaged or cut off"),
        (HEADER + packing.block(packing.GCODE, b"x", parameters=b"\x07\x00"), "packed in a way"),
        (HEADER + lying(5, b"12345", 9), "packed in a way"),
        (HEADER + lying(50, zlib.compress(LONG), 1), "unpacks to more than it says"),
        (HEADER + lying(50, packing.compressed(LONG, 2), 2), "unpacks to more than it says"),
        (HEADER + lying(50, packing.compressed(LONG, 3), 3), "unpacks to more than it says"),
        (HEADER + lying(len(LONG) + 1, zlib.compress(LONG), 1), "damaged or cut off"),
        (HEADER + lying(len(LONG) + 1, packing.compressed(LONG, 3), 3), "damaged or cut off"),
        (HEADER + lying(len(LONG), b"no zlib", 1), "damaged or cut off"),
        (HEADER + packing.block(packing.GCODE, b"\n" * 5_000_000, compression=1), "far more than a print"),
        (HEADER + struct.pack("<HHI", 1, 0, 2**31) + b"\x00\x00" + b"x" * 99, "damaged or cut off"),
        (HEADER + struct.pack("<HHI", 77, 0, 2**31) + b"\x00\x00" + b"x" * 99, "damaged or cut off"),
        (packing.header(version=2) + GCODE, "newer version"),
    ],
)  # fmt: skip
def test_a_damaged_or_strange_file_is_refused_in_words(tmp_path, content, words):
    with pytest.raises(UnreadableFile, match=words):
        facts_of(tmp_path, content)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_half_a_file_is_refused(tmp_path, share):
    content = packing.bgcode(TEXT)

    with pytest.raises(UnreadableFile, match="damaged or cut off"):
        facts_of(tmp_path, content[: int(len(content) * share)])


def test_a_large_block_is_handed_on_in_small_parts():
    text = b"G1X1Y1\n" * 200_000
    stream = reader.Unpacked(blocks(io.BytesIO(HEADER + packing.block(packing.GCODE, text) + GCODE)))

    parts = list(iter(lambda: stream.read(100_000), b""))

    assert [len(part) for part in parts[:-1]] == [100_000] * (len(parts) - 1)
    assert b"".join(parts) == text + MOVES.encode()


def test_text_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MOST_TEXT_BYTES", len(TEXT) // 2)

    with pytest.raises(UnreadableFile, match="far more than a print needs"):
        facts_of(tmp_path, packing.bgcode(TEXT))


def test_settings_without_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MOST_SETTINGS_BYTES", 1000)

    with pytest.raises(UnreadableFile, match="far more than a print needs"):
        facts_of(tmp_path, HEADER + packing.block(packing.SLICER, b"a=b\n" * 300, compression=1) + GCODE)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused_or_read_but_never_breaks(tmp_path, seed):
    content = bytearray(packing.bgcode(TEXT[:60_000]))
    for step in range(1 + seed % 5):
        content[(seed * 7919 + step * 104_729) % len(content)] ^= 1 << (seed % 8)

    with pytest.raises(UnreadableFile, match=r"\.$"):
        facts_of(tmp_path, bytes(content))


def test_the_kinds_are_those_of_the_format():
    assert [BlockKind(number).name for number in range(6)] == [
        "FILE",
        "GCODE",
        "SLICER",
        "PRINTER",
        "PRINT",
        "THUMBNAIL",
    ]
