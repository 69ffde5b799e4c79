"""Reads a model part of a 3MF as a stream: hundreds of megabytes of mesh become arrays, never a tree."""

import re
from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar
from xml.parsers.expat import ExpatError, ParserCreate

import numpy as np
import numpy.typing as npt

from models3d.formats.meshtext import Table, table
from models3d.formats.metadata import UnreadableFile
from models3d.formats.modelparts import SAME, Matrix, Mesh, ModelObject, Part, Use
from models3d.formats.streaming import Stream

BLOCK_BYTES = 512 * 1024
# So much without one tag is no model, and the parser would have to hold it all.
LONGEST_TOKEN_BYTES = 8 * 1024 * 1024
DEEPEST, MOST_OBJECTS, MOST_USES = 64, 20_000, 100_000
MOST_FACTS, LONGEST_FACT, MOST_COLORS = 64, 4000, 64
ROWS_AT_ONCE = 64 * 1024
LISTS = re.compile(rb"<(?:vertices|triangles)\s*>")
ELEMENTS = {"vertices": b"vertex", "triangles": b"triangle"}
UNIT_MM = {
    "micron": 0.001, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8, "meter": 1000.0
}  # fmt: skip
LONGEST_UNIT = 40
# With these the core's geometry means what it says: production, materials, triangle sets, slicers' own.
KNOWN = re.compile(
    r"http://schemas\.microsoft\.com/3dmanufacturing/(?:core|production|material|trianglesets)/.*"
    r"|http://schemas\.(?:bambulab\.com|slic3r\.org)/.*"
)
HUGE = "{} in the archive is larger than any slicer writes."

Number = TypeVar("Number", np.float64, np.int32)
Attributes = dict[str, str]


class _Rows(Generic[Number]):
    """Rows of three numbers that come one by one or thousands at once."""

    def __init__(self, kind: type[Number]) -> None:
        self._kind: type[Number] = kind
        self._parts: list[npt.NDArray[Number]] = []
        self._few: list[list[float]] = []

    def add(self, row: list[float]) -> None:
        self._few.append(row)
        if len(self._few) >= ROWS_AT_ONCE:
            self._flush()

    def extend(self, rows: Table) -> None:
        """ValueError if whole numbers are wanted and these are none."""
        self._flush()
        if self._kind is np.int32 and not ((rows >= 0) & (rows < 2**31)).all():
            raise ValueError
        self._parts.append(rows.astype(self._kind))

    def joined(self) -> npt.NDArray[Number]:
        self._flush()
        return np.concatenate([np.empty((0, 3), self._kind), *self._parts])

    def _flush(self) -> None:
        few, self._few = self._few, []
        if few:
            self.extend(np.array(few, np.float64))


