"""When the queue is looked at again."""

from datetime import timedelta

from django.utils import timezone

from jobs import planning, tasks
from orgs import agenda
from orgs.models import Due


def due():
    return Due.objects.get(task="jobs.match").due_at


def test_a_submitted_job_wakes_the_queue(shop):
    Due.objects.all().delete()

    shop.job()

    assert due() <= timezone.now() + timedelta(seconds=3)


def test_while_jobs_wait_the_queue_is_swept(shop):
    shop.job(not_before=timezone.now() + timedelta(days=1))

    tasks.match(shop.station.owner.schema_name)

    assert timedelta(seconds=30) < due() - timezone.now() <= planning.SWEEP


def test_a_job_with_a_start_time_is_looked_at_then(shop):
    starts = timezone.now() + timedelta(seconds=20)
    shop.job(not_before=starts)

    tasks.match(shop.station.owner.schema_name)

    assert due() == starts


def test_an_empty_queue_is_left_alone(shop):
    agenda.due_now("jobs.match")

    tasks.match(shop.station.owner.schema_name)

    assert due() is None


def test_what_happens_during_a_run_is_not_swallowed(shop):
    agenda.due_now("jobs.match")
    lease = agenda.take("jobs.match")
    agenda.due_now("jobs.match")

    agenda.close("jobs.match", lease, None)

    assert due() is not None
