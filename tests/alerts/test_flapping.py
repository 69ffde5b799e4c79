"""Printers that come and go: one alert with a count, and nobody called for a blink."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.kinds import Kind
from alerts.models import Alert, Delivery
from alerts.parcelling import take_due
from alerts.raising import raise_alert, resolve
from alerts.reading import acknowledge
from alerts.rereading import Rereading


@pytest.fixture
def flap(acme):
    def once(kind=Kind.OFFLINE):
        raise_alert(kind, "cause:1", "Voron 1")
        resolve("cause:1")

    return once


def test_a_printer_that_comes_and_goes_a_thousand_times_is_one_alert(flap):
    for _ in range(1000):
        flap()

    alert = Alert.objects.get()
    assert alert.count == 1000
    assert Delivery.objects.filter(channel="app").count() == 2


def test_coming_again_after_a_while_is_a_new_alert(flap):
    flap()
    Alert.objects.update(resolved_at=timezone.now() - timedelta(minutes=6))

    flap()

    assert Alert.objects.count() == 2


def test_what_was_acknowledged_and_comes_again_is_a_new_alert(flap, person):
    raise_alert(Kind.OFFLINE, "cause:1", "Voron 1")
    acknowledge(Alert.objects.all(), person("operator").pk)
    resolve("cause:1")

    flap()

    assert Alert.objects.count() == 2


def test_what_people_do_again_is_news_each_time(flap):
    flap(Kind.JOB_SUBMITTED)
    flap(Kind.JOB_SUBMITTED)

    assert Alert.objects.count() == 2


def taken():
    take_due(timezone.now() + timedelta(minutes=2))
    row = Delivery.objects.filter(channel="email").select_related("parcel__user", "parcel__endpoint").first()
    return Rereading([row.parcel]).split(row.parcel)


def test_a_printer_that_is_back_within_a_minute_calls_nobody(flap):
    flap()

    kept, dropped = taken()

    assert not kept
    assert dropped


def test_one_that_stays_away_is_told_after_that_minute(acme):
    raise_alert(Kind.OFFLINE, "cause:1", "Voron 1")
    assert take_due(timezone.now()) == 0

    kept, dropped = taken()

    assert kept
    assert not dropped


def test_an_error_is_told_at_once(acme):
    raise_alert(Kind.ERROR, "cause:1", "Voron 1")

    assert take_due(timezone.now()) > 0


def settled():
    """As the senders do with what had passed before anybody was told."""
    _kept, dropped = taken()
    Delivery.objects.filter(pk__in=[one.pk for one in dropped]).update(state=Delivery.State.DROPPED)


def test_one_that_blinks_and_then_stays_away_is_told_after_all(flap):
    flap()
    settled()

    raise_alert(Kind.OFFLINE, "cause:1", "Voron 1")
    waiting = Delivery.objects.filter(channel="email", state="pending").first()
    assert waiting.not_before > timezone.now()
    kept, dropped = taken()

    assert Alert.objects.count() == 1
    assert kept
    assert not dropped


def test_another_fault_right_after_the_first_is_news(acme):
    raise_alert(Kind.NEEDS_YOU, "cause:1", "Voron 1", detail="No filament.")
    resolve("cause:1")

    raise_alert(Kind.NEEDS_YOU, "cause:1", "Voron 1", detail="The door is open.")

    assert Alert.objects.count() == 2
