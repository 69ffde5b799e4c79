"""At 80 and at 100 % people are told, once for each quota, person and period."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from alerts.models import Alert, Delivery
from alerts.reading import acknowledge
from jobs import stopping
from jobs.lifecycle import move_print
from jobs.models import Quota, QuotaShare
from jobs.submitting import Order, submit
from orgs import departments
from orgs.models import Department, Membership


def quota(amount, who="viewer", measure="jobs", **fields):
    return Quota.objects.create(amount=Decimal(amount), who=who, measure=measure, **fields)


def told():
    """Titles in order, each with who was told."""
    return [
        (alert.title, sorted(alert.deliveries.filter(channel="app").values_list("user__name", flat=True)))
        for alert in Alert.objects.filter(kind="quota.near").order_by("pk")
    ]


def test_the_person_is_told_at_80_and_at_100_per_cent_and_nobody_else(shop):
    quota(5)

    for _number in range(5):
        shop.job()

    assert told() == [
        ("A quota is nearly used: 4 of 5 jobs this week", ["acme viewer"]),
        ("A quota is used up: 5 of 5 jobs this week", ["acme viewer"]),
    ]
    assert "It is for each viewer and renews on" in Alert.objects.first().detail


def test_one_job_that_fills_it_is_told_once(shop):
    quota(1)

    shop.job()

    assert [title for title, _people in told()] == ["A quota is used up: 1 of 1 job this week"]


@pytest.mark.parametrize("who", ["department", "org"])
def test_of_a_shared_quota_the_admins_are_told_too(acme, shop, who):
    physics = departments.save(Department(org=acme, name="Physics"))
    departments.put(Membership.objects.get(user=shop.by), physics)
    quota(1, who=who, department=physics if who == "department" else None)

    shop.job()

    assert [people for _title, people in told()] == [["acme admin", "acme viewer"]]


def test_cancelling_and_submitting_again_is_no_news_even_if_the_alert_was_closed(shop, person):
    quota(1)
    stopping.cancel(shop.job())
    acknowledge(Alert.objects.all(), person("operator"))

    shop.job()

    assert len(told()) == 1


def test_the_next_period_is_news_again(shop):
    quota(1)
    job = shop.job()
    Alert.objects.update(cause=Alert.objects.get().cause.replace(f"{timezone.now():%Y}", "2001"))
    QuotaShare.objects.filter(job=job).update(at=timezone.now() - timedelta(days=7))

    shop.job()

    assert len(told()) == 2


def test_another_person_is_told_of_their_own(shop, person):
    quota(1)
    shop.job()
    Membership.objects.filter(user=person("operator")).update(role=10)

    submit(Order(revision=shop.revision), person("operator"))

    assert [people for _title, people in told()] == [["acme viewer"], ["acme operator"]]


def test_a_print_that_took_more_than_estimated_may_fill_a_quota(shop, first_print):
    quota(20, measure="grams")
    one = first_print(shop.job())
    assert told() == []

    with transaction.atomic():
        move_print(one, "sending")
        move_print(one, "completed", grams=Decimal("19"), printed_s=600)

    assert [title for title, _people in told()] == ["A quota is nearly used: 19\xa0g of 20\xa0g this week"]
    assert Delivery.objects.get(alert__kind="quota.near", channel="app").user == shop.by


def test_a_job_that_settles_to_less_tells_nothing(shop, first_print):
    quota(100, measure="grams")
    one = first_print(shop.job())

    with transaction.atomic():
        move_print(one, "sending")
        move_print(one, "failed", grams=Decimal("99"), printed_s=600)

    assert told() == []
