"""Which members of a 3MF are plates, and what is believed of what stands beside them."""

import pytest

from models3d.formats.metadata import UnreadableFile
from tests.formats.samples import BAMBU, SLICE_INFO, facts_of, sliced_3mf


@pytest.mark.parametrize(
    "name",
    [
        "plate_01.gcode",
        "plate_0.gcode",
        "plate_10000.gcode",
        "Plate_1.GCODE",
        "plate_\u0661.gcode",
        "plate_1\u0661.gcode",
        "plate_1.gcode ",
        "/plate_1.gcode",
    ],
)
@pytest.mark.parametrize("first", [BAMBU, None], ids=["beside a plate", "alone"])
def test_a_member_that_only_looks_like_a_plate_is_refused(tmp_path, name, first):
    changes = {"Metadata/plate_1.gcode": first, f"Metadata/{name}": BAMBU.replace("X30", "X200")}

    with pytest.raises(UnreadableFile, match="not how a slicer names a plate"):
        facts_of(tmp_path, sliced_3mf(changes))


def test_a_sliced_file_without_its_only_gcode_says_so(tmp_path):
    words = "The G-code of plate 2 is missing, though the file names it"

    with pytest.raises(UnreadableFile, match=words):
        facts_of(tmp_path, sliced_3mf({"Metadata/plate_2.gcode": None}, number=2))


@pytest.mark.parametrize("amount", ["-5.5", "nan", "", "lots"])
def test_amounts_below_nothing_are_taken_from_the_gcode(tmp_path, amount):
    told = SLICE_INFO.format(outside="false", number=1)
    told = told.replace('used_g="1.66"', f'used_g="{amount}"').replace('used_m="0.57"', f'used_m="{amount}"')

    (plate,) = facts_of(tmp_path, sliced_3mf({"Metadata/slice_info.config": told})).plates

    assert [(use.grams, use.length_mm) for use in plate.filaments if use.used] == [
        (1.66, 566.75),
        (1.41, 466.68),
    ]


def test_amounts_below_nothing_of_a_slot_unknown_to_the_gcode_are_none(tmp_path):
    told = SLICE_INFO.format(outside="false", number=1).replace('id="4"', 'id="9"').replace("0.47", "-1")

    (plate,) = facts_of(
        tmp_path, sliced_3mf({"Metadata/slice_info.config": told.replace("1.41", "-1")})
    ).plates

    assert (plate.filaments[8].grams, plate.filaments[8].length_mm) == (0, 0)
