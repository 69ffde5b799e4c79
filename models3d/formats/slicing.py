"""What Bambu Studio and OrcaSlicer found out by slicing, beside the G-code: slice_info.config of a 3MF."""

from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from models3d.formats.metadata import FilamentUse, PlateFacts
from models3d.formats.slicers import checks
from models3d.formats.slicers.comments import Found, Pairs
from models3d.formats.slicers.said import Said, color, numbers, truth

SLICE_INFO = "Metadata/slice_info.config"
MOST_SLOTS = 64
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Sliced:
    """What is said of one plate: its metadata by key, and its used filaments."""

    facts: dict[str, str] = field(default_factory=dict)
    filaments: tuple[FilamentUse, ...] = ()

    @property
    def pairs(self) -> Pairs:
        return {(key.lower(), "="): value for key, value in self.facts.items()}

    @property
    def leaves_bed(self) -> bool:
        return truth(self.facts.get("outside", "")) is True


def plates(root: Element | None) -> dict[int, Sliced]:
    """All plates by number."""
    found: dict[int, Sliced] = {}
    for element in root.iter("plate") if root is not None else ():
        facts = {item.get("key", ""): item.get("value", "") for item in element.iter("metadata")}
        index = facts.get("index", "")
        if index.isdecimal() and len(index) <= 4:
            uses = (_filament(item) for item in element.iter("filament"))
            found[int(index)] = Sliced(facts, tuple(use for use in uses if use is not None))
    return found


def merged(plate: PlateFacts, told: Sliced, said: Said) -> PlateFacts:
    """The slicer's result wins over the G-code's head and the settings; all slots are kept."""
    seconds = numbers(told.facts.get("prediction", ""))
    if seconds and 0 < seconds[0] < 1e8:
        plate = replace(plate, print_s=round(seconds[0]))
        said.note("print_s", _found("prediction"))
    if not told.filaments:
        return plate
    uses = {use.index: replace(use, used=False, grams=0.0, length_mm=0.0) for use in plate.filaments}
    coded = {use.index: use for use in plate.filaments}
    for use in told.filaments:
        uses[use.index] = _one(use, coded.get(use.index, FilamentUse(use.index)))
    said.note("filaments", _found("filament"))
    slots = range(max(uses) + 1)
    return replace(plate, filaments=tuple(uses.get(slot, FilamentUse(slot, used=False)) for slot in slots))


def warnings(sliced: dict[int, Sliced], found: list[PlateFacts]) -> list[str]:
    """What a person should know of the plates: of paths off the bed, of missing ones, of odd weights."""
    numbers_found = {plate.number for plate in found}
    said = [
        f"Plate {number}: the slicer says the tool path leaves the bed."
        for number in sorted(numbers_found)
        if number in sliced and sliced[number].leaves_bed
    ]
    missing = sorted(sliced.keys() - numbers_found)
    if missing:
        named = ", ".join(map(str, missing[:MOST_NAMED]))
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        which = f"plate {named}" if len(missing) == 1 else f"plates {named}{more}"
        said.append(f"The file names {which} but holds no G-code for it. Slice all plates and export again.")
    for plate in found:
        told = sliced.get(plate.number, Sliced()).facts.get("weight", "")
        differing = checks.weights(plate.filaments, next(iter(numbers(told)), None))
        said += [f"Plate {plate.number}: {text[0].lower()}{text[1:]}" for text in differing]
    return said


def _found(key: str) -> Found:
    return Found("", f"{SLICE_INFO}: {key}")


def _one(told: FilamentUse, slot: FilamentUse) -> FilamentUse:
    """What was used, with what the G-code knows of the slot; its amounts stand where none can be told."""
    # slice_info rounds to centimetres; the G-code's own length is kept where both mean the same.
    is_same = told.length_mm < 0 or abs(slot.length_mm - told.length_mm) <= 10
    return replace(
        slot,
        grams=slot.grams if told.grams < 0 else told.grams,
        length_mm=slot.length_mm if is_same else told.length_mm,
        material=told.material or slot.material,
        color=told.color or slot.color,
        bambu_id=told.bambu_id or slot.bambu_id,
        used=True,
    )


def _filament(item: Element) -> FilamentUse | None:
    """A used slot; an amount that is none is less than 0."""
    slot = item.get("id", "")
    if not slot.isdecimal() or len(slot) > 4 or not 1 <= int(slot) <= MOST_SLOTS:
        return None
    metres, grams = (next(iter(numbers(item.get(key, ""))), -1.0) for key in ("used_m", "used_g"))
    return FilamentUse(
        int(slot) - 1,
        grams,
        round(metres * 1000, 3),
        item.get("type", ""),
        color(item.get("color", "")),
        bambu_id=item.get("tray_info_idx", ""),
    )
