"""Finds the reader of a file by its content. Loads them all, and numpy: only who reads files imports this."""

from collections.abc import Callable
from pathlib import Path

from models3d.formats import bgcode, gcode, models, project, threemf
from models3d.formats.cleaning import cleaned
from models3d.formats.metadata import Kind, Metadata, Source, UnreadableFile
from models3d.formats.sniffing import kind_of as _kind_of

READERS: dict[Kind, Callable[[Source], Metadata]] = {
    Kind.GCODE: gcode.read,
    Kind.BGCODE: bgcode.read,
    Kind.GCODE_3MF: threemf.read,
    Kind.PROJECT_3MF: project.read,
    Kind.STL: models.read_stl,
}


def kind_of(path: Path) -> Kind:
    """What the file is by its content; UnreadableFile names it if it is nothing that we know."""
    try:
        return _kind_of(path)
    except OSError as error:
        raise UnreadableFile("The file could not be opened.") from error


def read(source: Source) -> Metadata:
    """All facts of a file; UnreadableFile tells a person why there are none."""
    kind = kind_of(source.path)
    try:
        return cleaned(READERS[kind](source))
    except OSError as error:
        raise UnreadableFile("The file could not be read to its end.") from error
