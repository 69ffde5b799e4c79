"""Quiet hours that are saved, changed and ended while alerts wait for them."""

from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from alerts.holding import hold_anew, save
from alerts.kinds import Kind, Severity
from alerts.models import Alert, Delivery, QuietHours
from alerts.parcelling import take_due
from alerts.raising import raise_alert
from alerts.sending import Run
from alerts.tasks import hold_anew as hold_anew_task
from audit.models import Entry
from orgs.agenda import sweep
from orgs.editing import change_settings
from orgs.models import Due, Org

DAYS = list(range(7))


def hours(start="22:00", end="07:00", days=DAYS, zone="", passes=True):
    clock = {"start": time.fromisoformat(start), "end": time.fromisoformat(end)}
    return {**clock, "days": days, "time_zone": zone, "critical_passes": passes}


def offline(number=1):
    return raise_alert(Kind.NEEDS_YOU, f"offline:{number}", f"Voron {number} is offline")


def night(text, **more):
    """A moment on the clock of Berlin."""
    moment = datetime.fromisoformat(text).replace(tzinfo=Org(time_zone="Europe/Berlin").zone, **more)
    return moment.astimezone(UTC)


def held(**whose):
    return {(one.state, one.not_before) for one in Delivery.objects.filter(channel="email", **whose)}


def test_changed_in_the_middle_of_the_night_what_is_held_goes_by_the_new_hours(acme, person):
    with time_machine.travel(night("2026-11-26T03:00"), tick=False):
        save(None, hours())
        offline()
        assert held() == {("held", night("2026-11-26T07:00"))}

        save(None, hours(end="05:30"))
        assert held() == {("held", night("2026-11-26T05:30"))}

        save(person("admin"), hours(end="09:00"))
        assert held(user=person("admin")) == {("held", night("2026-11-26T09:00"))}
        assert held(user=person("operator")) == {("held", night("2026-11-26T05:30"))}

        save(None, None)
        assert held(user=person("operator")) == {("pending", night("2026-11-26T03:00"))}
        assert held(user=person("admin")) == {("held", night("2026-11-26T09:00"))}


@pytest.mark.parametrize("fold", [0, 1])
def test_changed_at_half_past_two_of_the_night_the_clock_goes_back(acme, fold):
    with time_machine.travel(night("2026-10-25T02:30", fold=fold), tick=False):
        save(None, hours(end="06:00"))
        offline()

        save(None, hours(end="02:45"))

    assert held() == {("held", night("2026-10-25T02:45", fold=1))}


def test_saving_makes_the_sending_due_in_the_same_transaction(acme):
    save(None, hours())

    assert Due.objects.get(org=acme, task="alerts.send").due_at is not None


def test_critical_alerts_pass_or_wait_as_the_new_hours_say(acme):
    with time_machine.travel(night("2026-11-26T03:00"), tick=False):
        save(None, hours(passes=False))
        offline()
        Alert.objects.update(severity=Severity.CRITICAL)
        hold_anew(None)
        assert held() == {("held", night("2026-11-26T07:00"))}

        save(None, hours(passes=True))

        assert held() == {("pending", night("2026-11-26T03:00"))}


def test_saving_is_recorded_once_and_a_repeat_is_nothing(acme, person):
    for _ in range(2):
        save(person("operator"), hours())

    (entry,) = Entry.objects.filter(action="quiet_hours.edit")
    assert entry.after["start"] == "22:00"
    assert QuietHours.objects.count() == 1


def test_a_new_clock_of_the_organisation_moves_what_is_held(acme):
    with time_machine.travel(night("2026-11-26T03:00"), tick=False):
        save(None, hours())
        offline()
        change_settings(acme, {"time_zone": "America/New_York"})
        assert Due.objects.get(org=acme, task="alerts.hold_anew").due_at is not None

        hold_anew(None)

        # It is 21:00 in New York.
        assert held() == {("pending", night("2026-11-26T03:00"))}
        hold_anew_task(acme.schema_name)


def test_two_who_save_the_first_hours_at_once_leave_one_row(for_real, at_once):
    outcomes = at_once(*[partial(save, None, hours(end=f"0{hour}:00")) for hour in range(4, 8)])

    assert outcomes == [None] * 4
    assert QuietHours.objects.count() == 1


def test_a_message_that_fell_into_quiet_hours_on_its_way_out_goes_once_they_end(acme, post):
    offline()
    take_due(timezone.now())
    save(None, hours("00:00", "23:59"))
    Run().go()
    assert Delivery.objects.filter(state="taken").exists()
    assert post.sent == []

    save(None, None)
    Run().go()

    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_hours_that_change_while_alerts_are_raised_and_sent_lose_nothing(for_real, at_once, post):
    save(None, hours("00:00", "23:59"))

    def raising():
        for number in range(15):
            offline(number)

    def changing():
        for turn in range(8):
            save(None, hours("00:00", "23:59") if turn % 2 else None)
        save(None, None)

    def sending():
        for _ in range(5):
            Run().go()

    assert at_once(raising, changing, sending, sending) == [None] * 4
    hold_anew(None)
    Run().go()

    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    told = [(to.address, line.title) for to, message in post.sent for line in message.lines]
    assert len(told) == len(set(told)) == 30


def test_the_nightly_sweep_makes_every_active_organisation_look(acme, rival):
    Org.objects.filter(pk=rival.pk).update(state=Org.State.SUSPENDED)

    sweep("alerts.send", timedelta(hours=1))

    assert Due.objects.filter(task="alerts.send", due_at__isnull=False).values_list("org__slug").get() == (
        "acme",
    )
