"""What can be printed of a file that was not read yet, at one glance at its beginning or its directory."""

from .formats.archive import Archive
from .formats.metadata import Kind
from .formats.sniffing import kind_of, plates_in
from .models import StoredFile
from .storing import path_of


def plates_at_a_glance(stored: StoredFile) -> list[int]:
    """The numbers of its plates, none if it is not sliced. UnreadableFile says what else it is."""
    with path_of(stored) as path:
        kind = kind_of(path)
        if kind is not Kind.GCODE_3MF:
            return [1] if kind in {Kind.GCODE, Kind.BGCODE} else []
        with Archive(path) as archive:
            return list(plates_in(archive.names))
