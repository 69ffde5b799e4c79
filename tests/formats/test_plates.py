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
