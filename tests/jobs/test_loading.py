"""Which loaded spool serves which filament."""

from uuid import UUID

from inventory.filament import distance, family
from jobs.loading import FilamentNeed, LoadedSlot, assign

RED, BLUE, WHITE = "#FF0000", "#0000FF", "#FFFFFF"


def test_varieties_are_one_family():
    assert {family(name) for name in ("PLA", "PLA+", "pla basic", "PLA-CF", "PLA (matte)")} == {"PLA"}
    assert family("PETG") != family("PET")


def test_colours_decide_between_spools_of_one_material():
    needs = (FilamentNeed(0, "PLA", 10, BLUE), FilamentNeed(1, "PLA", 10, RED))
    slots = (LoadedSlot(0, "PLA", RED, None, 500), LoadedSlot(1, "PLA", BLUE, None, 500))

    assert {index: slot.index for index, slot in assign(needs, slots).slots.items()} == {0: 1, 1: 0}


def test_one_slot_serves_one_filament():
    needs = (FilamentNeed(0, "PLA", 10), FilamentNeed(1, "PLA", 10))

    assert assign(needs, (LoadedSlot(0, "PLA", RED, None, 500),)).matched is False


def test_an_earlier_filament_makes_room_for_a_pickier_one():
    very_spool = UUID(int=3)
    needs = (FilamentNeed(0, "PLA", 10, RED), FilamentNeed(1, "PLA", 10, spool_id=very_spool))
    slots = (LoadedSlot(0, "PLA", RED, very_spool, 500), LoadedSlot(1, "PLA", WHITE, None, 500))

    assert {index: slot.index for index, slot in assign(needs, slots).slots.items()} == {0: 1, 1: 0}


def test_a_spool_with_enough_left_goes_before_a_nearer_colour():
    slots = (LoadedSlot(0, "PLA", RED, None, 5), LoadedSlot(1, "PLA", WHITE, None, 500))

    assert assign((FilamentNeed(0, "PLA", 10, RED),), slots).slots[0].index == 1


def test_unused_filaments_map_to_nothing():
    slots = (LoadedSlot(0, "PLA", RED, None, 500), LoadedSlot(1, "PETG", RED, None, 500))
    loading = assign((FilamentNeed(2, "PETG", 10),), slots)

    assert loading.tray_map(4) == (None, None, 1, None)


def test_sixteen_alike_against_fifteen_slots_is_decided_at_once():
    needs = tuple(FilamentNeed(index, "PLA", 1) for index in range(16))
    slots = tuple(LoadedSlot(index, "PLA", RED, None, 500) for index in range(15))

    assert assign(needs, slots).matched is False


def test_a_colour_that_is_not_known_is_no_distance():
    assert distance("", RED) == 0
    assert distance(RED, RED) == 0
    assert round(distance("#000000", WHITE)) == 442
