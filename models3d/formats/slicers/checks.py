"""Compares what a slicer says with what its file does: the moves decide, and a person is told."""

from models3d.formats.metadata import Box, FilamentUse
from models3d.formats.moves import Reach
from models3d.formats.slicers.said import Said

# Less than this is no difference. Cura tells the box of all it prints, others the model's without a skirt.
NEAR_MM = 2.0
SKIRT_MM = 30.0
NEAR_SHARE, NEAR_G = 0.02, 0.5
NEAR_LAYERS = 10
OFF_BED_MM = 0.5
BEYOND = "The moves reach {} {:.1f} mm, but the file says {}. The moves are believed."


def compare(said: Said, reach: Reach) -> list[str]:
    """Sentences on what does not agree; takes the layers from their marks where the count can't be right."""
    warnings = []
    around_mm = NEAR_MM if said.slicer == "Cura" else SKIRT_MM
    if said.told_box and reach.bare and not reach.estimated and _differ(said.told_box, reach.bare, around_mm):
        warnings.append(
            f"{said.slicer} says the print is {_size(said.told_box)} mm, but its moves fill "
            f"{_size(reach.bare)} mm; the moves count."
        )
    # Cura counts a group of models at a time, and other programs change its files without counting again.
    if said.slicer == "Cura" and said.layers is not None and _is_far(said.layers, reach.layers):
        warnings.append(
            f"The file says it has {said.layers} layers but marks {reach.layers}; the marks count."
        )
        said.layers = None
    if reach.bare and not reach.estimated:
        warnings += _off_bed(said, reach.bare)
    warnings += weights(said.filaments, said.told_g)
    return warnings


def weights(filaments: tuple[FilamentUse, ...], told_g: float | None) -> list[str]:
    """A sentence if the filaments' weights don't add up to what the file tells for all of them."""
    total = sum(use.grams for use in filaments if use.used)
    if not told_g or total <= 0:
        return []
    difference = abs(total - told_g)
    if difference <= NEAR_G or difference <= NEAR_SHARE * max(total, told_g):
        return []
    return [f"The file says it needs {told_g:.2f} g in all, but its filaments add up to {total:.2f} g."]


def _off_bed(said: Said, moved: Box) -> list[str]:
    """Sentences on each side where the moves extrude beyond the bed that the file tells of."""
    found = []
    if said.bed_sides_mm:
        for place, side in enumerate(said.bed_sides_mm):
            axis, is_end = place % 2, place >= 2
            at = (moved.max if is_end else moved.min)[axis]
            if (at - side if is_end else side - at) > OFF_BED_MM:
                where = f"its bed {'ends' if is_end else 'begins'} at {side:g}"
                found.append(BEYOND.format("XY"[axis], at, where))
    if said.bed_mm and moved.max[2] - said.bed_mm[2] > OFF_BED_MM:
        found.append(BEYOND.format("Z", moved.max[2], f"its printer is {said.bed_mm[2]:g} mm high"))
    return found


def _is_far(told: int, marked: int) -> bool:
    difference = abs(told - marked)
    return marked > 0 and difference > NEAR_LAYERS and difference > 0.1 * marked


def _differ(told: Box, moved: Box, around_mm: float) -> bool:
    """Whether the moves leave a part of the told box empty, or go farther than `around_mm` beyond it."""
    pairs = [*zip(told.min, moved.min, strict=True)]
    pairs += [(-told_mm, -moved_mm) for told_mm, moved_mm in zip(told.max, moved.max, strict=True)]
    return any(not told_mm - around_mm <= moved_mm <= told_mm + NEAR_MM for told_mm, moved_mm in pairs)


def _size(box: Box) -> str:
    return " × ".join(f"{high - low:.1f}" for low, high in zip(box.min, box.max, strict=True))
