"""Started once, whatever dies when: every step is repeated, interrupted or met by another one."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models.functions import Now

from alerts.models import Alert
from jobs import by_hand, following, planning, reconciling, staging, starting, stopping
from jobs.dispatching import CannotStart, plan
from jobs.models import Job, Print
from models3d.storing import path_of
from printers.drivers.driver import DriverError, MachineState, StartRefused, Status, Trouble
from printers.drivers.moonraker import MoonrakerDriver
from printers.plates import StalePlate, clear
from stations.models import Dispatch, DispatchState, Plate, Station

S = DispatchState


def state_of(dispatch):
    return Dispatch.objects.get(pk=dispatch.pk).state


def long_ago(dispatch, seconds):
    Dispatch.objects.filter(pk=dispatch.pk).update(step_at=Now() - timedelta(seconds=seconds))


def test_two_planners_make_one_attempt(shop):
    job = shop.job()
    one = Print.objects.get(job=job)

    first, second = plan(job, one.pk, shop.printer.pk), plan(job, one.pk, shop.printer.pk)

    assert first is not None
    assert second is None


def test_a_second_claim_changes_nothing(shop):
    shop.job()
    dispatch = shop.held()

    starting.claim(dispatch.pk)

    assert Dispatch.objects.get(pk=dispatch.pk).fence == dispatch.fence
    assert shop.station.fence == dispatch.fence


def test_two_jobs_never_hold_one_printer(shop):
    first, second = shop.job(), shop.job()
    dispatches = [plan(job, Print.objects.get(job=job).pk, shop.printer.pk) for job in (first, second)]
    for dispatch in dispatches:
        staging.stage(dispatch.pk)

    for dispatch in dispatches:
        starting.claim(dispatch.pk)

    assert [state_of(dispatch) for dispatch in dispatches] == [S.HELD, S.STAGED]
    assert shop.station.hold_id == dispatches[0].pk


def test_two_starters_send_one_start(shop):
    shop.job()
    dispatch = shop.held()

    starting.start_polled(dispatch.pk)
    starting.start_polled(dispatch.pk)

    assert len(shop.machine.starts) == 1


def test_a_worker_killed_between_upload_and_claim_is_made_good(shop):
    shop.job()
    dispatch = shop.planned()
    staging.stage(dispatch.pk)
    long_ago(dispatch, 30)

    reconciling.reconcile()
    starting.claim(dispatch.pk)
    starting.start_polled(dispatch.pk)

    assert len(shop.machine.starts) == 1


def test_a_worker_killed_while_uploading_uploads_again_under_a_new_name(shop):
    shop.job()
    dispatch = shop.planned()
    Dispatch.objects.filter(pk=dispatch.pk).update(state=S.STAGING, remote_name="dead_part.gcode")
    staging.stage(dispatch.pk)
    assert state_of(dispatch) == S.STAGING

    long_ago(dispatch, 3600)
    staging.stage(dispatch.pk)

    assert state_of(dispatch) == S.STAGED
    assert Dispatch.objects.get(pk=dispatch.pk).remote_name != "dead_part.gcode"


def test_a_worker_killed_between_start_and_confirmation_adopts_the_print(shop, monkeypatch):
    job = shop.job()
    dispatch = shop.held()

    def dies_after_sending(self, order):
        send(self, order)
        raise SystemExit

    send = MoonrakerDriver.start
    monkeypatch.setattr(MoonrakerDriver, "start", dies_after_sending)
    with pytest.raises(SystemExit):
        starting.start_polled(dispatch.pk)
    monkeypatch.undo()
    shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    job.refresh_from_db()
    assert job.state == "completed"
    assert len(shop.machine.starts) == 1


def test_a_worker_killed_before_the_bytes_leaves_it_unclear_and_asks(shop, monkeypatch):
    job = shop.job()
    dispatch = shop.held()
    monkeypatch.setattr(MoonrakerDriver, "start", lambda self, order: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        starting.start_polled(dispatch.pk)
    long_ago(dispatch, 121)

    reconciling.reconcile()

    assert state_of(dispatch) == S.UNCLEAR
    assert shop.station.hold_id == dispatch.pk
    assert Alert.objects.get(kind="printer.needs_you").title == "Voron 1: start not confirmed"
    planning.match()
    assert Dispatch.objects.count() == 1
    job.refresh_from_db()
    assert job.state == "sending"


def unclear(shop, monkeypatch):
    job = shop.job()
    dispatch = shop.held()

    def hangs(self, order):
        raise DriverError(Trouble.UNREACHABLE, "no answer")

    monkeypatch.setattr(MoonrakerDriver, "start", hangs)
    starting.start_polled(dispatch.pk)
    monkeypatch.undo()
    long_ago(dispatch, 121)
    reconciling.reconcile()
    return job, dispatch


def test_a_start_without_an_answer_is_never_sent_again(shop, monkeypatch):
    _job, dispatch = unclear(shop, monkeypatch)

    starting.start_polled(dispatch.pk)
    reconciling.reconcile()

    assert state_of(dispatch) == S.UNCLEAR
    assert shop.machine.starts == []


def test_it_does_not_print_requeues_once_the_file_is_gone(shop, monkeypatch):
    job, dispatch = unclear(shop, monkeypatch)

    stopping.resolve_start(job, printing=False)

    job.refresh_from_db()
    assert (state_of(dispatch), job.state) == (S.REFUSED, "queued")
    assert shop.station.hold is None
    assert shop.station.plate == Plate.CLEAR
    assert dispatch.remote_name not in shop.machine.picture().get("files", [])


def test_it_does_not_print_is_refused_while_the_file_may_still_start(shop, monkeypatch):
    job, dispatch = unclear(shop, monkeypatch)

    def offline(self, name):
        raise DriverError(Trouble.UNREACHABLE, "the printer does not answer")

    monkeypatch.setattr(MoonrakerDriver, "remove", offline)
    with pytest.raises(CannotStart, match="might still start"):
        stopping.resolve_start(job, printing=False)

    assert state_of(dispatch) == S.UNCLEAR


def test_it_prints_keeps_the_printer_until_it_ends(shop, monkeypatch):
    job, dispatch = unclear(shop, monkeypatch)

    stopping.resolve_start(job, printing=True)

    job.refresh_from_db()
    assert (state_of(dispatch), job.state) == (S.CONFIRMED, "printing")
    assert Alert.objects.get(kind="printer.needs_you").resolved_at is not None


def test_a_refusal_frees_the_printer_and_leaves_the_plate_clear(shop, monkeypatch):
    job = shop.job()
    dispatch = shop.held()

    def busy(self, order):
        raise StartRefused(Trouble.REFUSED, "SD busy")

    monkeypatch.setattr(MoonrakerDriver, "start", busy)
    starting.start_polled(dispatch.pk)
    starting.settle_refusal(dispatch.pk)

    job.refresh_from_db()
    assert (state_of(dispatch), job.state) == (S.REFUSED, "queued")
    assert (shop.station.hold, shop.station.plate) == (None, Plate.CLEAR)


def test_a_refused_pair_is_left_alone_for_a_while(shop, monkeypatch):
    test_a_refusal_frees_the_printer_and_leaves_the_plate_clear(shop, monkeypatch)

    assert planning.match() == 0
    long_ago(Dispatch.objects.get(), 61)
    assert planning.match() == 1


def test_more_than_five_seconds_after_the_commit_nothing_is_sent(shop, monkeypatch):
    shop.job()
    dispatch = shop.held()
    ticks = iter([0.0, 6.0])
    monkeypatch.setattr(starting, "time", SimpleNamespace(monotonic=lambda: next(ticks)))

    starting.start_polled(dispatch.pk)

    assert shop.machine.starts == []
    starting.settle_refusal(dispatch.pk)
    assert state_of(dispatch) == S.REFUSED


def test_a_plate_clicked_on_an_old_page_is_refused(shop):
    epoch = shop.station.plate_epoch
    shop.job()
    shop.started()

    with pytest.raises(StalePlate):
        clear(shop.printer.pk, seen_epoch=epoch)

    assert shop.station.plate == Plate.OCCUPIED


def test_a_plate_that_is_not_clear_stops_an_authorised_start(shop):
    shop.job()
    dispatch = shop.held()
    Station.objects.filter(pk=shop.printer.pk).update(plate=Plate.UNKNOWN)

    starting.start_polled(dispatch.pk)

    assert state_of(dispatch) == S.DROPPED
    assert shop.machine.starts == []


def test_a_start_over_an_older_link_is_not_authorised(shop):
    shop.job()
    dispatch = shop.held()
    Station.objects.filter(pk=shop.printer.pk).update(link_epoch=7)

    assert starting.authorise(dispatch.pk, shop.report(), link_epoch=6) is None
    assert state_of(dispatch) == S.HELD


def test_a_print_started_by_hand_in_the_middle_stops_ours(shop):
    shop.job()
    dispatch = shop.held()
    shop.machine.act("print-by-hand")

    starting.start_polled(dispatch.pk)

    assert state_of(dispatch) == S.DROPPED
    assert len(shop.machine.starts) == 1
    shop.report()
    assert shop.station.plate == Plate.OCCUPIED


def test_another_job_while_nobody_looked_makes_a_clear_plate_unknown(shop):
    following.follow(shop.printer.pk, Status(MachineState.IDLE, job_key="0000FE:ours.gcode"))
    shop.clear_plate()

    following.follow(shop.printer.pk, Status(MachineState.IDLE, job_key="0000FF:other.gcode"))

    assert shop.station.plate == Plate.UNKNOWN


def test_the_same_job_seen_again_proves_that_nothing_was_printed(shop):
    following.follow(shop.printer.pk, Status(MachineState.IDLE, job_key="0000FE:ours.gcode"))
    shop.clear_plate()

    following.follow(shop.printer.pk, Status(MachineState.IDLE, job_key="0000FE:ours.gcode"))

    assert shop.station.plate == Plate.CLEAR


def test_switches_off_means_no_start_by_itself(shop):
    Job.objects.filter(pk=shop.job().pk).update(auto_start=False)

    assert planning.match() == 0
    assert "start it by hand" in Job.objects.get().why_not


def test_a_start_by_hand_needs_no_switches(shop):
    job = shop.job()
    Job.objects.filter(pk=job.pk).update(auto_start=False)
    job.refresh_from_db()

    dispatch = by_hand.start(job, shop.printer.pk)
    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)
    starting.start_polled(dispatch.pk)

    assert len(shop.machine.starts) == 1


def test_bytes_that_are_not_the_revisions_stop_the_job(shop):
    job = shop.job()
    with path_of(job.revision.stored) as path:
        path.chmod(0o600)
        path.write_bytes(b"other bytes")
    dispatch = shop.planned()
    staging.stage(dispatch.pk)

    job.refresh_from_db()
    assert (state_of(dispatch), job.state) == (S.DROPPED, "failed")
    assert shop.machine.starts == []
