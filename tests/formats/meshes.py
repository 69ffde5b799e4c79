"""Meshes made here, as triangles of shape (n, 3, 3), and the files they are written to."""

import itertools

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
