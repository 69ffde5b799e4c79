"""Worker, gateway and Valkey killed again and again while prints are on their way: none twice, none lost."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import Chaos
from tests.running import eventually, started

from .conftest import Walk

RAGE_S, KILL_EVERY_S = 30, 4.0
RNG = random.Random(5)  # noqa: S311  # which program dies next is no secret


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    """A farm of its own: others' walks would not survive this."""
    with started("--demo") as demo:
        yield Chaos(demo)


@pytest.mark.timeout(400)
def test_killed_programs_start_nothing_twice_and_lose_nothing(chaos: Chaos, tmp_path: Path):
    for kind in ("Voron", "Mini"):
        walk = Walk(chaos.demo, tmp_path, kind, minutes=3)
        walk.upload()
        walk.choose_printer()
        walk.order(target={"any": True}, copies=6)

    chaos.rage(RAGE_S, ("worker", "gateway", "valkey"), RNG, KILL_EVERY_S)

    before = len(chaos.starts())

    def goes_on() -> bool:
        chaos.clear_plates()
        return len(chaos.starts()) > before

    assert chaos.kills.total() >= 5
    eventually(goes_on, within_s=120, every_s=1.0)
    found = chaos.count()
    assert found.starts > 0
    assert found.faults == [], found
