"""Pictures of meshes: what is near hides what is far, faces can be told apart, no mesh takes for ever."""

import io

import numpy as np
import pytest
from PIL import Image

from models3d.formats import canvas
from models3d.formats.camera import Extent
from models3d.formats.picture import drawn
from tests.formats.meshes import cuboid, torus

CENTRE = (256, 256)


def pixels(triangles: np.ndarray, batch: int = 10**9) -> np.ndarray:
    """The picture as RGBA, rows from the top."""
    extent = Extent()
    extent.add(triangles.reshape(-1, 3))
    png = drawn(extent, (triangles[start : start + batch] for start in range(0, len(triangles), batch)))
    return np.asarray(Image.open(io.BytesIO(png))).astype(int)


def test_a_picture_is_transparent_round_a_centred_model():
    picture = pixels(cuboid(20, 20, 20))

    seen = picture[..., 3] > 0
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert picture.shape == (512, 512, 4)
    assert rows[0] + rows[-1] == pytest.approx(511, abs=2)
    assert columns[0] + columns[-1] == pytest.approx(511, abs=2)
    assert 20 <= min(rows[0], columns[0]) <= 28


def test_top_front_and_right_of_a_cube_have_three_shades():
    picture = pixels(cuboid(20, 20, 20))

    top, front, right = (picture[place][:3].mean() for place in ((100, 250), (330, 150), (300, 390)))
    assert top > front + 25
    assert front > right + 25


def test_a_cube_has_no_hole_and_no_speckle():
    picture = pixels(cuboid(20, 20, 20))

    assert (picture[..., 3][200:400, 80:420] == 255).all()
    assert np.ptp(picture[280:420, 80:280, :3], axis=(0, 1)).max() <= 2


def test_what_is_in_front_hides_what_is_behind_in_any_order():
    front, behind = cuboid(20, 1, 20), cuboid(2, 2, 2, at=(9, 6, 9))
    alone = pixels(front)

    for both in (np.concatenate([front, behind]), np.concatenate([behind, front])):
        assert (pixels(both) == alone).all()


def test_batches_make_no_difference():
    mesh = torus(60, 30)

    assert (pixels(mesh, batch=7) == pixels(mesh)).all()


def test_a_fine_mesh_looks_like_a_coarse_one_without_holes():
    coarse, fine = pixels(torus(200, 100)), pixels(torus(900, 300))

    assert ((coarse[..., 3] > 0) != (fine[..., 3] > 0)).mean() < 0.002
    assert np.abs(coarse - fine).mean() < 2


def test_faces_turned_inside_out_are_seen_too():
    mesh = cuboid(20, 20, 20)

    assert np.abs(pixels(mesh[:, ::-1]) - pixels(mesh)).max() <= 1


@pytest.mark.parametrize("far", [0, 5000, 500_000])
def test_a_place_far_from_the_origin_changes_nothing(far):
    mesh = cuboid(64, 64, 64)

    assert np.abs(pixels(mesh + far) - pixels(mesh)).mean() < 0.5


def test_a_mesh_without_thickness_or_extent_is_no_trouble():
    point = np.zeros((1, 3, 3))
    flat = cuboid(50, 50, 0)
    extent = Extent()
    extent.add(point.reshape(-1, 3))

    assert drawn(extent, [point]) == b""
    assert (pixels(flat)[CENTRE][3]) == 255


def test_what_would_take_too_long_gets_no_picture(monkeypatch):
    monkeypatch.setattr(canvas, "MOST_WORK", 100_000)
    mesh = np.repeat(cuboid(20, 20, 20), 10, axis=0)
    extent = Extent()
    extent.add(mesh.reshape(-1, 3))

    assert drawn(extent, [mesh]) == b""
