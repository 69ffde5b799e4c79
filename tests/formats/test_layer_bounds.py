"""Whatever a file does, its preview stays within its room; whatever happens to a preview, it is found out."""

import io
import math
import random
import subprocess
import sys

import pytest

from models3d.formats import layers, recording
from models3d.formats.layers import NoPreview, Preview, is_preview
from tests.formats.previews import START, layers_of, near, plate_of, preview_of
from tests.formats.samples import OURS


def test_a_long_layer_lies_in_one_chunk_whole(tmp_path):
    dice = random.Random(1)  # noqa: S311 - the same file each time
    one = "".join(f"G1 X{dice.uniform(0, 200):.3f} Y{dice.uniform(0, 200):.3f} E.1\n" for _ in range(200_000))
    text = f"{START};LAYER:0\nG1 X1 Y1 Z.2\nG1 X2 E1\n;LAYER:1\nG1 Z.4\n{one};LAYER:2\nG1 Z.6\nG1 X1 E1\n"

    preview = preview_of(tmp_path, text)

    drawn = layers_of(preview)
    assert [len(layer.points) > 150_000 for layer in drawn] == [False, True, False]
    assert sum(len(line.points) - 1 for line in drawn[1].lines) == pytest.approx(200_000, abs=20)
    opened = Preview(preview)
    assert len(opened.firsts(opened.plate(1))) <= 3


def test_a_flood_stays_within_its_room_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "MOST_BYTES", 400_000)
    dice = random.Random(2)  # noqa: S311 - the same file each time
    flood = "".join(
        f";LAYER:{layer}\nG1 Z{layer / 5}\n"
        + "".join(f"G1 X{dice.uniform(0, 200):.3f} Y{dice.uniform(0, 200):.3f} E.1\n" for _ in range(2000))
        for layer in range(200)
    )

    preview = preview_of(tmp_path, START + flood)

    assert plate_of(preview).cut
    assert 20 < plate_of(preview).layers < 200
    assert len(preview.getvalue()) < 1_000_000


def test_an_endless_layer_is_cut_and_the_next_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "MOST_POINTS_OF_A_LAYER", 50_000)
    circles = "G2 I20 E1\n" * 60_000

    for marks in ((";LAYER:0", ";LAYER:1"), ("", "")):
        preview = preview_of(
            tmp_path,
            f"{START}{marks[0]}\nG1 X50 Y50 Z.2\n{circles}{marks[1]}\nG1 X70 Z.4\nG1 X90 E1\nG1 Y90 E1\n",
        )

        endless, last = layers_of(preview)
        assert plate_of(preview).cut
        assert 50_000 < len(endless.points) < 600_000
        assert near(last.points[-2:], [(90, 50), (90, 90)])


def test_a_flood_of_layers_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "MOST_LAYERS", 300)
    monkeypatch.setattr(layers, "MOST_LAYERS", 300)
    marked = "".join(f";LAYER:{layer}\nG1 X{layer % 7} Y{layer % 5} E1\n" for layer in range(5000))
    unmarked = "".join(f"G1 X{layer % 7} Y{layer % 5} Z{layer} E1\n" for layer in range(1, 1900))

    for flood in (marked, unmarked):
        preview = preview_of(tmp_path, f"{START}G1 X1 Y1 Z1\n{flood}")

        assert plate_of(preview).cut
        assert plate_of(preview).layers == len(layers_of(preview)) == 300


def test_a_fuller_file_is_drawn_coarser(tmp_path, monkeypatch):
    circle = "".join(
        f"G1 X{50 + 20 * math.cos(step / 900):.4f} Y{50 + 20 * math.sin(step / 900):.4f} E.1\n"
        for step in range(6000)
    )
    fine = layers_of(preview_of(tmp_path, f"{START};LAYER:0\nG1 X70 Y50 Z.2\n{circle}"))[0]
    monkeypatch.setattr(recording, "COARSER", ((0.0, 0.5),))

    coarse = layers_of(preview_of(tmp_path, f"{START};LAYER:0\nG1 X70 Y50 Z.2\n{circle}"))[0]

    assert len(coarse.points) < len(fine.points) / 5
    assert coarse.box == pytest.approx(fine.box, abs=0.5)


def test_a_failure_of_the_drawing_leaves_the_facts_alone(tmp_path, monkeypatch):
    def fail(*_arguments):
        raise MemoryError

    monkeypatch.setattr(recording, "packed", fail)

    preview = preview_of(tmp_path, OURS / "cube20_mini.gcode")

    assert preview.getvalue() == b""


def test_the_child_writes_the_preview_beside_the_facts(tmp_path):
    path = tmp_path / "preview"
    command = [sys.executable, "-m", "models3d.formats", str(OURS / "cube20_mini.gcode"), "x"]

    plain = subprocess.run(command, capture_output=True, check=True, cwd=OURS.parent.parent)
    drawn = subprocess.run([*command, str(path)], capture_output=True, check=True, cwd=OURS.parent.parent)

    assert drawn.stdout == plain.stdout
    assert len(layers_of(io.BytesIO(path.read_bytes()))) == 100


def test_a_preview_that_cannot_be_written_leaves_the_facts_alone(tmp_path):
    command = [sys.executable, "-m", "models3d.formats", str(OURS / "cube20_mini.gcode"), "x"]

    for place in (tmp_path / "gone" / "preview", "/dev/full"):
        answer = subprocess.run(
            [*command, str(place)], capture_output=True, check=True, cwd=OURS.parent.parent
        )

        assert b'"kind": "gcode"' in answer.stdout


def test_a_damaged_preview_is_none(tmp_path):
    whole = preview_of(tmp_path, OURS / "cube20_mini.gcode").getvalue()
    cut = {f"cut at {at}": whole[:at] for at in (0, 5, 40, len(whole) // 2, len(whole) - 1)}
    wrong = {
        "directory": whole.replace(b'"table": ', b'"table":-'),
        "kinds": whole.replace(b'"layers": 100', b'"layers": "1"'),
    }

    assert is_preview(io.BytesIO(whole))
    assert [name for name, data in (cut | wrong).items() if is_preview(io.BytesIO(data))] == []


@pytest.mark.parametrize(
    ("told", "lie"), [(b'"table": ', b'"table": 9'), (b'"layers": 100', b'"layers": 999999')]
)
def test_a_preview_that_lies_of_its_places_is_found_out(tmp_path, told, lie):
    whole = preview_of(tmp_path, OURS / "cube20_mini.gcode").getvalue()
    end = len(whole) - layers.END.size
    length = layers.END.unpack(whole[end:])[0]
    directory = whole[end - length : end].replace(told, lie)
    preview = Preview(
        io.BytesIO(whole[: end - length] + directory + layers.END.pack(len(directory), layers.MARK))
    )

    with pytest.raises(NoPreview):
        preview.heights(preview.plate(1))
    with pytest.raises(NoPreview):
        preview.plate(2)


@pytest.mark.parametrize("layer", [-1, 100, 10**12])
def test_a_layer_that_is_not_there_is_none(tmp_path, layer):
    preview = Preview(preview_of(tmp_path, OURS / "cube20_mini.gcode"))

    with pytest.raises(NoPreview):
        preview.chunk(preview.plate(1), layer)
