"""What prints took off their spools: as the printer measured, as the file says, or by how far they came."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from inventory.models import Spool, Usage
from jobs import following
from jobs.models import Print
from jobs.reaching import Reached, share_of, used_of
from models3d.library import add_model
from models3d.models import Plate
from models3d.spending import course_of
from printers.drivers.driver import MachineState, Outcome, Status
from printers.models import Reading
from tests.factories.models3d import read_all, upload

D, Kind = Decimal, Usage.Kind
PAIR = [(D(30), D(10_000)), (D(10), D(5_000))]
PLINTH = course_of([100.0, 50.0, 10.0, 10.0, 10.0, 10.0, 5.0, 5.0])


@pytest.fixture
def ending(shop):
    """Print until it is seen as `printing`, then end as the printer reports `after` of it."""

    def run(outcome, printing, after=None):
        shop.job()
        shop.started()
        seen = shop.report()
        told = {"outcome": None, "filament_used_mm": None, "progress": None, "layer": None, **printing}
        before = replace(seen, state=MachineState.PRINTING, **told)
        state = MachineState.ERROR if outcome is Outcome.FAILED else MachineState.FINISHED
        end = Status(state, outcome=outcome, job_key=seen.job_key, file=seen.file, **(after or {}))
        following.follow(shop.printer.pk, before)
        following.follow(shop.printer.pk, end, before)
        return Usage.objects.get()

    shop.machine.machine.speed = 1
    yield run
    shop.machine.machine.speed = 2000


def test_what_the_printer_measured_goes_before_what_the_file_says(ending):
    line = ending(Outcome.COMPLETED, {}, {"filament_used_mm": 1040.0})

    assert (line.grams, line.kind, line.extruder) == (D("13.00"), Kind.MEASURED, 0)


@pytest.mark.parametrize("fed_mm", [0.0, 40.0, 5000.0])
def test_a_counter_that_can_not_be_true_is_not_believed(ending, fed_mm):
    line = ending(Outcome.COMPLETED, {}, {"filament_used_mm": fed_mm})

    assert (line.grams, line.kind) == (D("12.50"), Kind.SLICED)


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.FAILED])
def test_a_print_cut_off_takes_what_the_printer_fed_by_then(ending, outcome):
    line = ending(outcome, {"filament_used_mm": 400.0}, {"filament_used_mm": 0.0, "progress": 0.0})

    assert (line.grams, line.kind) == (D("5.00"), Kind.MEASURED)
    assert Spool.objects.get().left_source == Spool.Source.PRINTED


def test_a_printer_that_forgets_its_progress_at_the_end_is_remembered(ending):
    line = ending(Outcome.CANCELLED, {"progress": 0.8})

    assert (line.grams, line.kind) == (D("10.00"), Kind.ESTIMATED)
    assert Spool.objects.get().left_source == Spool.Source.ESTIMATED
    assert Print.objects.get().progress == 0.8


def test_the_layer_tells_more_than_the_progress_where_the_files_layers_are_known(ending):
    Plate.objects.update(spent=PLINTH, layers=8)

    line = ending(Outcome.FAILED, {"progress": 0.2, "layer": 2, "layers": 8})

    # In the middle of the second of eight layers, but five eighths of the filament are gone.
    assert line.grams == D("7.81")
    assert line.kind == Kind.ESTIMATED


def test_the_readings_tell_how_far_it_came_while_the_server_was_away(ending, shop):
    shop.job()
    shop.started()
    shop.report()
    one = Print.objects.get()
    Reading.objects.create(printer=shop.printer, at=one.started_at + timedelta(minutes=2), progress=0.4)
    Reading.objects.create(printer=shop.printer, at=one.started_at - timedelta(hours=2), progress=0.9)
    known = shop.report()

    end = Status(MachineState.FINISHED, Outcome.CANCELLED, job_key=known.job_key, file=known.file)
    following.follow(shop.printer.pk, end)

    assert Usage.objects.get().grams == D("5.00")


def test_the_layer_of_a_printer_at_rest_is_not_taken_for_that_of_the_print(ending):
    Plate.objects.update(spent=PLINTH, layers=8)

    line = ending(Outcome.CANCELLED, {"progress": 0.1}, {"layer": 8, "layers": 8})

    assert line.grams == D("1.25")


def test_of_a_whole_plate_each_extruder_has_its_part_in_what_was_fed():
    used = used_of(PAIR, Reached(1.0, used_mm=15_300.0), 1.0, completed=True)

    assert used == [(D("30.60"), Kind.MEASURED), (D("10.20"), Kind.MEASURED)]


def test_of_several_extruders_cut_off_each_one_is_an_estimate():
    used = used_of(PAIR, Reached(0.5, used_mm=7_500.0), 0.5, completed=False)

    assert used == [(D("15.00"), Kind.ESTIMATED), (D("5.00"), Kind.ESTIMATED)]


def test_a_print_that_fed_nothing_takes_nothing():
    assert used_of(PAIR[:1], Reached(0.0, used_mm=0.0), 0.0, completed=False) == [(D(0), Kind.MEASURED)]


@pytest.mark.parametrize(
    ("reached", "share"),
    [(Reached(), 0.0), (Reached(0.4), 0.4), (Reached(7.0), 1.0), (Reached(-1.0), 0.0),
     (Reached(None, 5, 10), 0.45), (Reached(0.4, 5, 10), 0.4), (Reached(0.4, 0, 10), 0.4)],
)  # fmt: skip
def test_without_the_files_layers_the_share_is_the_progress(reached, share):
    assert share_of(reached, [], None) == pytest.approx(share)


@pytest.mark.parametrize("fed", [[], [1.0], [0.0, 0.0], [1.0, float("nan")], [1.0, -2.0], [1e9, 1.0]])
def test_layers_that_tell_nonsense_are_no_course(fed):
    assert course_of(fed) == []


def test_a_course_begins_with_nothing_and_ends_with_all():
    assert (PLINTH[0], PLINTH[-1], len(PLINTH)) == (0.0, 1.0, 101)
    assert sorted(PLINTH) == PLINTH


def test_a_read_file_knows_the_course_of_its_filament(acme, person, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    add_model(upload(), by=person("operator"))
    read_all()

    plate = Plate.objects.get()
    assert len(plate.spent) == 101
    # A cube: its bottom layers are denser than its middle, and half way up half of it is gone.
    assert plate.spent[50] == pytest.approx(0.5, abs=0.06)
    assert plate.spent[5] > 0.05
