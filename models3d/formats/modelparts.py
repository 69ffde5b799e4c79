"""What a model part of a 3MF holds: meshes, objects made of others, and what is placed on the bed."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

# Four rows: where the axes go, and the shift. Points are rows: x' = x @ matrix[:3] + matrix[3].
Matrix = npt.NDArray[np.float64]
Vertices = npt.NDArray[np.float64]
Triangles = npt.NDArray[np.int32]

SAME = np.array([(1.0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)])


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Corners in the part's unit, shape (n, 3), and triangles as their numbers, shape (m, 3)."""

    vertices: Vertices
    triangles: Triangles

    def without(self, stretches: list[tuple[int, int]]) -> "Mesh":
        """The mesh less some stretches of its triangles, given by their first and last."""
        kept = np.ones(len(self.triangles), bool)
        for first, last in stretches:
            kept[max(0, first) : max(0, last + 1)] = False
        return Mesh(self.vertices, self.triangles[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """An object put somewhere: a component of another, or an item of the bed. "" is the same part."""

    object_id: str
    matrix: Matrix
    path: str = ""
    is_printed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class ModelObject:
    name: str
    mesh: Mesh | None
    components: tuple[Use, ...] = ()


@dataclass(slots=True)
class Part:
    """One `.model` member. `facts` is its metadata by name; `unknown` are extensions we can't interpret.

    `strange_unit` is a unit that does not exist, taken as mm; "" if all is well.
    """

    unit_mm: float = 1.0
    strange_unit: str = ""
    objects: dict[str, ModelObject] = field(default_factory=dict)
    items: list[Use] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    colors: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def paths(self) -> set[str]:
        """The other parts that this one refers to."""
        uses = [*self.items, *(use for one in self.objects.values() for use in one.components)]
        return {use.path for use in uses if use.path}
