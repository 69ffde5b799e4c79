"""Verdicts, failures and their reasons: who may say what of which copy, and what is kept of it."""

import pytest
from django.utils import timezone

from alerts.models import Alert
from audit.models import Entry
from jobs import judging, reasons
from jobs.judging import Finding
from jobs.lifecycle import move_print
from jobs.models import FailureReason, Print
from jobs.states import IllegalMove, PrintState, Verdict

P = PrintState
GOOD, REJECT = Verdict.GOOD, Verdict.REJECT


def ended(shop, *states, **order):
    """A job whose copies ended in these states."""
    job = shop.job(copies=len(states), **order)
    for one, state in zip(job.prints.order_by("copy"), states, strict=True):
        for step in (P.SENDING, P.PRINTING, state):
            if step != one.state:
                started = {"printer": shop.printer, "printer_name": "Voron 1"} if step == P.SENDING else {}
                started |= {"started_at": timezone.now()} if step == P.PRINTING else {}
                move_print(one, step, **started, note="Nozzle clogged." if step == P.FAILED else "")
    job.refresh_from_db()
    return job


def copy(job, number=1):
    return job.prints.get(copy=number)


def reason(name="Warping"):
    return reasons.all_reasons().get(name=name)


def test_an_organisation_begins_with_a_list_and_gets_it_once(acme):
    first = set(reasons.all_reasons().values_list("name", flat=True))

    assert len(first) == len(reasons.FIRST)
    assert reasons.all_reasons().count() == len(first)


def test_a_completed_copy_is_good_or_a_reject(shop):
    job = ended(shop, P.COMPLETED, P.COMPLETED)

    judging.judge(copy(job, 1), GOOD)
    judging.judge(copy(job, 2), REJECT, Finding(reason(), "corners lifted"))

    assert copy(job, 1).verdict == "good"
    rejected = copy(job, 2)
    assert (rejected.verdict, str(rejected.reason), rejected.finding) == (
        "reject",
        "Warping",
        "corners lifted",
    )


@pytest.mark.parametrize("state", [P.WAITING, P.SENDING, P.PRINTING, P.PAUSED, P.FAILED, P.CANCELLED])
def test_no_other_copy_has_a_verdict(shop, state):
    job = ended(shop, P.COMPLETED)
    Print.objects.filter(job=job).update(state=state)

    with pytest.raises(IllegalMove, match="only a completed copy"):
        judging.judge(copy(job), GOOD)

    assert copy(job).verdict == ""


@pytest.mark.parametrize("state", [P.WAITING, P.SENDING, P.PRINTING, P.PAUSED, P.COMPLETED])
def test_only_what_failed_or_was_cancelled_is_classified(shop, state):
    job = ended(shop, P.FAILED)
    Print.objects.filter(job=job).update(state=state)

    with pytest.raises(IllegalMove, match="neither failed nor was cancelled"):
        judging.classify(copy(job), Finding(reason()))

    assert copy(job).reason is None


def test_a_copy_cancelled_before_it_began_is_no_failure(shop):
    job = ended(shop, P.FAILED)
    Print.objects.filter(job=job).update(state=P.CANCELLED, started_at=None)

    with pytest.raises(IllegalMove):
        judging.classify(copy(job), Finding(reason()))


def test_a_change_of_mind_stands_in_the_history_with_what_was_before(shop):
    job = ended(shop, P.COMPLETED)
    judging.judge(copy(job), REJECT, Finding(reason(), "corners lifted"))

    judging.judge(copy(job), GOOD)

    assert copy(job).reason is None
    notes = list(job.events.values_list("note", flat=True))[-2:]
    assert notes == ["Copy 1: reject, Warping: corners lifted.", "Copy 1: good. Before: reject, Warping."]
    entry = Entry.objects.filter(action="job.verdict").latest("pk")
    assert (entry.before["verdict"], entry.after["verdict"]) == ("reject", "good")


def test_the_same_again_changes_nothing(shop):
    job = ended(shop, P.COMPLETED)
    judging.judge(copy(job), REJECT, Finding(reason(), "bent"))
    lines, entries = job.events.count(), Entry.objects.count()

    judging.judge(copy(job), REJECT, Finding(reason(), "bent"))

    assert (job.events.count(), Entry.objects.count()) == (lines, entries)


def test_all_good_leaves_what_has_a_verdict(shop):
    job = ended(shop, P.COMPLETED, P.COMPLETED, P.FAILED, P.COMPLETED)
    judging.judge(copy(job, 2), REJECT)

    counts = judging.all_good(job), judging.all_good(job)

    assert counts == (2, 0)
    assert list(job.prints.order_by("copy").values_list("verdict", flat=True)) == [
        "good",
        "reject",
        "",
        "good",
    ]
    assert job.events.filter(note="2 copies are good.").count() == 1


def test_the_alert_is_closed_with_the_last_failed_copy_classified(shop):
    job = ended(shop, P.FAILED, P.FAILED)
    alerts = Alert.objects.filter(cause=f"job.failed:{job.pk}", resolved_at=None)

    judging.classify(copy(job, 1), Finding(reason()))
    assert alerts.exists()
    judging.classify(copy(job, 2), Finding(reason()))

    assert not alerts.exists()


def test_a_retired_reason_is_not_chosen_any_more_and_stays_where_it_was(shop):
    job = ended(shop, P.FAILED, P.FAILED)
    judging.classify(copy(job, 1), Finding(reason()))
    reasons.retire(reason())

    judging.classify(copy(job, 1), Finding(reason(), "now with a note"))
    with pytest.raises(Exception, match="retired"):
        judging.classify(copy(job, 2), Finding(reason()))

    assert str(copy(job, 1).reason) == "Warping"
    assert copy(job, 2).reason is None


def test_a_renamed_reason_is_shown_by_its_new_name(shop):
    job = ended(shop, P.FAILED)
    judging.classify(copy(job), Finding(reason()))

    reasons.edit(reason(), "Corners lift", "nobody")

    assert str(copy(job).reason) == "Corners lift"
    assert FailureReason.objects.count() == len(reasons.FIRST)


def test_two_reasons_never_have_one_name(acme):
    reasons.all_reasons()

    with pytest.raises(Exception, match="of this name already"):
        reasons.add(" warping ", "machine")

    assert FailureReason.objects.count() == len(reasons.FIRST)


def test_the_last_reason_is_not_retired(acme):
    for one in list(reasons.all_reasons())[1:]:
        reasons.retire(one)

    with pytest.raises(Exception, match="last reason"):
        reasons.retire(reasons.in_use().get())


def test_what_goes_wrong_before_it_prints_has_a_time_too(shop):
    job = shop.job()

    move_print(copy(job), P.FAILED, note="The file is gone.")

    assert copy(job).ended_at is not None
