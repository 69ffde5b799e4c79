"""Which loaded spool serves which filament of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from inventory.filament import distance, family, mass_of

MARGIN = 1.05
# Two colours closer than this (in RGB, of 441 at most) are the same to somebody who asked for one by name.
SAME_COLOR = 60.0


@dataclass(frozen=True, slots=True)
class FilamentNeed:
    """A filament the plate uses. `index` is the file's slot; `color` as sliced; `wished_color` must match.

    Where the file names a length and no `grams`, these are 0 and it weighs what the spool's filament does.
    `kind` is the maker's name of the filament, such as GFA00. A person may have chosen the printer's `slot`.
    """

    index: int
    material: str
    grams: float
    color: str = ""
    wished_color: str = ""
    spool_id: UUID | None = None
    length_mm: float = 0.0
    kind: str = ""
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class LoadedSlot:
    """A slot and what is in it; `grams_left` is None where no spool of ours is known to be in it."""

    index: int
    material: str = ""
    color: str = ""
    spool_id: UUID | None = None
    grams_left: float | None = None
    g_per_mm: float = float(mass_of(Decimal(1)))
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Loading:
    """Slots by need, and what is wrong. `matched` and `enough`: yes, no, or None where it can't be known."""

    slots: dict[int, LoadedSlot]
    matched: bool | None
    text: str = ""
    enough: bool | None = True
    short_text: str = ""

    def tray_map(self, filaments: int) -> tuple[int | None, ...]:
        """For each of the file's slots the printer's slot, None where the plate does not use it."""
        return tuple(self.slots[index].index if index in self.slots else None for index in range(filaments))


def suits(need: FilamentNeed, slot: LoadedSlot) -> bool:
    """Whether the slot can serve `need`, however much is left: the chosen one, or the right filament."""
    if need.slot is not None:
        return slot.index == need.slot
    return _is_right(need, slot)


def _is_right(need: FilamentNeed, slot: LoadedSlot) -> bool:
    """Whether what is in the slot is what the plate asks for."""
    if need.spool_id is not None:
        return slot.spool_id == need.spool_id
    if not slot.material or family(slot.material) != family(need.material):
        return False
    return not need.wished_color or (
        bool(slot.color) and distance(need.wished_color, slot.color) <= SAME_COLOR
    )


def assign(needs: Sequence[FilamentNeed], slots: Sequence[LoadedSlot]) -> Loading:
    """The slots that serve `needs`, each slot at most once, nearest colours first.

    Slots with enough left are preferred; where none has, the loading still names one, to say what is short.
    """
    if not needs:
        return Loading(
            {}, None, _("the file does not tell its filament"), None, _("unknown how much it takes")
        )
    nameless = [need for need in needs if not need.material and need.spool_id is None]
    if nameless and len(slots) != 1:
        return Loading(
            {}, None, _("the file does not name its material"), None, _("unknown which spool it takes")
        )
    if not any(slot.material or slot.spool_id for slot in slots):
        return Loading({}, None, _("it is not known what is loaded"), None, _("unknown how much is left"))
    found = _search(needs, slots)
    if found is None:
        return Loading({}, False, _missing(needs, slots), None, _("unknown without the right filament"))
    wrong = [need for need in needs if need.slot is not None and not _is_right(need, found[need.index])]
    if wrong and not nameless:
        return Loading(found, False, _chosen_wrong(wrong, found), *_enough(needs, found))
    if nameless:
        return Loading(found, None, _("the file does not name its material"), *_enough(needs, found))
    return Loading(found, True, "", *_enough(needs, found))


def _search(needs: Sequence[FilamentNeed], slots: Sequence[LoadedSlot]) -> dict[int, LoadedSlot] | None:
    """A bipartite matching by augmenting paths: a need may push an earlier one to its next choice."""
    taken: dict[int, FilamentNeed] = {}

    def place(need: FilamentNeed, tried: set[int]) -> bool:
        for at in _choices(need, slots):
            if at in tried:
                continue
            tried.add(at)
            if at not in taken or place(taken[at], tried):
                taken[at] = need
                return True
        return False

    if all(place(need, set()) for need in needs):
        return {need.index: slots[at] for at, need in taken.items()}
    return None


def _choices(need: FilamentNeed, slots: Sequence[LoadedSlot]) -> list[int]:
    """Places in `slots` that suit: with enough left first, then of the very kind, then by colour."""
    nameless = not need.material and need.spool_id is None
    fitting = [at for at, slot in enumerate(slots) if (nameless and need.slot is None) or suits(need, slot)]
    return sorted(
        fitting,
        key=lambda at: (
            not _covers(need, slots[at]),
            not (need.kind and need.kind == slots[at].kind),
            distance(need.color, slots[at].color),
        ),
    )


def _covers(need: FilamentNeed, slot: LoadedSlot) -> bool:
    takes_g = grams_taken(need, slot)
    return slot.grams_left is not None and takes_g > 0 and slot.grams_left >= takes_g * MARGIN


def grams_taken(need: FilamentNeed, slot: LoadedSlot) -> float:
    """Grams that `need` takes of what is in `slot`; 0 if the file does not tell."""
    return need.grams or need.length_mm * slot.g_per_mm


def _chosen_wrong(wrong: Sequence[FilamentNeed], found: dict[int, LoadedSlot]) -> str:
    words = _("slot %(slot)d has %(loaded)s, filament %(n)d wants %(wanted)s")
    return "; ".join(
        words
        % {
            "slot": found[need.index].index + 1,
            "loaded": found[need.index].material or _("nothing known"),
            "n": need.index + 1,
            "wanted": _("a certain spool") if need.spool_id else need.material,
        }
        for need in wrong
    )


def _missing(needs: Sequence[FilamentNeed], slots: Sequence[LoadedSlot]) -> str:
    wanted = ", ".join(
        " ".join(filter(None, (_("a certain spool") if need.spool_id else need.material, need.wished_color)))
        for need in needs
    )
    loaded = ", ".join(slot.material for slot in slots if slot.material) or _("nothing")
    return _("needs %(wanted)s, loaded is %(loaded)s") % {"wanted": wanted, "loaded": loaded}


def _enough(needs: Sequence[FilamentNeed], found: dict[int, LoadedSlot]) -> tuple[bool | None, str]:
    unknown = False
    for need in needs:
        slot = found[need.index]
        takes_g = grams_taken(need, slot)
        if takes_g <= 0:
            return None, _("unknown how much it takes")
        if slot.grams_left is None:
            unknown = True
        elif not _covers(need, slot):
            text = _("needs %(need).0f g, slot %(slot)d has %(left).0f g left")
            return False, text % {
                "need": takes_g * MARGIN,
                "slot": slot.index + 1,
                "left": slot.grams_left,
            }
    return (None, _("unknown how much is left on the spool")) if unknown else (True, "")
