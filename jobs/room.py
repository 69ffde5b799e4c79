"""Whether what a plate prints has room on a bed. Pure; millimetres."""

from math import hypot

from django.utils.translation import gettext as _

from models3d.formats.metadata import Box
from printers.beds import BedForm
from printers.catalogue import find


def over_the_edge(
    box: Box, bed_mm: tuple[float, float, float], form: str = BedForm.CORNER, tolerance_mm: float = 0.5
) -> str:
    """How the box leaves the bed or its height, in words; empty if it does not."""
    if form == BedForm.ROUND:
        over = _over_the_rim(box, min(bed_mm[:2]) / 2, tolerance_mm)
        return over or _beyond("Z", box.max[2], bed_mm[2], tolerance_mm)
    for axis, low, high, size in zip("XYZ", box.min, box.max, bed_mm, strict=True):
        start = -size / 2 if form == BedForm.CENTRE and axis != "Z" else 0.0
        over = _beyond(axis, high, start + size, tolerance_mm)
        if not over and axis != "Z" and low < start - tolerance_mm:
            over = _reaches(axis, low, start)
        if over:
            return over
    return ""


def _beyond(axis: str, high: float, limit: float, tolerance_mm: float) -> str:
    return _reaches(axis, high, limit) if high > limit + tolerance_mm else ""


def _reaches(axis: str, reach: float, limit: float) -> str:
    words = _("it reaches %(axis)s %(reach).1f mm, the limit is %(size)g")
    return words % {"axis": axis, "reach": reach, "size": limit}


def _over_the_rim(box: Box, radius: float, tolerance_mm: float) -> str:
    """The corner that is farthest from the middle of a round bed decides."""
    far = max(hypot(x, y) for x in (box.min[0], box.max[0]) for y in (box.min[1], box.max[1]))
    if far <= radius + tolerance_mm:
        return ""
    words = _("it reaches %(reach).1f mm from the middle, the limit is %(size)g")
    return words % {"reach": far, "size": radius}


def in_the_corner(box: Box, model: str, tolerance_mm: float = 0.5) -> str:
    """Whether the box touches what machines of `model` keep free for themselves, in words."""
    known = find(model)
    if known is None or known.excluded_mm is None:
        return ""
    from_x, from_y, to_x, to_y = known.excluded_mm
    apart = (
        box.min[0] >= to_x - tolerance_mm
        or box.min[1] >= to_y - tolerance_mm
        or box.max[0] <= from_x + tolerance_mm
        or box.max[1] <= from_y + tolerance_mm
    )
    return "" if apart else _("it touches the corner that the printer keeps free")
