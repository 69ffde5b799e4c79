"""Dispatch rules 6, 7 and 11: what reports do to a dispatch and to a plate, also late and old ones."""

import pytest

from alerts.models import Alert
from jobs import following, reconciling, starting
from jobs.models import Job
from printers import live
from printers.drivers.driver import MachineState, Outcome, StartRefused, Status, Trouble
from printers.models import Printer
from stations.models import Dispatch, DispatchState, Plate, Station

from .test_rules_start import long_ago, of, start_that

S, M = DispatchState, MachineState


@pytest.fixture
def slow(shop):
    shop.machine.machine.speed = 1
    yield shop
    shop.machine.machine.speed = 2000


@pytest.fixture
def bambu(shop):
    """The shop's printer as one that pushes its reports, with a start just sent."""
    shop.job()
    dispatch = shop.held()
    starting.authorise(dispatch.pk, shop.report())
    for rows in (Station, Printer):
        rows.objects.filter(pk=shop.printer.pk).update(protocol="bambu")
    shop.dispatch = of(dispatch)
    return shop


def told(shop, state, outcome=None, **more):
    """A pushed report with our job's key."""
    status = Status(state, outcome, job_key=shop.dispatch.start_id, **more)
    live.swap(shop.org_id, shop.printer.pk, status)
    following.follow(shop.printer.pk, status)


def test_old_report_after_the_confirmation_ends_no_print(slow):
    job = slow.job()
    old = slow.report()
    dispatch = slow.started()
    slow.wait_for(lambda status: status.state is M.PREPARING)
    assert of(dispatch).state == S.CONFIRMED

    following.follow(slow.printer.pk, old)
    reconciling.ask_outcome(dispatch.pk)

    assert of(dispatch).state == S.CONFIRMED
    job.refresh_from_db()
    assert job.state == "printing"
    assert slow.station.plate == Plate.OCCUPIED


def test_reconciler_follows_what_is_known_now_not_what_it_read_before(slow, monkeypatch):
    slow.job()
    old = slow.report()
    dispatch = slow.started()
    slow.wait_for(lambda status: status.state is M.PREPARING)
    asked = []
    monkeypatch.setattr(following, "send", lambda task, pk: asked.append(task))

    reconciling.reconcile()
    assert asked == []

    live.swap(slow.org_id, slow.printer.pk, old)
    reconciling.reconcile()
    assert asked == ["jobs.ask_outcome"]
    assert of(dispatch).state == S.CONFIRMED


def test_print_that_a_restart_of_the_firmware_ended_is_not_left_printing(slow):
    job = slow.job()
    dispatch = slow.started()
    slow.wait_for(lambda status: status.state is M.PREPARING)

    slow.machine.act("reboot")
    slow.report()
    reconciling.ask_outcome(dispatch.pk)

    job.refresh_from_db()
    assert (of(dispatch).state, job.state) == (S.ENDED, "failed")
    assert slow.station.hold is None
    assert slow.station.plate == Plate.OCCUPIED


def test_new_key_beside_the_old_end_is_no_end_of_ours(bambu):
    told(bambu, M.FINISHED, Outcome.COMPLETED, seen_moving=False)

    assert of(bambu.dispatch).state == S.STARTING
    assert Job.objects.get().state == "sending"

    told(bambu, M.PREPARING)
    assert of(bambu.dispatch).state == S.CONFIRMED
    told(bambu, M.FINISHED, Outcome.COMPLETED)
    assert Job.objects.get().state == "completed"


def test_print_that_only_its_link_saw_moving_is_ended_as_it_ended(bambu):
    told(bambu, M.FINISHED, Outcome.COMPLETED)

    assert of(bambu.dispatch).state == S.ENDED
    assert Job.objects.get().state == "completed"


def test_printer_that_has_shown_our_key_gets_ten_minutes_to_move(bambu):
    told(bambu, M.FINISHED, Outcome.COMPLETED, seen_moving=False)
    long_ago(bambu.dispatch, 300)
    reconciling.reconcile()
    assert of(bambu.dispatch).state == S.STARTING

    long_ago(bambu.dispatch, 601)
    reconciling.reconcile()
    assert of(bambu.dispatch).state == S.UNCLEAR
    assert Alert.objects.get(kind="printer.needs_you").resolved_at is None


