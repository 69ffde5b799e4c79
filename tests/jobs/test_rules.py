"""Dispatch rules 2, 5, 10 and 13: uploads, late starts, cancels and clocks that meet each other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import planning, staging, starting, stopping
from jobs.models import Job, Print
from jobs.stopping import cancel
from printers import commands, live
from printers.adding import delete
from printers.drivers.driver import DriverError, MachineState, StartRefused, Status, Trouble
from printers.drivers.moonraker import MoonrakerDriver
from stations.models import Dispatch, DispatchState

from .test_rules_start import long_ago, of

S = DispatchState


def test_upload_given_up_for_dead_does_not_vouch_for_the_next_one(shop, monkeypatch):
    shop.job()
    dispatch = shop.planned()
    upload, names = MoonrakerDriver.upload, []

    def slowly(self, path, name, sha256, progress):
        upload(self, path, name, sha256, progress)
        names.append(name)
        # Another worker has begun again under a new name, and is still at it.
        Dispatch.objects.filter(pk=dispatch.pk).update(remote_name="second_part.gcode")

    monkeypatch.setattr(MoonrakerDriver, "upload", slowly)
    staging.stage(dispatch.pk)

    assert of(dispatch).state == S.STAGING
    assert names[0] not in shop.machine.picture()["files"]


def test_failed_upload_given_up_for_dead_leaves_the_next_one_alone(shop, monkeypatch):
    shop.job()
    dispatch = shop.planned()

    def breaks_off(self, path, name, sha256, progress):
        Dispatch.objects.filter(pk=dispatch.pk).update(remote_name="second_part.gcode")
        raise DriverError(Trouble.UNREACHABLE, "lost")

    monkeypatch.setattr(MoonrakerDriver, "upload", breaks_off)
    staging.stage(dispatch.pk)

    assert of(dispatch).state == S.STAGING


def test_file_uploaded_for_a_job_cancelled_meanwhile_is_taken_off(shop, monkeypatch):
    job = shop.job()
    dispatch = shop.planned()
    upload = MoonrakerDriver.upload

    def meanwhile_cancelled(self, path, name, sha256, progress):
        cancel(job)
        upload(self, path, name, sha256, progress)

    monkeypatch.setattr(MoonrakerDriver, "upload", meanwhile_cancelled)
    staging.stage(dispatch.pk)

    assert of(dispatch).remote_name not in shop.machine.picture()["files"]
    assert Job.objects.get().state == "cancelled"


def test_long_upload_is_not_taken_for_dead_while_it_goes_on(shop, monkeypatch):
    shop.job()
    dispatch = shop.planned()
    monkeypatch.setattr(staging, "RENEW_S", 0.0)
    seen = []

    def long(self, path, name, sha256, progress):
        long_ago(dispatch, 3600)
        progress(1)
        staging.stage(dispatch.pk)
        seen.append(of(dispatch).remote_name)

    monkeypatch.setattr(MoonrakerDriver, "upload", long)
    staging.stage(dispatch.pk)

    assert seen == [of(dispatch).remote_name]
    assert of(dispatch).state == S.STAGED


def test_cancel_that_meets_the_start_is_a_wish(shop, monkeypatch):
    job = shop.job()
    dispatch = shop.held()
    drop = stopping.drop

    def just_started(dispatch_id, why):
        starting.authorise(dispatch.pk, shop.report())
        return drop(dispatch_id, why)

    monkeypatch.setattr(stopping, "drop", just_started)
    cancel(job)

    assert of(dispatch).state == S.STARTING
    assert of(dispatch).cancel_wanted


def test_cancel_without_the_prints_key_is_not_sent(shop, monkeypatch):
    shop.job()
    dispatch = shop.held()
    Dispatch.objects.filter(pk=dispatch.pk).update(state=S.CONFIRMED, cancel_wanted=True)
    said = []
    monkeypatch.setattr(commands, "tell", lambda *order, **key: said.append((order, key)))

    stopping.cancel_at_printer(dispatch.pk)
    assert said == []

    Dispatch.objects.filter(pk=dispatch.pk).update(job_key="0000FE:part.gcode")
    stopping.cancel_at_printer(dispatch.pk)
    assert said[0][1] == {"job_key": "0000FE:part.gcode"}


def test_printer_that_answers_late_before_a_start_gets_no_start(shop, monkeypatch):
    shop.job()
    dispatch = shop.held()
    monkeypatch.setattr(MoonrakerDriver, "_refuse_unless_free", lambda self: None)
    start = MoonrakerDriver.start
    refused = []

    def late(self, order):
        assert 0 < order.write_by < float("inf")
        object.__setattr__(order, "write_by", 0.0)
        try:
            start(self, order)
        except StartRefused as error:
            refused.append(str(error))
            raise

    monkeypatch.setattr(MoonrakerDriver, "start", late)
    starting.start_polled(dispatch.pk)

    assert refused
    assert shop.machine.starts == []
    assert of(dispatch).refusal == refused[0]


def test_status_from_the_future_is_not_fresh():
    now = timezone.now()
    known = live.Live(Status(MachineState.IDLE), now + timedelta(hours=1))

    assert not live.is_fresh(known, "moonraker", now)
    assert live.is_fresh(known, "moonraker", now + timedelta(hours=1, seconds=5))


@pytest.mark.parametrize("target", [Job.Target.PRINTER, Job.Target.TAG])
def test_job_for_what_is_gone_is_for_no_other_printer(shop, target):
    job = shop.job()
    Job.objects.filter(pk=job.pk).update(target=target)

    assert planning.match() == 0
    assert Job.objects.get().why_not


def test_deleted_printer_drops_what_was_on_its_way_to_it(shop):
    shop.job()
    dispatch = shop.planned()

    delete(shop.printer)
    staging.stage(dispatch.pk)

    assert of(dispatch).state == S.DROPPED
    assert Print.objects.get().state == "waiting"
