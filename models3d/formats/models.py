"""Models of one mesh that are not sliced yet: how large they are and what they look like."""

from models3d.formats import picture
from models3d.formats.camera import Extent
from models3d.formats.metadata import Kind, Metadata, Source, UnreadableFile
from models3d.formats.stl import NO_FACETS, Stl

SLICE_FIRST = "This is a model, not a sliced file: slice it first."
UNSOUND = "The model has corners that are not numbers, or that lie kilometres away. Export it again."
SMALL_MM, LARGE_MM = 2, 1000


def read_stl(source: Source) -> Metadata:
    """Size, triangles and picture of an STL; UnreadableFile if its triangles are not sound."""
    stl, extent, count = Stl(source.path), Extent(), 0
    for corners in stl.batches():
        extent.add(corners.reshape(-1, 3))
        count += len(corners)
    if not count:
        raise UnreadableFile(NO_FACETS)
    if not extent.is_sound:
        raise UnreadableFile(UNSOUND)
    thumbnail = picture.drawn(extent, stl.batches())
    place = "facets of the binary STL" if stl.is_binary else "facets of the text STL"
    origins = {"size_mm": f"{place}, taken as mm", "triangles": place}
    if stl.names:
        origins["objects"] = "solid"
    if thumbnail:
        origins["thumbnail"] = "drawn from the mesh"
    return Metadata(
        kind=Kind.STL,
        thumbnail=thumbnail,
        warnings=(SLICE_FIRST, *doubts(max(extent.size_mm))),
        origins=origins,
        size_mm=extent.size_mm,
        triangles=count,
        objects=tuple(stl.names),
    )


def doubts(largest_mm: float) -> list[str]:
    """What makes one wonder about the units of a model."""
    if largest_mm < SMALL_MM:
        return [
            f"The largest side is {largest_mm:g} mm: the model may be in inches or metres. Check its scale."
        ]
    if largest_mm > LARGE_MM:
        return [f"The largest side is {largest_mm:g} mm: the model may be in other units. Check its scale."]
    return []
