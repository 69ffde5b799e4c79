"""Printing again what failed or was rejected: how many, of what, for whom, and never twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from jobs import editing, judging, reprinting
from jobs.models import Job, Print
from jobs.states import IllegalMove, JobState, Verdict
from models3d import library
from printers.models import Printer
from tests.factories.models3d import upload
from tests.jobs.test_verdicts import P, copy, ended


@pytest.fixture
def lame(shop):
    """Copies 2 and 4 failed, 3 is a reject, 1 is fine, 5 was cancelled."""
    job = ended(shop, P.COMPLETED, P.FAILED, P.COMPLETED, P.FAILED, P.CANCELLED, notes="in red", priority=30)
    judging.judge(copy(job, 1), Verdict.GOOD)
    judging.judge(copy(job, 3), Verdict.REJECT)
    return job


def test_as_many_copies_are_printed_as_failed_or_were_rejected(lame, person):
    made, is_new = reprinting.reprint(lame, person("operator"))

    assert (is_new, made.copies, made.prints.count(), made.state) == (True, 3, 3, JobState.QUEUED)
    assert {one.copy for one in lame.prints.filter(reprint=made)} == {2, 3, 4}


def test_it_is_the_same_revision_with_the_same_options_and_for_the_same_person(shop, lame, person):
    library.add_revision(shop.revision.model, upload(content=b"G1 X1 E1\n"), by=shop.by)

    made, _ = reprinting.reprint(lame, person("operator"))

    kept = ("revision_id", "plate", "target", "priority", "notes", "auto_start", "filaments", "by_id")
    assert {name: getattr(made, name) for name in kept} == {name: getattr(lame, name) for name in kept}


@pytest.mark.parametrize(("days", "stays"), [(2, True), (-2, False)])
def test_a_due_date_stays_while_it_can_be_met(lame, person, days, stays):
    lame.due_at = timezone.now() + timedelta(days=days)
    lame.save(update_fields=["due_at"])

    made, _ = reprinting.reprint(lame, person("operator"))

    assert made.due_at == (lame.due_at if stays else None)


def test_both_histories_name_the_other(lame, person):
    made, _ = reprinting.reprint(lame, person("operator"))

    assert lame.events.last().note == f"Printed again as job {made.number}: copies 2, 3, 4."
    assert made.events.last().note == f"In place of copies 2, 3, 4 of job {lame.number}."


def test_a_second_press_leads_to_the_job_of_the_first(lame, person):
    made, _ = reprinting.reprint(lame, person("operator"))

    again, is_new = reprinting.reprint(lame, person("viewer"))

    assert (again, is_new) == (made, False)
    assert Job.objects.count() == 2


def test_what_is_rejected_later_makes_a_job_of_its_own(lame, person):
    reprinting.reprint(lame, person("operator"))
    judging.judge(copy(lame, 1), Verdict.REJECT)

    second, is_new = reprinting.reprint(lame, person("operator"))

    assert (is_new, second.copies) == (True, 1)
    assert reprinting.standing(second, []).instead_of == [copy(lame, 1)]


def test_a_deleted_reprint_may_be_made_again(lame, person):
    made, _ = reprinting.reprint(lame, person("operator"))
    Job.objects.filter(pk=made.pk).update(state=JobState.CANCELLED)
    editing.delete(made)

    _, is_new = reprinting.reprint(lame, person("operator"))

    assert is_new


def test_nothing_is_printed_again_of_what_is_good(shop, person):
    job = ended(shop, P.COMPLETED, P.CANCELLED)

    with pytest.raises(IllegalMove, match="No copy"):
        reprinting.reprint(job, person("operator"))

    assert Job.objects.count() == 1


def test_what_no_longer_fits_is_refused_and_stays_lacking(shop, lame, person):
    Job.objects.update(target=Job.Target.PRINTER, target_printer=shop.printer)
    Printer.objects.update(bed_x_mm=50)
    lame.refresh_from_db()

    with pytest.raises(ValidationError, match="can't print this"):
        reprinting.reprint(lame, person("operator"))

    assert Print.objects.filter(reprint=None).count() == 5


def test_cost_and_usage_of_the_first_stay(lame, person):
    Job.objects.filter(pk=lame.pk).update(cost=3, grams=50)

    reprinting.reprint(lame, person("operator"))

    lame.refresh_from_db()
    assert (lame.cost, lame.grams, lame.state) == (3, 50, JobState.FAILED)


def test_the_button_asks_nothing_and_a_double_click_makes_one_job(lame, sign_in):
    client = sign_in("viewer")

    answers = [client.post(f"/o/acme/queue/{lame.pk}/reprint/") for _click in range(2)]

    made = Job.objects.latest("number")
    assert {answer.url for answer in answers} == {f"/o/acme/queue/{made.pk}/"}
    assert Job.objects.count() == 2


def test_the_page_leads_from_one_to_the_other(lame, person, sign_in):
    made, _ = reprinting.reprint(lame, person("operator"))
    client = sign_in("viewer")

    first, second = (client.get(f"/o/acme/queue/{job.pk}/").text for job in (lame, made))

    assert f'<a href="/o/acme/queue/{made.pk}/">#{made.number}</a>' in first
    assert f"#{lame.number} Bracket" in second
    assert "lacking" not in first
