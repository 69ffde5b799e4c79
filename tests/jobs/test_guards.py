"""What keeps a job from starting by itself: each guard at the match, the claim and right before the start."""

import pytest

from audit.models import Entry
from inventory.models import Spool
from jobs import by_hand, following, planning, staging, starting
from jobs.gates import Verdict
from jobs.models import Job
from orgs.models import Org
from printers import failures, plates
from printers.drivers.driver import Fault, MachineState, Outcome, Status
from printers.models import Printer
from stations.models import Dispatch, DispatchState, Plate, Station

S, M = DispatchState, MachineState


def printer_is(shop, **fields):
    Printer.objects.filter(pk=shop.printer.pk).update(**fields)


def plate_is(shop, plate):
    Station.objects.filter(pk=shop.printer.pk).update(plate=plate)


def org_is(shop, **fields):
    """In the database alone: who holds a link has an old copy of the organisation."""
    Org.objects.update(**fields)


def revision_is(shop, **fields):
    type(shop.revision).objects.filter(pk=shop.revision.pk).update(**fields)


def abrasive(shop):
    revision_is(shop, metadata={**shop.revision.metadata, "abrasive": True})


def filament_is(shop, material):
    type(shop.spool.filament).objects.update(material=material)


def left(shop, grams):
    Spool.objects.filter(pk=shop.spool.pk).update(used_g=1000 - grams)


# What goes wrong, and the words for it.
SPOILED = {
    "kind": (lambda shop: revision_is(shop, kind="gcode.3mf"), "it prints .gcode, not .gcode.3mf"),
    "model": (lambda shop: printer_is(shop, model="Prusa MK4"), "sliced for Voron 2.4 250, this is a"),
    "bed": (lambda shop: printer_is(shop, bed_x_mm=100), "it reaches X 120.0 mm, the limit is 100"),
    "nozzle": (lambda shop: printer_is(shop, nozzle_mm=0.6), "sliced for a nozzle of 0.4 mm, it has 0.6"),
    "abrasive": (abrasive, "abrasive filament needs a hardened nozzle"),
    "material": (lambda shop: filament_is(shop, "PETG"), "needs PLA, loaded is PETG"),
    "enough": (lambda shop: left(shop, 13), "needs 13 g, slot 1 has 13 g left"),
    "usable": (lambda shop: printer_is(shop, enabled=False), "it is disabled or out of service"),
    "service": (lambda shop: printer_is(shop, out_of_service_reason="Belt"), "it is disabled or out of"),
    "failures": (lambda shop: failures.note_failed(shop.printer.pk), "it is held: the last print failed"),
    "printer": (lambda shop: printer_is(shop, auto_queue=False), "starting by itself is off for Voron 1"),
    "job": (lambda shop: Job.objects.update(auto_start=False), "starting by itself is off for this job"),
    "org": (lambda shop: org_is(shop, auto_queue=False), "starting by itself is off for the organisation"),
}  # fmt: skip


@pytest.fixture(params=SPOILED)
def spoiled(request, shop):
    """Spoils one thing; the answer is what is said of it."""
    spoil, words = SPOILED[request.param]

    def act():
        spoil(shop)
        return words

    return act


def note_of(dispatch) -> tuple[str, str]:
    now = Dispatch.objects.get(pk=dispatch.pk)
    return now.state, now.note


def test_guard_forbids_the_plan_and_says_why(shop, spoiled, acme):
    job = shop.job()
    words = spoiled()
    acme.refresh_from_db()

    planning.match()

    assert not Dispatch.objects.exists()
    job.refresh_from_db()
    assert words in job.why_not


def test_guard_forbids_the_claim_and_says_why(shop, spoiled):
    shop.job()
    dispatch = shop.planned()
    staging.stage(dispatch.pk)
    words = spoiled()

    starting.claim(dispatch.pk)

    state, note = note_of(dispatch)
    assert state == S.DROPPED
    assert note.startswith(words)
    assert shop.station.hold is None


@pytest.mark.parametrize("plate", [Plate.UNKNOWN, Plate.OCCUPIED])
def test_no_start_on_a_plate_that_is_not_clear(shop, plate):
    shop.job()
    dispatch = shop.held()
    plate_is(shop, plate)

    starting.start_polled(dispatch.pk)

    assert note_of(dispatch) == (S.DROPPED, "its plate is not confirmed clear")
    assert shop.machine.machine.starts == []


def test_guard_forbids_the_start_and_says_why(shop, spoiled):
    shop.job()
    dispatch = shop.held()
    words = spoiled()

    starting.start_polled(dispatch.pk)

    state, note = note_of(dispatch)
    assert state == S.DROPPED
    assert note.startswith(words)
    assert shop.machine.machine.starts == []
    assert shop.station.hold is None


def test_fault_that_the_printer_reports_forbids_the_start(shop):
    shop.job()
    dispatch = shop.held()

    order = starting.authorise(dispatch.pk, Status(M.IDLE, faults=(Fault("1", "Bed is cold"),)))

    assert order is None
    assert note_of(dispatch) == (S.DROPPED, "Bed is cold")


