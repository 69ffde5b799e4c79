"""Quotas where jobs are submitted: whom they hold, what they count, and what outlives whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from jobs import editing, planning, submitting
from jobs.models import Job, Quota, QuotaShare
from jobs.quotas.measuring import applicant_in
from jobs.quotas.standing import standings
from jobs.submitting import Order, submit
from models3d.models import Plate
from orgs import departments
from orgs.models import Department, Membership

from .quota_orders import quota


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
