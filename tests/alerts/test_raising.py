"""What is told once, and when it is told again."""

from datetime import timedelta
from functools import partial

from django.utils import timezone

from alerts.kinds import Kind
from alerts.models import Alert, Delivery
from alerts.raising import raise_alert, resolve
from alerts.reading import acknowledge, unread_count, visible_alerts
from orgs.models import Membership


def offline(cause="offline:1", **more):
    return raise_alert(Kind.OFFLINE, cause, "Voron 1 is offline", **more)


def test_a_flapping_printer_is_one_alert_with_a_count(acme, person):
    first = offline()
    for _ in range(4):
        assert offline(detail="again").pk == first.pk

    alert = Alert.objects.get()
    assert (alert.count, alert.detail) == (5, "again")
    assert alert.last_at > alert.at
    assert unread_count(person("operator")) == 1


def test_it_is_told_to_operators_admins_and_whom_it_concerns(acme, person):
    alert = offline(people=[person("viewer").pk])
    other = raise_alert(Kind.OFFLINE, "offline:2", "Voron 2 is offline")

    assert set(alert.deliveries.values_list("user__email", flat=True)) == {
        "viewer@acme.test", "operator@acme.test", "admin@acme.test",
    }  # fmt: skip
    assert not other.deliveries.filter(user=person("viewer")).exists()


def test_nobody_is_told_twice_who_is_named_and_runs_the_farm(acme, person):
    alert = offline(people=[person("operator").pk] * 2)

    assert alert.deliveries.filter(user=person("operator"), channel="app").count() == 1


def test_resolving_closes_and_says_whether_there_was_one(acme):
    offline()

    assert resolve("offline:1") is True
    assert resolve("offline:1") is False
    assert Alert.objects.get().resolved_at is not None


def test_what_happens_a_while_after_the_end_is_a_new_alert(acme):
    first = offline()
    resolve("offline:1")
    Alert.objects.update(resolved_at=timezone.now() - timedelta(minutes=6))

    assert offline().pk != first.pk


def test_what_happens_after_it_was_acknowledged_is_a_new_alert(acme, person):
    first = offline()
    acknowledge(Alert.objects.all(), person("operator").pk)

    second = offline()

    assert second.pk != first.pk
    assert second.count == 1
    assert unread_count(person("admin")) == 2


def test_acknowledging_twice_keeps_who_was_first(acme, person):
    offline()
    assert acknowledge(Alert.objects.all(), person("viewer").pk) == 1

    assert acknowledge(Alert.objects.all(), person("operator").pk) == 0

    assert Alert.objects.get().acknowledged_by == person("viewer")


def test_acknowledging_is_reading_for_that_person_alone(acme, person):
    offline()

    acknowledge(Alert.objects.all(), person("operator").pk)

    assert unread_count(person("operator")) == 0
    assert unread_count(person("admin")) == 1


def test_a_viewer_sees_what_was_told_to_them_and_operators_all(acme, person):
    own = offline(people=[person("viewer").pk])
    offline("offline:2")
    seen = {
        role: visible_alerts(Membership.objects.get(user=person(role), org=acme))
        for role in ("viewer", "operator")
    }

    assert list(seen["viewer"]) == [own]
    assert seen["operator"].count() == 2


def test_one_alert_raised_by_six_workers_at_once_counts_six(for_real, at_once):
    at_once(*[partial(offline)] * 6)

    assert [alert.count for alert in Alert.objects.all()] == [6]
    assert Delivery.objects.filter(channel="app").count() == 2