@pytest.mark.parametrize("tolerance_mm", [0, 2.5])
def test_each_printer_has_its_own_tolerance(shop, tolerance_mm):
    printer_is(shop, bed_x_mm=118, bed_tolerance_mm=tolerance_mm)

    found = {gate.name: gate.verdict for gate in by_hand.checks(shop.job(), shop.printer.pk)}

    assert found["bed"] is (Verdict.PASS if tolerance_mm else Verdict.FAIL)


def test_person_overrides_the_hold_after_failures_with_a_reason(shop):
    job = shop.job()
    failures.note_failed(shop.printer.pk)

    with pytest.raises(by_hand.NeedsReason, match="it is held: the last print failed"):
        by_hand.start(job, shop.printer.pk)
    dispatch = by_hand.start(job, shop.printer.pk, "nozzle changed")
    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)

    assert note_of(dispatch)[0] == S.HELD
    assert Entry.objects.get(action="job.start_by_hand").after["overridden"] == ["failures"]


def ended(shop, outcome) -> Dispatch:
    """A print that has ended so, by the printer's own report."""
    dispatch = shop.started()
    shop.wait_for(lambda status: status.state in {M.PREPARING, M.PRINTING, M.FINISHED})
    if outcome is not Outcome.COMPLETED:
        dispatch.refresh_from_db()
        status = Status(M.ERROR, outcome, job_key=dispatch.job_key, file=dispatch.remote_name)
        following.follow(shop.printer.pk, status)
        return dispatch
    shop.wait_for(lambda status: status.outcome is Outcome.COMPLETED)
    return dispatch


@pytest.fixture
def slow(shop):
    shop.machine.machine.speed = 1
    yield shop
    shop.machine.machine.speed = 2000


def test_failed_print_holds_its_printer(slow):
    slow.job()

    ended(slow, Outcome.FAILED)

    assert Printer.objects.get(pk=slow.printer.pk).held_after == 1


def test_cancelled_print_is_no_failure(slow):
    slow.job()

    ended(slow, Outcome.CANCELLED)

    assert Printer.objects.get(pk=slow.printer.pk).failed_in_row == 0


def test_ejector_clears_its_plate_after_a_completed_print(shop):
    printer_is(shop, ejects=True)
    shop.job()
    before = shop.station.plate_epoch

    ended(shop, Outcome.COMPLETED)

    assert (shop.station.plate, shop.station.plate_epoch) == (Plate.CLEAR, before + 2)
    entry = Entry.objects.filter(action="printer.plate_cleared").order_by("pk").last()
    assert (entry.actor, entry.via) == ("ejector", "ejector")


def test_next_job_starts_on_a_plate_that_was_ejected(shop):
    printer_is(shop, ejects=True)
    first, second = shop.job(), shop.job()
    ended(shop, Outcome.COMPLETED)
    shop.machine.clear_plate()

    shop.started()
    shop.wait_for(lambda status: status.outcome is Outcome.COMPLETED)

    assert {Job.objects.get(pk=job.pk).state for job in (first, second)} == {"completed"}


def test_without_the_setting_a_completed_print_stays_on_the_plate(shop):
    shop.job()

    ended(shop, Outcome.COMPLETED)

    assert shop.station.plate == Plate.OCCUPIED


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_ejector_is_not_believed_after_a_print_that_went_wrong(slow, outcome):
    printer_is(slow, ejects=True)
    slow.job()

    ended(slow, outcome)

    assert slow.station.plate == Plate.OCCUPIED


def test_ejector_is_not_believed_where_only_the_history_tells_of_the_end(slow):
    printer_is(slow, ejects=True)
    slow.job()
    dispatch = ended_not(slow)

    following.end(slow.station, dispatch, Outcome.COMPLETED, None)

    assert slow.station.plate == Plate.OCCUPIED


def ended_not(shop) -> Dispatch:
    dispatch = shop.started()
    shop.wait_for(lambda status: status.state in {M.PREPARING, M.PRINTING})
    dispatch.refresh_from_db()
    return dispatch


def test_ejector_is_not_believed_where_something_happened_to_the_plate_meanwhile(slow):
    printer_is(slow, ejects=True)
    slow.job()
    dispatch = ended_not(slow)
    plates.occupied(slow.printer.pk)

    status = Status(M.FINISHED, Outcome.COMPLETED, job_key=dispatch.job_key, file=dispatch.remote_name)
    following.follow(slow.printer.pk, status)

    assert Job.objects.get().state == "completed"
    assert slow.station.plate == Plate.OCCUPIED


def test_job_after_an_ejected_one_makes_the_plate_unknown_if_nobody_saw_it(shop):
    printer_is(shop, ejects=True)
    shop.job()
    ended(shop, Outcome.COMPLETED)

    following.follow(shop.printer.pk, Status(M.FINISHED, Outcome.COMPLETED, job_key="0000FE:by-hand.gcode"))

    assert shop.station.plate == Plate.UNKNOWN
