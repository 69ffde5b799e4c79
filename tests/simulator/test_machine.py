"""The simulated machine's own rules, with a clock that the test turns."""

from pathlib import Path

import pytest

from simulator.faults import Faults
from simulator.printer import Machine, Phase, Refusal, Spool
from simulator.profiles import PROFILES
from simulator.sliced import Sliced

PART = Sliced(duration_s=600, layers=60, grams=100.0, length_mm=33000)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def machine(clock: Clock, tmp_path: Path) -> Machine:
    """A P1S, whose preparation takes 120 s."""
    return Machine("one", PROFILES["p1s"], tmp_path, clock=clock)


def test_a_print_heats_prints_layers_and_finishes(machine: Machine, clock: Clock) -> None:
    machine.start("a.gcode.3mf", PART)
    seen = []
    for seconds in (60, 60, 300, 300):
        clock.now += seconds
        machine.advance()
        seen.append((machine.phase, machine.run.layer if machine.run else 0))

    assert seen == [(Phase.PREPARING, 0), (Phase.PRINTING, 0), (Phase.PRINTING, 31), (Phase.FINISHED, 60)]
    assert machine.nozzle_c > 100


def test_speed_makes_time_pass_faster(clock: Clock, tmp_path: Path) -> None:
    machine = Machine("one", PROFILES["p1s"], tmp_path, speed=720, clock=clock)
    machine.start("a.gcode.3mf", PART)

    clock.now += 1
    machine.advance()

    assert machine.phase is Phase.FINISHED


def test_the_end_is_when_it_was_and_not_when_somebody_looked(machine: Machine, clock: Clock) -> None:
    run = machine.start("a.gcode.3mf", PART)

    clock.now += 720 + 50
    machine.advance()

    assert run.ended_at is not None
    assert run.started_at - 51 < run.ended_at < run.started_at - 49


def test_a_paused_print_waits(machine: Machine, clock: Clock) -> None:
    machine.start("a.gcode.3mf", PART)
    clock.now += 420
    machine.pause()

    clock.now += 5000
    machine.advance()
    machine.resume()

    assert machine.phase is Phase.PRINTING
    assert machine.run
    assert machine.run.remaining_s == 300


def test_a_start_on_a_full_plate_prints_on_and_counts_a_collision(machine: Machine) -> None:
    machine.start("a.gcode.3mf", PART)
    machine.cancel()

    machine.start("b.gcode.3mf", PART)

    assert machine.collisions == 1
    assert [start.plate_was_full for start in machine.starts] == [False, True]
    assert machine.phase is Phase.PREPARING


def test_a_cleared_plate_takes_the_next_print_without_collision(machine: Machine) -> None:
    machine.start("a.gcode.3mf", PART)
    with pytest.raises(Refusal):
        machine.clear_plate()
    machine.cancel()

    machine.clear_plate()
    machine.start("b.gcode.3mf", PART)

    assert machine.collisions == 0


def test_a_print_that_ran_out_of_filament_resumes_only_with_new(machine: Machine) -> None:
    machine.start("a.gcode.3mf", PART)
    machine.run_out()
    with pytest.raises(Refusal):
        machine.resume()

    machine.refill()
    machine.resume()

    assert machine.phase is Phase.PREPARING


def test_a_reboot_forgets_the_print_but_not_the_part(machine: Machine) -> None:
    run = machine.start("a.gcode.3mf", PART)

    machine.reboot()

    assert (machine.phase, machine.run, machine.plate_full) == (Phase.IDLE, None, True)
    assert run.end == "klippy_disconnect"


def test_a_print_takes_its_grams_from_its_slots(machine: Machine, clock: Clock) -> None:
    machine.slots = {0: Spool("PLA", "#FFFFFF", 0.5), 1: Spool("PLA", "#000000", 0.03)}
    machine.start("a.gcode.3mf", PART, slots=(0, 1))

    clock.now += 1000
    machine.advance()

    assert machine.slots[0]
    assert machine.slots[1]
    assert (machine.slots[0].remain, machine.slots[1].remain) == (pytest.approx(0.45), 0.0)


def test_faults_count_down_and_are_mended() -> None:
    faults = Faults()
    faults.order(drop_next=1, delay_s=2)

    assert [faults.take("drop_next"), faults.take("drop_next")] == [True, False]

    faults.mend()
    assert faults == Faults()


def test_a_fault_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        Faults().order(gremlins=1)


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
def test_an_idle_machine_has_nothing_to_order(machine: Machine, act: str) -> None:
    with pytest.raises(Refusal):
        getattr(machine, act)()
