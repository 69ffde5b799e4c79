"""Quotas in the life of a job: reserved, settled, given back, enforced again before the start."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from jobs import approving, by_hand, editing, planning, revising, staging, starting, stopping, submitting
from jobs.lifecycle import move_print
from jobs.models import Job, Quota, QuotaShare
from jobs.quotas import ledger, setting
from jobs.quotas.measuring import applicant_in
from jobs.quotas.standing import standings
from jobs.submitting import Order, submit
from models3d.models import Plate, Revision
from orgs import departments
from orgs.models import Department, Membership, Org
from printers.drivers.driver import MachineState
from stations.models import Dispatch, DispatchState

from .conftest import revision_of


def quota(amount=2, who="viewer", measure="jobs", span="week", **fields):
    return Quota.objects.create(amount=Decimal(amount), who=who, measure=measure, span=span, **fields)


def share_of(job):
    return QuotaShare.objects.values_list("jobs", "grams", "seconds").get(job=job)


def membership(user):
    return Membership.objects.get(user=user, org__slug="acme")


@pytest.fixture
def physics(acme):
    return departments.save(Department(org=acme, name="Physics"))


def test_without_a_quota_everybody_prints_what_they_like_and_it_is_noted(shop):
    job = shop.job(copies=3)

    assert share_of(job) == (1, Decimal("37.5"), 1800)


def test_a_refused_job_names_the_quota_what_is_left_and_when_it_renews(shop):
    quota(20, measure="grams")
    shop.job()

    with pytest.raises(ValidationError) as refused:
        shop.job()

    (words,) = refused.value.message_dict["quota"]
    assert words.startswith("The quota of 20\xa0g this week for each viewer has 7.5\xa0g left")
    assert "It renews on" in words
    assert "00:00" in words
    assert Job.objects.count() == QuotaShare.objects.count() == 1


def test_a_refused_job_uses_up_no_number(shop):
    quota(1)
    first = shop.job()
    with pytest.raises(ValidationError):
        shop.job()
    Quota.objects.all().delete()

    assert shop.job().number == first.number + 1


@pytest.mark.parametrize(
    ("measure", "amount", "copies"), [("jobs", 1, 500), ("grams", "25.00", 2), ("hours", "0.5", 3)]
)
def test_copies_count_in_grams_and_hours_and_a_job_is_one_job(shop, measure, amount, copies):
    quota(amount, measure=measure)

    shop.job(copies=copies)

    with pytest.raises(ValidationError):
        shop.job()


def test_every_quota_that_applies_must_hold_and_all_that_do_not_are_told(shop):
    quota(0)
    quota(1, measure="grams", span="day")
    quota(100, who="org")

    with pytest.raises(ValidationError) as refused:
        shop.job()

    assert len(refused.value.message_dict["quota"]) == 2


def test_printing_again_is_enforced(shop):
    quota(1)
    job = shop.job()

    with pytest.raises(ValidationError):
        submitting.again(job, shop.by)


def test_operators_are_free_of_what_is_for_viewers(shop, person):
    quota(0)

    assert submit(Order(revision=shop.revision), person("operator")).pk


@pytest.mark.parametrize("who", ["person", "member", "department", "org"])
def test_operators_count_where_they_or_their_department_are_named(shop, person, physics, who):
    user = person("operator")
    departments.put(membership(user), physics)
    quota(
        0,
        who=who,
        person=user if who == "person" else None,
        department=physics if who in {"member", "department"} else None,
    )

    with pytest.raises(ValidationError):
        submit(Order(revision=shop.revision), user)


def test_a_department_is_shared_by_its_people(shop, person, physics):
    for role in ("viewer", "operator"):
        departments.put(membership(person(role)), physics)
    quota(1, who="department", department=physics)
    submit(Order(revision=shop.revision), person("operator"))

    with pytest.raises(ValidationError):
        shop.job()


def test_what_was_printed_last_week_is_not_counted(shop):
    quota(1)
    job = shop.job()
    QuotaShare.objects.filter(job=job).update(at=timezone.now() - timedelta(days=7))

    assert shop.job().pk


def test_a_quota_set_later_counts_what_was_submitted_before(shop):
    shop.job()
    quota(1)

    with pytest.raises(ValidationError):
        shop.job()


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


def test_a_job_moves_to_a_department_only_if_that_has_enough_left(shop, physics, person):
    quota(0, who="department", department=physics)
    job = shop.job()

    with pytest.raises(ValidationError):
        editing.edit(job, {"department_id": physics.pk})

    job.refresh_from_db()
    assert job.department is None
    Quota.objects.all().delete()
    editing.edit(job, {"department_id": physics.pk})
    assert QuotaShare.objects.get(job=job).department == physics


def test_a_deleted_department_takes_its_quotas_along_and_leaves_people_and_jobs(shop, physics):
    departments.put(membership(shop.by), physics)
    job = shop.job()
    quota(5, who="member", department=physics)

    departments.delete(physics)

    job.refresh_from_db()
    assert job.department is None
    assert not Quota.objects.exists()
    assert membership(shop.by).department is None
    assert QuotaShare.objects.get(job=job).department is None


def test_a_deleted_person_leaves_what_was_used_of_the_organisation(shop):
    user = User.objects.create_user("gone@acme.test", "Correct7horse", name="Gone")
    submit(Order(revision=shop.revision), user)
    quota(5, who="person", person=user)
    quota(1, who="org")

    user.delete()

    assert Quota.objects.get().who == "org"
    with pytest.raises(ValidationError):
        shop.job()


def test_a_person_who_left_holds_nobody_back(shop):
    job = shop.job()
    quota(0)
    membership(shop.by).delete()

    planning.match()

    job.refresh_from_db()
    assert job.why_not == ""


def test_what_is_left_is_after_what_is_reserved(shop):
    quota(3, measure="hours")
    shop.job(copies=6)

    (found,) = standings(applicant_in(membership(shop.by), shop.by, None))

    assert (found.used, found.left, found.words) == (
        3600,
        7200,
        "1\xa0h\xa000\xa0min of 3\xa0h\xa000\xa0min this week",
    )


def test_plates_of_files_without_a_time_take_no_time(shop):
    Plate.objects.update(print_s=None)
    quota(0, measure="hours")

    assert share_of(shop.job()) == (1, Decimal("12.5"), 0)


@pytest.mark.parametrize("spent", [0, 40])
def test_matching_asks_as_often_for_many_held_jobs_as_for_one(shop, django_assert_max_num_queries, spent):
    quota(100)
    for _number in range(spent + 1):
        shop.job()
    Quota.objects.update(amount=0)

    with django_assert_max_num_queries(27):
        planning.match()

    assert Job.objects.exclude(why_not="").count() == spent + 1


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
