"""The masks say what the gates say, for any needs and machines."""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from jobs.classes import Classes, members
from jobs.gates import Machine, Needs, blocking, fit
from jobs.loading import FilamentNeed, LoadedSlot
from models3d.formats.metadata import Box
from printers.drivers.driver import MachineState

MODELS = (
    "Voron 2.4 250",
    "Voron 2.4 250",
    "Voron 2.4 250",
    "Bambu Lab P1S",
    "Bambu Lab X1 Carbon",
    "",
    "Homemade",
)
SMALL = Box((10, 10, 0), (100, 100, 20))
NOZZLES = (None, 0.4, 0.4, 0.6)
BED = (250, 250, 230)
MATERIALS = ("PLA", "PLA", "PLA+", "PETG", "PETG", "PA-CF", "")


def machine(at: int, random: Random) -> Machine:
    slots = tuple(
        LoadedSlot(
            index, random.choice(MATERIALS), random.choice(("#FF8000", "#000000", "")),
            UUID(int=500 + at * 4 + index) if random.random() < 0.7 else None,
            random.choice((None, 5.0, 200.0, 1000.0)),
        )
        for index in range(random.choice((0, 1, 2, 4)))
    )  # fmt: skip
    return Machine(
        id=UUID(int=at + 1), name=f"P{at}", model=random.choice(MODELS),
        formats=frozenset({random.choice(("gcode", "gcode", "gcode.3mf"))}),
        bed_mm=random.choice((None, BED, BED, (120, 120, 120))), nozzle_mm=random.choice(NOZZLES),
        hardened=random.random() < 0.5, tags=frozenset({UUID(int=900 + at % 2)}), slots=slots, usable=True,
        plate="clear", held=False, auto_queue=True, state=MachineState.IDLE,
    )  # fmt: skip


def need(index: int, random: Random) -> FilamentNeed:
    return FilamentNeed(
        index, random.choice(MATERIALS), random.choice((0.0, 4.0, 190.0, 952.0)),
        random.choice(("#FF8000", "")), random.choice(("", "", "#FF8000")),
        UUID(int=500 + random.randint(0, 40)) if random.random() < 0.1 else None,
        random.choice((0.0, 1000.0, 90_000.0)),
    )  # fmt: skip


def needs(random: Random) -> Needs:
    return Needs(
        kind=random.choice(("gcode", "gcode", "gcode.3mf")),
        models=random.choice(((), *[("Voron 2.4 250",)] * 4, ("Bambu Lab P1S",), ("Homemade",))),
        nozzles_mm=random.choice(((), (0.4,), (0.4,), (0.4,), (0.6,))),
        box=random.choice((None, SMALL, SMALL, Box((0, 0, 0), (200, 200, 20)))),
        box_estimated=random.random() < 0.2,
        filaments=tuple(need(index, random) for index in range(random.choice((0, 1, 1, 1, 2, 3)))),
        printer_id=UUID(int=random.randint(1, 40)) if random.random() < 0.1 else None,
        tag_id=UUID(int=900) if random.random() < 0.1 else None,
        model=random.choice(("", "", "", "Voron 2.4 250")),
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_mask_has_the_machines_that_every_gate_lets_print(seed):
    random = Random(seed)  # noqa: S311  # the same cases every time
    found = [machine(at, random) for at in range(40)]
    classes, easy = Classes(found), 0

    for _n in range(300):
        asked = needs(random)
        expected = [at for at, one in enumerate(found) if not blocking(fit(asked, one))]
        easy += bool(expected)

        assert list(members(classes.able(asked))) == expected, asked

    assert easy > 5


def test_a_pair_that_shares_one_slot_between_two_filaments_does_not_fit():
    random = Random(1)  # noqa: S311
    slots = (
        LoadedSlot(0, "PLA", "#FF8000", UUID(int=1), 900.0),
        LoadedSlot(1, "PETG", "", UUID(int=2), 900.0),
    )
    one = replace(machine(0, random), slots=slots, formats=frozenset({"gcode"}), model=MODELS[0],
                  bed_mm=(250, 250, 230), nozzle_mm=0.4)  # fmt: skip
    twice = Needs(
        kind="gcode", models=(MODELS[0],), nozzles_mm=(0.4,), box=Box((10, 10, 0), (100, 100, 20)),
        filaments=(FilamentNeed(0, "PLA", 5.0), FilamentNeed(1, "PLA", 5.0)),
    )  # fmt: skip

    assert Classes([one]).able(replace(twice, filaments=twice.filaments[:1])) == 1
    assert Classes([one]).able(twice) == 0


def test_the_closest_machine_is_one_with_the_least_against_it():
    random = Random(3)  # noqa: S311
    found = [machine(at, random) for at in range(8)]
    asked = replace(needs(random), printer_id=None, tag_id=None, model="")
    least = min(len(blocking(fit(asked, one))) for one in found)

    _machine, gates = Classes(found).closest(asked) or (None, [])

    assert len(gates) <= least + 2
    assert gates == blocking(fit(asked, _machine))
