"""Sliced 3MF: all plates, and no harm from archives that mean harm."""

import io
import json
import random
import struct
import warnings
import zipfile

import pytest

from models3d.formats.archive import Archive
from models3d.formats.metadata import Source, UnreadableFile
from models3d.formats.readers import read
from models3d.formats.threemf import plate_gcode
from tests.formats.samples import BAMBU, SLICE_INFO, facts_of, picture, sliced_3mf


def test_a_plate_has_what_the_slicer_found_out_beside_the_code(tmp_path):
    facts = facts_of(tmp_path, sliced_3mf())

    (plate,) = facts.plates
    assert facts.printer_models == ("Bambu Lab P1S", "C12")
    assert facts.bed_mm == (256, 256, 250)
    assert plate.print_s == 2146
    assert [use.index for use in plate.filaments if use.used] == [0, 3]
    assert [use.length_mm for use in plate.filaments] == [566.75, 0, 0, 466.68]
    assert plate.member == "Metadata/plate_1.gcode"
    assert facts.thumbnail == picture()
    assert facts.origins["print_s"] == "Metadata/slice_info.config: prediction"


def test_all_plates_are_read_and_none_is_summed(tmp_path):
    second = SLICE_INFO.format(outside="false", number=3).replace("2146", "60").split("<config>")[1]
    both = SLICE_INFO.format(outside="false", number=1).replace("</config>", second)
    titles = '<config><plate><metadata key="plater_id" value="3"/>'
    titles += '<metadata key="plater_name" value="Lids &amp; hinges"/></plate></config>'
    changes = {
        "Metadata/slice_info.config": both,
        "Metadata/plate_3.gcode": BAMBU.replace("X30", "X200"),
        "Metadata/model_settings.config": titles,
    }

    facts = facts_of(tmp_path, sliced_3mf(changes))

    assert [(plate.number, plate.title, plate.print_s) for plate in facts.plates] == [
        (1, "", 2146),
        (3, "Lids & hinges", 60),
    ]
    assert [plate.box.max[0] for plate in facts.plates] == pytest.approx([30.225, 200.225])


def plates(count: int, **changes: str) -> dict[str, str]:
    return {f"Metadata/plate_{number}.gcode": BAMBU for number in range(1, count + 1)} | changes


def told(*numbers: int, extra="") -> str:
    one = SLICE_INFO.split("<config>")[1].replace("</config>", "")
    listed = "".join(one.format(number=number, outside="false") for number in numbers)
    return f"<config>{listed.replace('</plate>', extra + '</plate>')}</config>"


def test_as_many_plates_as_a_slicer_makes_are_read(tmp_path):
    facts = facts_of(tmp_path, sliced_3mf(plates(64) | {"Metadata/plate_1.gcode.md5": None}))

    assert [plate.number for plate in facts.plates] == list(range(1, 65))


def test_ten_thousand_members_are_too_many(tmp_path):
    with pytest.raises(UnreadableFile, match="too many members"):
        facts_of(tmp_path, sliced_3mf(plates(9999)))


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ((1, 3), "The file names plate 3 but holds no G-code for it. Slice all plates and export again."),
        (
            (1, *range(2, 500)),
            "The file names plates 2, 3, 4, 5, 6 and 493 more but holds no G-code for it. "
            "Slice all plates and export again.",
        ),
    ],
)
def test_a_plate_that_is_named_but_missing_is_told(tmp_path, named, words):
    facts = facts_of(tmp_path, sliced_3mf({"Metadata/slice_info.config": told(*named)}))

    assert facts.warnings == (words,)
    assert [plate.number for plate in facts.plates] == [1]


def test_a_weight_that_is_not_the_sum_is_told_for_its_plate(tmp_path):
    info = told(1, extra='<metadata key="weight" value="30.7"/>')

    facts = facts_of(tmp_path, sliced_3mf({"Metadata/slice_info.config": info}))

    words = "Plate 1: the file says it needs 30.70 g in all, but its filaments add up to 3.07 g."
    assert facts.warnings == (words,)


