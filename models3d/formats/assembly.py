"""Puts the objects of a 3MF where its items and components say, without ever building what can't be held."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from models3d.formats.archive import Archive
from models3d.formats.camera import Extent
from models3d.formats.metadata import UnreadableFile
from models3d.formats.modelparts import Matrix, Mesh, ModelObject, Part, Use, Vertices
from models3d.formats.modelxml import ModelReader

DEEPEST = 32
# Of all items together. Copies of copies double at each step, so they are counted before they are made.
MOST_PLACED, MOST_CORNERS, MOST_TRIANGLES = 20_000, 60_000_000, 30_000_000
BATCH_TRIANGLES = 64 * 1024
LOOP = "The objects in this 3MF are made of each other, without end. Export it again."
DEEP = "The objects in this 3MF are nested deeper than any slicer writes. Export it again."
MISSING = "This 3MF places an object that is not in it. Export it again."

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Skips:
    """What slicers keep in a model but do not print, such as modifiers and support blockers.

    `components` are pairs of an object and the component left out of it, `stretches` first and last
    triangles by object; both by the ids of the main part.
    """

    components: frozenset[tuple[str, str]] = frozenset()
    stretches: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Placed:
    """One printed item of the bed: its meshes with where they go, mm. `extent` is of what is printed."""

    object_id: str
    copy: int
    extent: Extent
    meshes: list[tuple[Mesh, Matrix]] = field(default_factory=list)

    @property
    def triangles(self) -> int:
        return sum(len(mesh.triangles) for mesh, _ in self.meshes)


class Assembly:
    """The parts of one 3MF and what its main part places. UnreadableFile if they do not fit together."""

    def __init__(self, archive: Archive, root: str, skips: Skips) -> None:
        self._root, self._skips = root, skips
        self._parts: dict[str, Part] = {}
        waiting = [root]
        while waiting:
            name = waiting.pop()
            if name not in self._parts:
                with archive.open(name) as stream:
                    self._parts[name] = ModelReader(name).read(stream)
                waiting += sorted(self._parts[name].paths)
        self._leave_out()
        self._weights: dict[Key, tuple[int, int, int]] = {}

    @property
    def main(self) -> Part:
        return self._parts[self._root]

    @property
    def unknown(self) -> list[str]:
        return list(dict.fromkeys(name for part in self._parts.values() for name in part.unknown))

    @property
    def has_triangles(self) -> bool:
        return any(
            one.mesh is not None and len(one.mesh.triangles)
            for part in self._parts.values()
            for one in part.objects.values()
        )

    def name_of(self, object_id: str) -> str:
        one = self.main.objects.get(object_id)
        return one.name if one else ""

    def placed(self) -> list[Placed] | None:
        """All printed items, or None if they are more than can be looked at."""
        if not self._is_bearable():
            return None
        found: list[Placed] = []
        origin, corners = None, _Corners()
        copies: dict[str, int] = {}
        scale = np.array([[self.main.unit_mm]])
        for item in self.main.items:
            copy = copies[item.object_id] = copies.get(item.object_id, -1) + 1
            if not item.is_printed:
                continue
            meshes = [(mesh, matrix * scale) for mesh, matrix in self._meshes(item, self._root, None)]
            if origin is None and meshes:
                origin = next(iter(moved(corners.of(meshes[0][0])[:1], meshes[0][1])), None)
            extent = Extent(np.zeros(3) if origin is None else origin)
            for mesh, matrix in meshes:
                extent.add(moved(corners.of(mesh), matrix))
            found.append(Placed(item.object_id, copy, extent, meshes))
        return found

    def _is_bearable(self) -> bool:
        total = (0, 0, 0)
        for item in self.main.items:
            total = _sum(total, self._weigh(self._key(item, self._root), ()))
        return all(
            has <= most for has, most in zip(total, (MOST_PLACED, MOST_CORNERS, MOST_TRIANGLES), strict=True)
        )

    def _weigh(self, key: Key, within: tuple[Key, ...]) -> tuple[int, int, int]:
        """How many objects, corners and triangles an object comes to, each once for each use of it."""
        if key in within:
            raise UnreadableFile(LOOP)
        if len(within) >= DEEPEST:
            raise UnreadableFile(DEEP)
        if key not in self._weights:
            one = self._object(key)
            mesh = one.mesh
            total = (1, len(mesh.vertices), len(mesh.triangles)) if mesh else (1, 0, 0)
            for use in one.components:
                total = _sum(total, self._weigh(self._key(use, key[0]), (*within, key)))
            self._weights[key] = total
        return self._weights[key]

    def _meshes(self, use: Use, path: str, onto: Matrix | None) -> Iterator[tuple[Mesh, Matrix]]:
        key = self._key(use, path)
        matrix = use.matrix if onto is None else _joined(use.matrix, onto)
        one = self._object(key)
        if one.mesh is not None and len(one.mesh.triangles):
            yield one.mesh, matrix
        for component in one.components:
            yield from self._meshes(component, key[0], matrix)

    def _key(self, use: Use, path: str) -> Key:
        return use.path or path, use.object_id

    def _object(self, key: Key) -> ModelObject:
        part = self._parts.get(key[0])
        one = part.objects.get(key[1]) if part else None
        if one is None:
            raise UnreadableFile(MISSING)
        return one

    def _leave_out(self) -> None:
        objects = self.main.objects
        for number, stretches in self._skips.stretches.items():
            if number in objects and (mesh := objects[number].mesh) is not None:
                objects[number] = ModelObject(objects[number].name, mesh.without(stretches))
        for number in {owner for owner, _ in self._skips.components} & set(objects):
            kept = (
                use
                for use in objects[number].components
                if (number, use.object_id) not in self._skips.components
            )
            objects[number] = ModelObject(objects[number].name, objects[number].mesh, tuple(kept))


class _Corners:
    """The corners of meshes that a triangle has; each mesh is looked through once."""

    def __init__(self) -> None:
        self._known: dict[int, Vertices] = {}

    def of(self, mesh: Mesh) -> Vertices:
        if id(mesh) not in self._known:
            used = np.zeros(len(mesh.vertices), bool)
            used[mesh.triangles.ravel()] = True
            self._known[id(mesh)] = mesh.vertices if used.all() else mesh.vertices[used]
        return self._known[id(mesh)]


def moved(points: Vertices, matrix: Matrix) -> Vertices:
    # What overflows becomes infinite, and is refused as that.
    with np.errstate(all="ignore"):
        there: Vertices = points @ matrix[:3] + matrix[3]
    return there


def batches(placed: list[Placed]) -> Iterator[Vertices]:
    """All their triangles by their corners, shape (n, 3, 3), mm; small meshes come together."""
    few: list[Vertices] = []
    waiting = 0
    for mesh, matrix in (pair for one in placed for pair in one.meshes):
        vertices = moved(mesh.vertices, matrix)
        for start in range(0, len(mesh.triangles), BATCH_TRIANGLES):
            few.append(vertices[mesh.triangles[start : start + BATCH_TRIANGLES]])
            waiting += len(few[-1])
            if waiting >= BATCH_TRIANGLES:
                yield np.concatenate(few)
                few, waiting = [], 0
    if few:
        yield np.concatenate(few)


def _joined(first: Matrix, then: Matrix) -> Matrix:
    with np.errstate(all="ignore"):
        joined: Matrix = first @ then[:3]
        joined[3] += then[3]
    return joined


def _sum(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
