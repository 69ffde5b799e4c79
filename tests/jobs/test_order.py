"""The order of the queue: priority, due-date risk, fair share, place, age."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from django.utils import timezone

from jobs import editing, fair_share, ordering, planning
from jobs.models import Job, Print
from jobs.order import QUEUE_ORDER, Standing, give_shares, note_risk
from jobs.states import IllegalMove, PrintState, Priority
from orgs.models import Org
from stations.models import Station

NOW = 1_800_000_000.0
HOUR = 3600.0
ANN, BOB = UUID(int=101), UUID(int=102)


def job(number: int, **fields: object) -> Standing:
    return Standing(UUID(int=number), **{"priority": 20, "position": 0.0, **fields})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"priority": 30, "position": 9.0}, {"priority": 20, "must_start": 1.0}),
        ({"must_start": 50.0, "share": 9}, {"share": 0}),
        ({"must_start": 40.0, "position": 9.0}, {"must_start": 50.0}),
        ({"share": 1, "position": 9.0}, {"share": 2}),
        ({"position": 1.0}, {"position": 2.0}),
        ({}, {}),
    ],
    ids=["priority", "risk before slack", "latest start", "share", "place", "age"],
)
def test_each_criterion_decides_where_all_before_it_are_equal(first, second):
    one, other = job(1, **first), job(2, **second)

    assert sorted([other, one], key=lambda each: each.key) == [one, other]


def test_the_database_sorts_as_the_rule_does(shop):
    random = Random(7)  # noqa: S311  # the same mixture every time
    for _n in range(40):
        shop.job()
    for row in Job.objects.all():
        row.priority, row.share = random.choice([10, 20, 30]), random.choice([0, 1, 2])
        row.position = random.choice([0.0, 1.0])
        row.must_start_at = random.choice(
            [None, None, timezone.now() + timedelta(hours=random.randint(1, 3))]
        )
        row.save(update_fields=["priority", "share", "position", "must_start_at"])

    rows = list(Job.objects.order_by(*QUEUE_ORDER))

    standings = [
        Standing(
            row.pk, row.priority, row.position, share=row.share,
            must_start=row.must_start_at.timestamp() if row.must_start_at else None,
        )
        for row in rows
    ]  # fmt: skip
    assert standings == sorted(standings, key=lambda one: one.key)


def test_a_job_is_at_risk_only_if_its_turn_is_too_late():
    slack, tight = job(1, due=NOW + 9 * HOUR, span_s=HOUR), job(2, due=NOW + 2 * HOUR, span_s=HOUR)
    ends = {slack.id: NOW + 5 * HOUR, tight.id: NOW + 3 * HOUR}

    found = note_risk([slack, tight], ends, NOW)

    assert found == 1
    assert (slack.must_start, tight.must_start) == (None, NOW + HOUR)


def test_before_a_forecast_is_known_the_estimate_and_now_decide():
    late = job(1, due=NOW + HOUR, span_s=2 * HOUR)

    note_risk([late], {}, NOW)

    assert late.must_start == NOW - HOUR


def test_a_weight_of_nought_shares_nothing():
    jobs = [job(1, by=ANN, work_s=HOUR), job(2, by=BOB, work_s=HOUR)]

    give_shares(jobs, {ANN: 100 * HOUR}, 0)

    assert [one.share for one in jobs] == [0, 0]


def test_people_take_turns_where_time_is_shared():
    jobs = [job(n, by=ANN, work_s=HOUR) for n in (1, 2, 3)] + [job(n, by=BOB, work_s=HOUR) for n in (4, 5)]

    give_shares(jobs, {}, 100)

    assert [one.id.int for one in sorted(jobs, key=lambda each: each.key)] == [1, 4, 2, 5, 3]


def test_who_has_printed_much_lately_comes_after_who_has_not():
    ann, bob = job(1, by=ANN), job(2, by=BOB)

    give_shares([ann, bob], {ANN: 30 * HOUR, BOB: 2 * HOUR}, 100)

    assert sorted([ann, bob], key=lambda one: one.key) == [bob, ann]


def test_a_low_weight_leaves_small_differences_to_the_place():
    ann, bob = job(1, by=ANN), job(2, by=BOB)

    give_shares([ann, bob], {ANN: 9 * HOUR, BOB: 2 * HOUR}, 10)

    assert ann.share == bob.share == 0


def ended(made: Job, hours: float, days_ago: float) -> None:
    when = timezone.now() - timedelta(days=days_ago)
    Print.objects.filter(job=made).update(
        state=PrintState.COMPLETED, printed_s=int(hours * HOUR), started_at=when, ended_at=when
    )


def test_usage_halves_in_a_week(shop):
    ended(shop.job(), 8, 0)
    ended(shop.job(), 8, 7)
    ended(shop.job(), 8, 14)

    used = fair_share.used_s()

    assert used[shop.by.pk] / HOUR == pytest.approx(8 + 4 + 2, rel=0.001)


def test_what_prints_now_counts_up_to_now(shop):
    made = shop.job()
    Print.objects.filter(job=made).update(
        state=PrintState.PRINTING, started_at=timezone.now() - timedelta(hours=2)
    )

    assert fair_share.used_s()[shop.by.pk] / HOUR == pytest.approx(2, rel=0.01)


def test_the_queue_serves_people_in_turn_once_the_weight_is_set(shop, acme, person):
    Org.objects.filter(pk=acme.pk).update(fair_share=100)
    acme.fair_share = 100
    Station.objects.update(plate="occupied")
    for _n in range(8):
        shop.job()
    last = shop.job()
    other = person("operator")
    Job.objects.filter(pk=last.pk).update(by=other)

    planning.match()

    assert list(planning.waiting_jobs()).index(last) < 8


def test_a_job_that_would_be_late_in_its_turn_passes_those_with_slack(shop):
    Station.objects.update(plate="occupied")
    for _n in range(5):
        shop.job()
    slack = shop.job(due_at=timezone.now() + timedelta(days=3))
    tight = shop.job(due_at=timezone.now() + timedelta(minutes=25))

    planning.match()

    order = list(planning.waiting_jobs())
    slack.refresh_from_db()
    assert order[0] == tight
    assert order[-1] == slack
    assert slack.must_start_at is None


def test_the_next_look_leaves_a_saved_job_in_its_place(shop):
    Station.objects.update(plate="occupied")
    for _n in range(5):
        shop.job()
    tight = shop.job(due_at=timezone.now() + timedelta(minutes=25))
    planning.match()
    first = Job.objects.get(pk=tight.pk).must_start_at

    planning.match()

    assert Job.objects.get(pk=tight.pk).must_start_at == first is not None


def test_an_edit_makes_the_queue_be_looked_at_again(shop):
    Station.objects.update(plate="occupied")
    made = shop.job()
    planning.match()

    editing.edit(made, {"due_at": timezone.now() + timedelta(minutes=1)})
    planning.match(looks=False)

    made.refresh_from_db()
    assert made.must_start_at is not None


def test_a_job_is_moved_to_the_place_before_another(shop):
    one, two, three = shop.job(), shop.job(), shop.job()

    ordering.move_before(three, two)

    assert list(Job.objects.order_by(*QUEUE_ORDER)) == [one, three, two]


def test_a_move_downwards_ends_right_before_the_other_too(shop):
    one, two, three = shop.job(), shop.job(), shop.job()

    ordering.move_before(one, three)

    assert list(Job.objects.order_by(*QUEUE_ORDER)) == [two, one, three]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"priority": Priority.HIGH}, "has another priority"),
        ({"must_start_at": datetime(2027, 1, 1, tzinfo=UTC)}, "miss its due date"),
        ({"share": 3}, "Fair share"),
        ({"state": "printing"}, "does not wait"),
    ],
    ids=["priority", "risk", "share", "state"],
)
def test_a_move_that_can_change_nothing_says_why(shop, fields, words):
    one, other = shop.job(), shop.job()
    Job.objects.filter(pk=other.pk).update(**fields)
    other.refresh_from_db()

    with pytest.raises(IllegalMove, match=words):
        ordering.move_before(one, other)
