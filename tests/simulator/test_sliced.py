"""What the simulator reads out of print files."""

from pathlib import Path

import pytest

from simulator.sliced import Unprintable, read_gcode, read_plate, seconds
from tests.drivers.rig import make_3mf

DATA = Path(__file__).parent.parent / "data"


@pytest.mark.parametrize(
    ("text", "found"), [("1d 2h 3m 4s", 93784), ("35m 46s", 2146), ("6666", 6666), ("soon", 0)]
)
def test_slicers_durations(text: str, found: float) -> None:
    assert seconds(text) == found


def test_a_prusaslicer_file_tells_time_layers_and_grams() -> None:
    sliced = read_gcode(DATA / "cube20_ender3v2.gcode")

    assert 600 < sliced.duration_s < 7200
    assert sliced.layers == 100
    assert sliced.length_mm > 500


def test_a_file_without_comments_is_a_print_of_ten_minutes(tmp_path: Path) -> None:
    path = tmp_path / "bare.gcode"
    path.write_text("G28\n")

    assert read_gcode(path).duration_s == 600


def test_a_plate_tells_time_layers_grams_and_filaments(tmp_path: Path) -> None:
    sliced = read_plate(make_3mf(tmp_path / "a.gcode.3mf", seconds=2146, filaments=4), 1)

    assert (sliced.duration_s, sliced.layers, sliced.grams, sliced.filaments) == (2146, 50, 3.0, 4)


def test_a_missing_plate_and_a_cut_archive_cannot_be_printed(tmp_path: Path) -> None:
    path = make_3mf(tmp_path / "a.gcode.3mf", padding=100_000)
    with pytest.raises(Unprintable):
        read_plate(path, 2)

    path.write_bytes(path.read_bytes()[:-10])

    with pytest.raises(Unprintable):
        read_plate(path, 1)
