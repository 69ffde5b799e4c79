"""Many jobs counted for another department at once."""

import pytest

from bulk.models import Run
from bulk.running import undo, work
from jobs.models import Job, QuotaShare
from orgs import departments
from orgs.models import Department, Membership

QUEUE = "/o/acme/queue/"


@pytest.fixture
def count(api):
    """count(jobs, department): the run, when it is over."""

    def count(jobs, department):
        body = {"ids": [str(job.pk) for job in jobs], "action": "set_department"}
        answer = api("operator").post("/api/jobs/bulk", body | {"values": {"department_id": department}})
        assert answer.status_code == 202, answer.text
        work()
        return Run.objects.get(pk=answer.json()["run"])

    return count


def departments_of(jobs):
    return [Job.objects.get(pk=job.pk).department for job in jobs]


def test_jobs_and_their_shares_are_counted_for_it_and_taken_back(shop, physics, count, acme, person):
    jobs = [shop.job(), shop.job()]

    run = count(jobs, str(physics.pk))

    assert departments_of(jobs) == [physics, physics]
    assert {share.department for share in QuotaShare.objects.all()} == {physics}
    undo(run, Membership.objects.get(user=person("operator"), org=acme))
    work()
    assert departments_of(jobs) == [None, None]


def test_none_takes_them_out_of_any(shop, physics, count):
    job = shop.job()
    count([job], str(physics.pk))

    count([job], None)

    assert departments_of([job]) == [None]


def test_what_is_counted_for_it_already_says_so(shop, physics, count):
    job = shop.job()
    count([job], str(physics.pk))

    assert count([job], str(physics.pk)).items.get().reason == "It is counted for it already."


def test_a_department_that_went_meanwhile_is_not_given_back(shop, physics, count, acme, person):
    job = shop.job()
    count([job], str(physics.pk))
    run = count([job], None)
    departments.delete(physics)

    back = undo(run, Membership.objects.get(user=person("operator"), org=acme))
    work()

    assert back.items.get().reason == "That department is gone."
    assert departments_of([job]) == [None]


def test_a_department_of_another_organisation_is_refused(shop, api, rival):
    job = shop.job()
    foreign = departments.save(Department(org=rival, name="Art"))
    body = {"ids": [str(job.pk)], "action": "set_department", "values": {"department_id": str(foreign.pk)}}

    assert api("operator").post("/api/jobs/bulk", body).status_code == 422
    assert departments_of([job]) == [None]


def test_it_is_offered_only_where_there_are_departments(shop, acme, sign_in):
    shop.job()
    client = sign_in("operator")

    assert "set_department" not in client.get(QUEUE).text
    departments.save(Department(org=acme, name="Physics"))
    assert "set_department" in client.get(QUEUE).text