def test_unclear_start_is_adopted_by_a_late_report(bambu):
    long_ago(bambu.dispatch, 121)
    reconciling.reconcile()
    assert of(bambu.dispatch).state == S.UNCLEAR

    told(bambu, M.PRINTING)

    assert of(bambu.dispatch).state == S.CONFIRMED
    assert Alert.objects.get(kind="printer.needs_you").resolved_at is not None


def test_pushing_printer_is_believed_anew_before_a_print_is_given_up(bambu):
    told(bambu, M.PRINTING)

    following.follow(bambu.printer.pk, Status(M.IDLE))
    reconciling.ask_outcome(bambu.dispatch.pk)
    assert of(bambu.dispatch).state == S.CONFIRMED

    live.swap(bambu.org_id, bambu.printer.pk, Status(M.IDLE))
    reconciling.ask_outcome(bambu.dispatch.pk)
    assert of(bambu.dispatch).state == S.ENDED


def test_plate_of_a_refused_start_stays_occupied_where_another_print_came_first(shop, monkeypatch):
    shop.job()
    dispatch = start_that(shop, monkeypatch, StartRefused(Trouble.REFUSED, "SD busy"))
    following.follow(shop.printer.pk, Status(M.PRINTING, job_key="0000FE:by-hand.gcode"))

    starting.settle_refusal(dispatch.pk)
    following.follow(shop.printer.pk, Status(M.FINISHED, Outcome.COMPLETED, job_key="0000FE:by-hand.gcode"))

    assert of(dispatch).state == S.REFUSED
    assert shop.station.plate == Plate.OCCUPIED


def test_first_job_ever_seen_on_a_printer_makes_its_clear_plate_unknown(shop):
    Station.objects.filter(pk=shop.printer.pk).update(last_key="")

    following.follow(shop.printer.pk, Status(M.FINISHED, Outcome.COMPLETED, job_key="0000FE:by-hand.gcode"))

    assert shop.station.plate == Plate.UNKNOWN


def test_printer_that_forgot_its_last_job_can_be_cleared_again(shop):
    following.follow(shop.printer.pk, Status(M.FINISHED, Outcome.COMPLETED, job_key="4711"))
    shop.clear_plate()
    following.follow(shop.printer.pk, Status(M.IDLE))
    assert shop.station.plate == Plate.UNKNOWN

    shop.clear_plate()
    following.follow(shop.printer.pk, Status(M.IDLE))

    assert shop.station.plate == Plate.CLEAR


def test_key_that_the_printer_tells_late_is_the_one_to_cancel_with(slow):
    slow.job()
    dispatch = slow.started()
    slow.wait_for(lambda status: status.state is M.PREPARING)
    Dispatch.objects.filter(pk=dispatch.pk).update(job_key=":early")

    key = slow.report().job_key

    assert of(dispatch).job_key == key


def test_file_that_prints_after_it_was_given_up_is_told_to_people(shop, monkeypatch):
    shop.job()
    dispatch = start_that(shop, monkeypatch, StartRefused(Trouble.REFUSED, "SD busy"))
    starting.settle_refusal(dispatch.pk)

    late = Status(M.PRINTING, job_key="0000FE:x", file=dispatch.remote_name)
    following.follow(shop.printer.pk, late)

    alert = Alert.objects.get(kind="printer.needs_you")
    assert alert.title == "Voron 1 prints what was given up"
    assert dispatch.remote_name in alert.detail
    assert shop.station.plate == Plate.OCCUPIED


def test_printer_held_without_a_link_to_start_over_is_let_go(shop):
    job = shop.job()
    dispatch = shop.held()
    Station.objects.filter(pk=shop.printer.pk).update(protocol="bambu")
    long_ago(dispatch, 100)
    reconciling.reconcile()
    assert of(dispatch).state == S.HELD

    long_ago(dispatch, 121)
    reconciling.reconcile()

    job.refresh_from_db()
    assert (of(dispatch).state, job.state) == (S.DROPPED, "queued")
    assert shop.station.hold is None