class ModelReader:
    """Reads one part; `name` is for messages. DTDs and entities are refused before they do anything."""

    def __init__(self, name: str) -> None:
        self.part = Part()
        self._name = name
        self._open: list[str] = []
        self._object: Attributes = {}
        self._components: list[Use] = []
        self._vertices, self._triangles = _Rows(np.float64), _Rows(np.int32)
        self._mesh: Mesh | None = None
        self._uses = 0
        self._fact, self._words = "", [""]
        self._fed, self._last, self._last_opens, self._is_clean = 0, 0, False, False
        self._starts: dict[str, Callable[[Attributes], None]] = {
            "vertex": self._take_vertex, "triangle": self._take_triangle, "component": self._take_component,
            "object": self._begin_object, "item": self._take_item, "metadata": self._begin_fact,
            "base": self._take_color, "model": self._take_head,
        }  # fmt: skip
        self._ends = {"mesh": self._end_mesh, "object": self._end_object, "metadata": self._end_fact}
        self._parser = ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._parser.ExternalEntityRefHandler = self._refuse

    def read(self, stream: Stream) -> Part:
        """What the part holds; UnreadableFile if it is not sound."""
        rest = b""
        try:
            while data := stream.read(BLOCK_BYTES):
                rest += data
                cut = rest.rfind(b">") + 1
                self._take(rest[:cut])
                rest = rest[cut:]
                if max(len(rest), self._fed - self._last) > LONGEST_TOKEN_BYTES:
                    raise UnreadableFile(HUGE.format(self._name))
            self._parser.Parse(rest, True)
        except (ExpatError, LookupError) as error:
            raise self._unsound("is not sound XML") from error
        except (ValueError, OverflowError) as error:
            raise self._unsound("has numbers that are none") from error
        return self.part

    def _take(self, data: bytes) -> None:
        """Feed what ends with a tag's end, but for lists of plain numbers, which need no parser.

        They are left out only right behind the tag that opens their list, where any plain elements may
        stand; so the parser sees a sound document whatever is left out.
        """
        at = 0
        while at < len(data):
            if not self._is_clean:
                found = LISTS.search(data, at)
                stop = found.end() if found else len(data)
                self._feed(data[at:stop])
                at = stop
                continue
            end = data.find(b"</", at)
            end = len(data) if end < 0 else end
            rows = table(data[at:end], ELEMENTS[self._open[-1]])
            if rows is None:
                self._feed(data[at:end])
            else:
                (self._vertices if self._open[-1] == "vertices" else self._triangles).extend(rows)
            at = data.find(b">", end) + 1 or len(data)
            self._feed(data[end:at])

    def _feed(self, data: bytes) -> None:
        if not data:
            return
        base = self._fed
        self._fed += len(data)
        self._parser.Parse(data)
        rest = data[max(0, self._last - base) :] if self._last >= base else b"?"
        # Clean is only the place right behind the last tag seen, which closes with the data's only ">" left.
        behind = not rest or (rest.count(b">") == 1 and (self._last_opens or rest.startswith(b"</")))
        self._is_clean = behind and data.endswith(b">") and bool(self._open) and self._open[-1] in ELEMENTS

    def _start(self, name: str, attributes: Attributes) -> None:
        self._last, self._last_opens = self._parser.CurrentByteIndex, True
        local = _local(name)
        self._open.append(local)
        if len(self._open) > DEEPEST:
            raise self._unsound("is nested deeper than any slicer writes")
        take = self._starts.get(local)
        if take is not None:
            take(attributes)

    def _end(self, name: str) -> None:
        # Of an empty element this is the place behind it.
        self._last, self._last_opens = self._parser.CurrentByteIndex, False
        finish = self._ends.get(self._open.pop())
        if finish is not None:
            finish()

    def _text(self, text: str) -> None:
        if self._fact and len(self._words) < LONGEST_FACT:
            self._words.append(text[:LONGEST_FACT])

    def _refuse(self, *_: object) -> NoReturn:
        raise self._unsound("is not sound XML")

    def _unsound(self, what: str) -> UnreadableFile:
        return UnreadableFile(f"{self._name} in the archive {what}. Export it again.")

    def _take_head(self, attributes: Attributes) -> None:
        unit = attributes.get("unit", "millimeter")
        self.part.unit_mm = UNIT_MM.get(unit, 1.0)
        self.part.strange_unit = "" if unit in UNIT_MM else unit[:LONGEST_UNIT].strip() or "none"
        spaces = {name.removeprefix("xmlns:"): value for name, value in attributes.items() if ":" in name}
        for prefix in attributes.get("requiredextensions", "").split()[:DEEPEST]:
            if not KNOWN.fullmatch(spaces.get(prefix, prefix)):
                self.part.unknown.append(spaces.get(prefix, prefix))

    def _begin_object(self, attributes: Attributes) -> None:
        if len(self.part.objects) >= MOST_OBJECTS:
            raise UnreadableFile(HUGE.format(self._name))
        self._object, self._components, self._mesh = attributes, [], None

    def _take_vertex(self, attributes: Attributes) -> None:
        self._vertices.add([float(attributes.get(axis, "")) for axis in "xyz"])

    def _take_triangle(self, attributes: Attributes) -> None:
        self._triangles.add([float(attributes.get(corner, "")) for corner in ("v1", "v2", "v3")])

    def _end_mesh(self) -> None:
        self._mesh = Mesh(self._vertices.joined(), self._triangles.joined())
        self._vertices, self._triangles = _Rows(np.float64), _Rows(np.int32)
        if self._mesh.triangles.max(initial=-1) >= len(self._mesh.vertices):
            raise self._unsound("has a triangle whose corner is missing")

    def _take_component(self, attributes: Attributes) -> None:
        self._components.append(self._use(attributes))

    def _end_object(self) -> None:
        name = self._object.get("name", "")
        found = ModelObject(name, self._mesh, tuple(self._components))
        self.part.objects[self._object.get("id", "")] = found

    def _take_item(self, attributes: Attributes) -> None:
        self.part.items.append(self._use(attributes))

    def _use(self, attributes: Attributes) -> Use:
        self._uses += 1
        if self._uses > MOST_USES:
            raise UnreadableFile(HUGE.format(self._name))
        named = {_local(name): value for name, value in attributes.items()}
        printed = named.get("printable", "1").strip().lower() not in ("0", "false")
        path = named.get("path", "").lstrip("/")
        return Use(named.get("objectid", ""), _matrix(named.get("transform", "")), path, printed)

    def _take_color(self, attributes: Attributes) -> None:
        if len(self.part.colors) < MOST_COLORS:
            self.part.colors.append(attributes.get("displaycolor", ""))

    def _begin_fact(self, attributes: Attributes) -> None:
        ours = len(self._open) == 2 and len(self.part.facts) < MOST_FACTS
        self._fact, self._words = attributes.get("name", "") if ours else "", []

    def _end_fact(self) -> None:
        text = "".join(self._words)[:LONGEST_FACT]
        # A name may be there twice; what is empty says nothing.
        if self._fact and text.strip():
            self.part.facts.setdefault(self._fact, text)
        self._fact = ""


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _matrix(text: str) -> Matrix:
    """ValueError unless it is empty or twelve finite numbers."""
    if not text.strip():
        return SAME
    matrix = np.array(list(map(float, text.split())), np.float64).reshape(4, 3)
    if not np.isfinite(matrix).all():
        raise ValueError
    return matrix