def test_what_slicing_found_wins_over_settings_and_settings_fill_the_rest(tmp_path):
    extra = '<metadata key="support_used" value="true"/><metadata key="curr_bed_type" value="Cool Plate"/>'
    settings = {
        "printer_model": "Bambu Lab P1S",
        "enable_support": "0",
        "print_settings_id": "0.20mm Standard @BBL X1C",
        "bed_exclude_area": ["0x0", "18x0", "18x28", "0x28"],
        "filament_settings_id": ["PLA; mine", "", "", "PETG, yours"],
        "filament_ids": ["GFA00", "", "", "GFG99"],
        "filament_vendor": ["Bambu Lab"] * 4,
        "curr_bed_type": "Textured PEI Plate",
        "cool_plate_temp_initial_layer": ["35", "35", "35", "36"],
        "nozzle_temperature_initial_layer": ["220", "220", "220", "250"],
    }
    info = told(1, extra=extra).replace('id="4"', 'id="4" tray_info_idx="GFG02"')
    changes = {"Metadata/slice_info.config": info, "Metadata/project_settings.config": json.dumps(settings)}

    facts = facts_of(tmp_path, sliced_3mf(changes))

    uses = facts.plates[0].filaments
    assert (facts.support, facts.bed_type, facts.excluded_mm) == (True, "Cool Plate", (0, 0, 18, 28))
    assert (facts.profile, facts.nozzle_c) == ("0.20mm Standard @BBL X1C", (220, 220, 220, 250))
    assert [(use.profile, use.bambu_id) for use in uses if use.used] == [
        ("PLA; mine", "GFA00"),
        ("PETG, yours", "GFG02"),
    ]
    assert facts.bed_c == 35
    assert facts.origins["support"] == "Metadata/slice_info.config: support_used"
    assert facts.origins["profile"] == "Metadata/project_settings.config: print_settings_id"


def test_one_plate_that_wears_the_nozzle_speaks_for_the_file(tmp_path):
    fibres = BAMBU.replace("filament_type = PLA;", "filament_type = PLA-CF;")

    facts = facts_of(tmp_path, sliced_3mf({"Metadata/plate_2.gcode": fibres}))

    assert facts.abrasive is True
    assert facts.origins["abrasive"] == "filament: PLA-CF"
    assert facts_of(tmp_path, sliced_3mf()).abrasive is None


def test_a_path_that_leaves_the_bed_is_told(tmp_path):
    facts = facts_of(tmp_path, sliced_3mf(outside="true", number=2))

    assert facts.warnings == ("Plate 2: the slicer says the tool path leaves the bed.",)


def test_without_slice_info_the_code_speaks_for_itself(tmp_path):
    facts = facts_of(
        tmp_path, sliced_3mf({"Metadata/slice_info.config": None, "Metadata/plate_1.gcode.md5": None})
    )

    assert facts.plates[0].print_s == 2146
    assert facts.plates[0].md5 == ""


def test_a_plate_that_fails_its_own_checksum_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="does not match its own checksum"):
        facts_of(tmp_path, sliced_3mf({"Metadata/plate_1.gcode.md5": "0" * 32}))


def test_a_checksum_in_lower_case_is_right_too(tmp_path):
    content = sliced_3mf()
    upper = facts_of(tmp_path, content).plates[0].md5

    facts = facts_of(tmp_path, sliced_3mf({"Metadata/plate_1.gcode.md5": upper.lower()}))

    assert facts.plates[0].md5 == upper.lower()


