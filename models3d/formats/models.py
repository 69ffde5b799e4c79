"""Models that are not sliced yet: STL and 3MF projects. They are recognised, and can't be printed."""

from models3d.formats.metadata import Kind, Metadata, Source

SLICE_FIRST = "This is a model, not a sliced file: slice it first."


def read_stl(source: Source) -> Metadata:
    return Metadata(kind=Kind.STL, warnings=(SLICE_FIRST,))


def read_project(source: Source) -> Metadata:
    return Metadata(kind=Kind.PROJECT_3MF, warnings=(SLICE_FIRST,))
