"""Meshes made here, as triangles of shape (n, 3, 3), and the files they are written to."""

import io
import itertools
import zipfile

import numpy as np

SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def cuboid(x: float, y: float, z: float, at=(0, 0, 0)) -> np.ndarray:
    corners = np.array(list(itertools.product((0, 1), repeat=3)), "f8") * (x, y, z) + at
    halves = [half for a, b, c, d in SIDES for half in ((a, b, c), (a, c, d))]
    return corners[np.array(halves)]


def torus(around: int, across: int, radius=30.0, thick=10.0) -> np.ndarray:
    """2 * around * across triangles that lie flat."""
    turn, tilt = np.meshgrid(
        np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, 2 * np.pi, across + 1), indexing="ij"
    )
    far = radius + thick * np.cos(tilt)
    points = np.stack([far * np.cos(turn), far * np.sin(turn), thick * np.sin(tilt)], axis=-1)
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    return np.concatenate([np.stack(half, axis=-2).reshape(-1, 3, 3) for half in ((a, b, c), (a, c, d))])


def binary_stl(triangles: np.ndarray, head=b"made by a test", count: int | None = None) -> bytes:
    facets = np.zeros(
        len(triangles), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")]
    )
    facets["normal"], facets["corners"] = (0, 0, 1), triangles
    size = len(triangles) if count is None else count
    return head.ljust(80) + np.uint32(size).tobytes() + facets.tobytes()


def text_stl(triangles: np.ndarray, name="part", newline="\n") -> bytes:
    lines = [f"solid {name}"]
    for corners in triangles.tolist():
        lines += ["  facet normal 0 0 1", "    outer loop"]
        lines += ["      vertex {:.9g} {:.9g} {:.9g}".format(*corner) for corner in corners]
        lines += ["    endloop", "  endfacet"]
    return newline.join([*lines, f"endsolid {name}", ""]).encode()


CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Target="/{model}" Id="r1" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>'
    '<Relationship Target="/{picture}" Id="r2" Type="http://schemas.openxmlformats.org/package/2006/'
    'relationships/metadata/thumbnail"/></Relationships>'
)


def mesh_xml(triangles: np.ndarray) -> str:
    corners, numbers = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    vertices = "".join(
        '<vertex x="{!r}" y="{!r}" z="{!r}"/>\n'.format(*corner) for corner in corners.tolist()
    )
    faces = "".join(
        '<triangle v1="{}" v2="{}" v3="{}"/>\n'.format(*face) for face in numbers.reshape(-1, 3).tolist()
    )
    return f"<mesh><vertices>\n{vertices}</vertices>\n<triangles>\n{faces}</triangles></mesh>"


def object_xml(number: int, body: str, attributes="") -> str:
    return f'<object id="{number}" type="model" {attributes}>{body}</object>'


def uses_xml(*uses: tuple[int, str], tag="component") -> str:
    """Components or items: the object's number and further attributes, such as a transform, of each."""
    return "".join(f'<{tag} objectid="{number}" {attributes}/>' for number, attributes in uses)


def made_of(*uses: tuple[int, str]) -> str:
    return f"<components>{uses_xml(*uses)}</components>"


def moved(x: float, y: float, z: float) -> str:
    return f'transform="1 0 0 0 1 0 0 0 1 {x} {y} {z}"'


def model_xml(objects: str, items: str, head="", attributes="") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<model xmlns="{CORE}" {attributes}>{head}'
        f"<resources>{objects}</resources><build>{items}</build></model>"
    )


def archive_of(members: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


def model_3mf(model: str | bytes, others: dict[str, str | bytes] | None = None) -> bytes:
    relations = RELATIONS.format(model="3D/3dmodel.model", picture="Metadata/cover.png")
    return archive_of({"_rels/.rels": relations, "3D/3dmodel.model": model} | (others or {}))


def brick_3mf(attributes="", item="", head="", body=None) -> bytes:
    """One brick of 30 by 20 by 10 units that stands at 5, 6, 7."""
    body = mesh_xml(cuboid(30, 20, 10, at=(5, 6, 7))) if body is None else body
    return model_3mf(
        model_xml(object_xml(1, body, 'name="Brick"'), uses_xml((1, item), tag="item"), head, attributes)
    )