def test_a_plate_can_be_taken_out(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(sliced_3mf(number=2))

    with plate_gcode(Source(path, "x"), 2) as stream:
        assert stream.read(10_000_000) == BAMBU.encode()
    with pytest.raises(UnreadableFile, match="no plate 7"), plate_gcode(Source(path, "x"), 7):
        pass


BOMB = b"G1 X1 Y1 Z1\n" + b"\n" * 20_000_000
ENTITY = '<?xml version="1.0"?><!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><config>&x;</config>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><config>&b;</config>'


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Metadata/plate_1.gcode": BOMB}, "far more than a print file needs"),
        ({"../../etc/cron.d/x": "x"}, "leads outside"),
        ({"/etc/passwd": "x"}, "leads outside"),
        ({"C:/x": "x"}, "leads outside"),
        ({"Metadata\\..\\x": "x"}, "leads outside"),
        ({"Metadata/slice_info.config": ENTITY}, "not sound XML"),
        ({"Metadata/slice_info.config": LAUGHS}, "not sound XML"),
        ({"Metadata/model_settings.config": "<config"}, "not sound XML"),
        ({"Metadata/slice_info.config": ENTITY.replace("SYSTEM", "PUBLIC '-'")}, "not sound XML"),
        ({"Metadata/model_settings.config": ENTITY}, "not sound XML"),
        ({"Metadata/plate_1.gcode": sliced_3mf(), "Metadata/plate_1.gcode.md5": None}, "not one move"),
        (
            {"Metadata/plate_1.gcode": None, "3D/3dmodel.model": None, "inner.gcode.3mf": sliced_3mf()},
            "unpack it and upload those",
        ),
        ({"Metadata/project_settings.config": "{"}, "not sound JSON"),
        ({"Metadata/project_settings.config": "[" * 100_000}, "not sound JSON"),
        ({f"x{number}": "" for number in range(2100)}, "too many members"),
        ({"Metadata/plate_1.gcode": ""}, "not one move"),
        ({f"Metadata/plate_{number}.gcode": "" for number in range(1, 71)}, "70 plates; more than 64"),
    ],
    ids=lambda value: next(iter(value))[:30] if isinstance(value, dict) else None,
)
def test_a_harmful_archive_is_refused(tmp_path, changes, words):
    with pytest.raises(UnreadableFile, match=words):
        facts_of(tmp_path, sliced_3mf(changes))


def test_a_large_json_is_refused(tmp_path):
    noise = random.Random(1).randbytes(10_600_000).hex()  # noqa: S311 - the same each time

    with pytest.raises(UnreadableFile, match="larger than any slicer writes"):
        facts_of(tmp_path, sliced_3mf({"Metadata/project_settings.config": noise}))


def test_two_members_of_one_name_are_refused(tmp_path):
    written = io.BytesIO(sliced_3mf())
    with warnings.catch_warnings(), zipfile.ZipFile(written, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("Metadata/plate_1.gcode", "G1 X1\n")

    with pytest.raises(UnreadableFile, match="two members named"):
        facts_of(tmp_path, written.getvalue())


def test_a_member_that_lies_about_its_size_is_stopped(tmp_path):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Metadata/plate_1.gcode", b"\n" * 30_000_000)
    content = bytearray(written.getvalue())
    directory = content.index(b"PK\x01\x02")
    # Sizes as a harmless file would have them, in the directory that is believed.
    struct.pack_into("<II", content, directory + 20, 29_000, 100_000)

    with pytest.raises(UnreadableFile):
        facts_of(tmp_path, bytes(content))


def test_reading_stops_at_the_whole_archives_limit(tmp_path, monkeypatch):
    path = tmp_path / "upload"
    path.write_bytes(sliced_3mf())
    monkeypatch.setattr("models3d.formats.archive.MOST_BYTES", 100_000)

    with Archive(path) as archive:
        for _ in range(100_000 // len(BAMBU)):
            archive.content("Metadata/plate_1.gcode")
        with pytest.raises(UnreadableFile, match="far more"):
            archive.content("Metadata/plate_1.gcode")


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_archive_is_refused_or_read_but_never_breaks(tmp_path, seed):
    content = bytearray(sliced_3mf())
    for step in range(1 + seed % 5):
        content[(seed * 7919 + step * 104_729) % len(content)] ^= 1 << (seed % 8)

    path = tmp_path / "upload"
    path.write_bytes(content)

    try:
        said = " ".join(read(Source(path, "x")).warnings) or "plates."
    except UnreadableFile as refusal:
        said = str(refusal)

    assert said.endswith(".")
