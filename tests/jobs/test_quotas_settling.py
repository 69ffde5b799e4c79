"""What a job takes of quotas: settled as its copies end, given back, and taken again."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from jobs import approving, editing, judging, reprinting, revising, stopping, submitting
from jobs.lifecycle import move_print
from jobs.models import FailureReason, Job, QuotaShare
from jobs.quotas import ledger
from jobs.quotas.measuring import applicant_in
from models3d.models import Plate, Revision
from orgs import departments
from orgs.models import Department, Membership, Org
from printers.drivers.driver import MachineState

from .conftest import revision_of
from .quota_orders import quota


def share_of(job):
    return QuotaShare.objects.values_list("jobs", "grams", "seconds").get(job=job)


def membership(user):
    return Membership.objects.get(user=user, org__slug="acme")


@pytest.fixture
def physics(acme):
    return departments.save(Department(org=acme, name="Physics"))


def test_a_job_cancelled_before_it_prints_gives_all_back(shop):
    quota(1)
    job = shop.job()

    stopping.cancel(job)

    assert share_of(job) == (0, 0, 0)
    assert shop.job().pk


def test_a_failed_print_gives_back_and_deleting_a_job_does_not(shop, first_print):
    job, other = shop.job(), shop.job()
    with transaction.atomic():
        move_print(first_print(job), "failed", grams=Decimal(8), printed_s=300)
        one = first_print(other)
        move_print(one, "sending")
        move_print(one, "completed", grams=Decimal(13), printed_s=700)

    other.refresh_from_db()
    editing.delete(other)

    assert share_of(job) == (0, 0, 0)
    assert QuotaShare.objects.values_list("jobs", "grams", "seconds").get(job=None) == (1, 13, 700)


def test_a_print_cancelled_half_way_counts_with_what_it_used(shop, first_print):
    job = shop.job(copies=2)
    one = first_print(job)
    with transaction.atomic():
        move_print(one, "sending")
        move_print(one, "printing")
        move_print(one, "cancelled", grams=Decimal(4), printed_s=200)

    assert share_of(job) == (1, Decimal("16.5"), 800)

    stopping.cancel(job)
    assert share_of(job) == (1, 4, 200)


def test_a_rejected_job_gives_back_and_a_resubmitted_one_takes_again(shop):
    quota(1)
    job = shop.job()
    to = applicant_in(membership(shop.by), shop.by, None)
    job.state = "rejected"
    ledger.settle(job)
    assert share_of(job) == (0, 0, 0)

    ledger.reserve(job, to)

    assert share_of(job) == (1, Decimal("12.5"), 600)
    assert QuotaShare.objects.count() == 1
    with pytest.raises(ValidationError):
        shop.job()


def test_a_real_print_is_settled_to_what_it_took(shop):
    job = shop.job()
    shop.started()

    shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    job.refresh_from_db()
    jobs, grams, seconds = share_of(job)
    assert (job.state, jobs, grams) == ("completed", 1, job.grams)
    assert seconds == job.prints.get().printed_s != 600


def test_a_job_whose_file_is_read_later_takes_what_it_turns_out_to_need(shop):
    Revision.objects.filter(pk=shop.revision.pk).update(status="reading")
    shop.revision.refresh_from_db()
    job = shop.job(copies=2)
    assert share_of(job) == (1, 0, 0)

    Revision.objects.filter(pk=shop.revision.pk).update(status="ready")
    submitting.fill_in(shop.revision.pk)

    assert share_of(job) == (1, 25, 1200)


def test_a_job_moved_to_another_revision_takes_what_that_needs(shop):
    job = shop.job()
    heavy = revision_of(shop.by, b"; heavy\n", grams=99.0)

    revising.move(job, heavy)

    assert share_of(job) == (1, 99, 600)


@pytest.fixture
def approval(acme):
    Org.objects.filter(pk=acme.pk).update(approval=True)
    acme.approval = True


def test_a_submitted_job_takes_its_share_and_a_rejected_one_gives_it_back(shop, approval):
    quota(1)
    job = shop.job()
    with pytest.raises(ValidationError):
        shop.job()

    approving.reject(job, "not now")

    assert share_of(job) == (0, 0, 0)
    assert shop.job().state == "submitted"


def test_a_rejected_job_is_submitted_again_only_within_the_quota(shop, approval):
    quota(1)
    job = shop.job()
    approving.reject(job, "not now")
    other = shop.job()

    with pytest.raises(ValidationError):
        approving.resubmit(job, shop.by, {})
    job.refresh_from_db()
    assert job.state == "rejected"
    stopping.cancel(other)
    approving.resubmit(job, shop.by, {})

    assert share_of(job) == (1, Decimal("12.5"), 600)


def test_a_job_sent_back_does_not_grow_past_the_quota_by_its_next_revision(shop, approval):
    quota(50, measure="grams")
    job = shop.job()
    approving.ask_change(job, "smaller, please")
    heavy = Revision.objects.create(
        model=shop.revision.model, number=2, stored=shop.revision.stored, original_name="part.gcode",
        kind="gcode", status=Revision.Status.READY, metadata=shop.revision.metadata, by=shop.by,
    )  # fmt: skip
    use = dict(Plate.objects.get(revision=shop.revision).filaments[0], grams=99.0)
    Plate.objects.create(revision=heavy, number=1, print_s=600, layers=20, filaments=[use], grams=99)

    with pytest.raises(ValidationError) as refused:
        approving.resubmit(job, shop.by, {}, heavy)

    assert "this takes 99\xa0g" in refused.value.message_dict["quota"][0]
    assert share_of(job) == (1, Decimal("12.5"), 600)


def test_a_failure_that_is_the_persons_fault_counts_once_an_operator_says_so(shop, first_print):
    job = shop.job()
    one = first_print(job)
    with transaction.atomic():
        move_print(one, "sending")
        move_print(one, "printing", started_at=timezone.now())
        move_print(one, "failed", grams=Decimal(8), printed_s=300)
    reason = FailureReason.objects.create(name="Wrong slicing", fault="person")

    judging.classify(one, judging.Finding(reason=reason))

    assert share_of(job) == (1, 8, 300)


def test_printing_again_what_failed_fits_into_the_quota_that_it_gave_back(shop, first_print, person, physics):
    quota(1)
    job = shop.job()
    Job.objects.filter(pk=job.pk).update(department=physics)
    job.refresh_from_db()
    with transaction.atomic():
        move_print(first_print(job), "failed", grams=Decimal(8), printed_s=300)

    made, is_new = reprinting.reprint(job, person("operator"))

    assert is_new
    assert made.by == shop.by
    assert made.department is None
    with pytest.raises(ValidationError):
        shop.job()
