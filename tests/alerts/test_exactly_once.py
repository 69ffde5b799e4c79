"""Two senders and kills between every two steps: nothing is lost, and what is sent again has the same id."""

import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from alerts import beginning, parcelling, sending, settling
from alerts.channels.adapter import NotSent
from alerts.hands import HANDS_A_HOST
from alerts.kinds import Channel, Kind
from alerts.models import Delivery, Endpoint, Parcel
from alerts.raising import raise_alert
from alerts.sending import Run, send_in_turn
from tests.alerts.conftest import Post

NIGHT_END = timedelta(seconds=1)


class Killed(BaseException):
    """A worker that is gone: nothing of ours catches it."""


def offline(number=1):
    return raise_alert(Kind.NEEDS_YOU, f"offline:{number}", f"Voron {number} is offline")


def a_night(alerts=5, hooks=40):
    """Held until a moment ago: for two people's mail, and for some endpoints of the organisation."""
    for number in range(hooks):
        Endpoint.objects.create(channel=Channel.WEBHOOK, address=f"https://hook{number}.test/")
    for number in range(alerts):
        offline(number)
    end = timezone.now() - NIGHT_END
    Delivery.objects.exclude(channel="app").update(state="held", not_before=end)
    return 2 + hooks


def send():
    """As a sender of its own."""
    Run().go()


def let_time_pass():
    """The lease of a killed sender is over."""
    Parcel.objects.filter(state__in=beginning.OPEN).update(next_at=timezone.now() - timedelta(hours=1))


def is_whole(post: Post, messages: int) -> None:
    """Each message went out, all of its alerts in it, and each has one id however often it was sent."""
    lines = {}
    for to, message in post.sent:
        told = sorted(line.title for line in message.lines)
        assert lines.setdefault((to.address, message.id), told) == told
    assert len(lines) == messages == Parcel.objects.count()
    assert len({address for address, _ in lines}) == messages
    assert all(len(told) == 5 for told in lines.values())
    assert set(Parcel.objects.values_list("state", flat=True)) == {"sent"}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    # In the app it is a row.
    assert Delivery.objects.filter(channel="app").count() == 5 * 2


def test_four_senders_at_once_make_one_message_of_a_window(for_real, at_once, post):
    count = a_night()

    outcomes = at_once(*[send] * 4)

    assert outcomes == [None] * 4
    is_whole(post, count)
    assert len(post.sent) == count


def test_senders_that_only_make_parcels_never_split_a_digest(for_real, at_once, post):
    count = a_night(hooks=30)

    at_once(*[partial(parcelling.take_due, timezone.now())] * 6)

    assert Parcel.objects.count() == count
    assert {parcel.deliveries.count() for parcel in Parcel.objects.all()} == {5}


def test_a_second_worker_leaves_it_to_the_first_and_comes_again(for_real, at_once, post):
    a_night()
    first_is_in, go_on = threading.Event(), threading.Event()

    def before(to, message):
        first_is_in.set()
        assert go_on.wait(20)

    def second():
        assert first_is_in.wait(20)
        again_at = send_in_turn()
        go_on.set()
        return again_at

    post.before = before
    first, again_at = at_once(send_in_turn, second)

    assert first is None
    assert again_at is not None
    assert len(post.sent) == 42


def kill_when(monkeypatch, module, name, *, after):
    """The `after`th call of a step kills who makes it, before or behind the step."""
    step, calls = getattr(module, name), []

    def deadly(*args, **kwargs):
        calls.append(args)
        result = step(*args, **kwargs)
        if len(calls) == after:
            raise Killed
        return result

    monkeypatch.setattr(module, name, deadly)


STEPS = {
    "after the parcels were made": (sending, "take_due", 1),
    "in the middle of making them, before the commit": (parcelling, "_make", 1),
    "after the first were handing, before any socket": (sending, "begin", 1),
    "after later ones were handing": (sending, "begin", 3),
    "after the socket, before it is noted": (sending.Hands, "collect", 1),
    "while it is noted, before the commit": (settling, "_is_sent", 1),
    "after the first was noted": (sending, "settle", 1),
    "after the second was noted": (sending, "settle", 2),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("others", [0, 1], ids=["alone", "beside another sender"])
def test_a_sender_killed_at_any_step_loses_nothing(for_real, at_once, post, monkeypatch, step, others):
    module, name, after = step
    count = a_night()
    with monkeypatch.context() as patch:
        kill_when(patch, module, name, after=after)
        with pytest.raises(Killed):
            send()
    let_time_pass()

    assert at_once(*[send] * (1 + others)) == [None] * (1 + others)

    is_whole(post, count)
    again = len(post.sent) - count
    # Only what was in the hands when its sender died goes out twice.
    assert 0 <= again <= sending.Hands().free


def test_killed_again_and_again_it_still_loses_nothing(for_real, post, monkeypatch):
    count = a_night()
    for module, name, after in STEPS.values():
        with monkeypatch.context() as patch:
            kill_when(patch, module, name, after=after)
            with suppress(Killed):
                send()
        let_time_pass()

    send()

    is_whole(post, count)


def test_who_was_given_up_as_dead_and_still_sends_makes_no_second_row(for_real, at_once, post):
    """An adapter that takes longer than the lease: another sender repeats it, and both end well."""
    offline()
    slow, go_on = threading.Event(), threading.Event()
    seen = []

    def before(to, message):
        seen.append(message.id)
        if len(seen) <= 2:
            slow.set()
            assert go_on.wait(20)

    post.before = before

    def second():
        assert slow.wait(20)
        while len(seen) < 2:
            threading.Event().wait(0.01)
        let_time_pass()
        send()
        go_on.set()

    at_once(send, second)

    assert len(post.sent) == 4
    assert len(set(seen)) == 2
    assert set(Parcel.objects.values_list("state", "attempts")) == {("sent", 2)}


def test_a_late_failure_of_an_older_attempt_does_not_undo_the_newer_one(for_real, post):
    offline()
    sending.take_due(timezone.now())
    old = beginning.begin([pk for pk, _ in beginning.due_parcels(9)])
    let_time_pass()
    send()

    settling.settle([sending.Outcome(one, NotSent("Too late"), 200.0) for one in old])

    assert set(Parcel.objects.values_list("state", "error")) == {("sent", "")}


def test_a_host_that_hangs_holds_up_no_other(for_real, post, monkeypatch):
    monkeypatch.setattr(sending, "SLOW_S", 0.0)
    for number in range(12):
        Endpoint.objects.create(channel=Channel.WEBHOOK, address=f"https://hangs.test/{number}")
    for number in range(12):
        Endpoint.objects.create(channel=Channel.WEBHOOK, address=f"https://fine{number}.test/")
    offline()
    others, hanging = threading.Event(), []

    def before(to, message):
        if "hangs" in to.address:
            hanging.append(to.address)
            assert others.wait(20)
            raise NotSent("hangs.test did not answer in time.")
        if len(post.sent) == 13:
            others.set()

    post.before = before
    send()

    # All others were sent while it hung; it had half of the hands, and its rest waits without an attempt.
    assert len(post.sent) == 14
    assert len(hanging) == HANDS_A_HOST
    assert Parcel.objects.filter(state="claimed", attempts=0).count() == 12 - HANDS_A_HOST
    assert not Parcel.objects.filter(state="claimed", next_at__lte=timezone.now()).exists()
