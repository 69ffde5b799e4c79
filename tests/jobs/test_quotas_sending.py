"""Quotas are asked again before a copy is sent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import Entry
from jobs import by_hand, planning, staging, starting
from jobs.lifecycle import move_print
from jobs.models import Job, Quota, QuotaShare
from jobs.quotas import setting
from stations.models import Dispatch, DispatchState

from .quota_orders import quota


def share_of(job):
    return QuotaShare.objects.values_list("jobs", "grams", "seconds").get(job=job)


def test_a_lowered_quota_lets_go_what_fits_in_the_order_of_submitting(shop):
    one = quota(3)
    first, second = shop.job(), shop.job()
    setting.save(_changed(one, 1))

    planning.match()

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.why_not == ""
    assert second.why_not.startswith(
        "It waits: quota used up: 1 job this week for each viewer, it renews on "
    )
    assert list(Dispatch.objects.values_list("print_id", flat=True)) == [first.prints.get().pk]


def _changed(one, amount):
    one.amount = Decimal(amount)
    return one


def test_a_quota_lowered_after_planning_stops_the_claim(shop):
    job = shop.job()
    dispatch = shop.planned()
    setting.save(quota(0))
    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)

    dispatch.refresh_from_db()
    job.refresh_from_db()
    assert dispatch.state == DispatchState.DROPPED
    assert "quota used up: 0 jobs this week" in dispatch.note
    assert shop.station.hold is None
    assert job.state == "queued"


def test_a_quota_lowered_after_the_claim_stops_the_start(shop):
    shop.job()
    dispatch = shop.held()
    quota(0)
    starting.start_polled(dispatch.pk)

    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.DROPPED
    assert shop.machine.machine.starts == []
    assert shop.station.plate == "clear"


def test_a_raised_quota_lets_what_waits_go(shop):
    one = quota(1)
    shop.job()
    setting.save(_changed(one, 0))
    planning.match()
    assert not Dispatch.objects.exists()

    setting.save(_changed(one, 5))
    planning.match()

    assert Dispatch.objects.count() == 1


def test_a_job_that_waits_for_its_quota_goes_on_when_that_renews(shop):
    job = shop.job()
    quota(0)
    QuotaShare.objects.filter(job=job).update(at=timezone.now() - timedelta(days=7))

    planning.match()

    assert Dispatch.objects.count() == 1


def test_an_operator_may_start_by_hand_what_the_quota_holds_with_a_reason(shop):
    job = shop.job()
    quota(0)

    with pytest.raises(by_hand.NeedsReason) as asked:
        by_hand.start(job, shop.printer.pk)
    by_hand.start(job, shop.printer.pk, "for the fair")

    assert [gate.name for gate in asked.value.gates] == ["quota"]
    assert Entry.objects.get(action="job.start_by_hand").after["overridden"] == ["quota"]


def test_a_print_that_took_more_than_estimated_holds_what_comes_after(shop, first_print):
    quota(25, measure="grams")
    first, second = shop.job(), shop.job()
    one = first_print(first)
    with transaction.atomic():
        move_print(one, "sending")
        move_print(one, "completed", grams=Decimal(20), printed_s=600)

    planning.match()

    second.refresh_from_db()
    assert second.why_not.startswith("It waits: quota used up: 25")


@pytest.mark.parametrize("spent", [0, 40])
def test_matching_asks_as_often_for_many_held_jobs_as_for_one(shop, django_assert_max_num_queries, spent):
    quota(100)
    for _number in range(spent + 1):
        shop.job()
    Quota.objects.update(amount=0)

    with django_assert_max_num_queries(52):
        planning.match()

    assert Job.objects.exclude(why_not="").count() == spent + 1
