"""Quotas and departments on pages, in the API and through the slicer's inbox."""

import pytest

from accounts.models import User
from jobs.models import Job
from jobs.submitting import Order, submit
from orgs import departments
from orgs.creating import add_member
from orgs.models import Department, Org
from orgs.roles import Role

from .quota_orders import form_of, quota


def test_the_form_refuses_what_no_quota_allows_and_keeps_what_was_typed(shop, sign_in):
    quota(0)

    answer = sign_in("viewer").post("/o/acme/queue/add/", form_of(shop, notes="mine"))

    assert answer.status_code == 422
    assert "The quota of 0 jobs this week for each viewer has 0 jobs left" in answer.text
    assert "mine" in answer.text
    assert not Job.objects.exists()


def test_the_api_refuses_it_by_name(shop, api):
    quota(0)

    answer = api("viewer").post("/api/jobs", {"model_id": str(shop.revision.model_id)})

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "quota"


def test_printing_again_is_refused_on_the_page_and_in_the_api(shop, sign_in, api):
    job = shop.job()
    quota(1)

    page = sign_in("viewer").post(f"/o/acme/queue/{job.pk}/again/", follow=True)

    assert "has 0 jobs left, and this takes 1 job." in page.text
    assert api("viewer").post(f"/api/jobs/{job.pk}/print-again").status_code == 422
    assert Job.objects.count() == 1


def test_what_a_slicer_sends_to_print_is_refused_in_words(acme, slicer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    quota(0)

    answer = slicer("viewer").send(print="true")

    assert answer.status_code >= 400
    assert "The quota of 0 jobs this week" in answer.text
    assert not Job.objects.exists()


def test_the_form_shows_what_is_left_and_what_this_job_takes(shop, sign_in):
    quota(10)
    quota(30, measure="grams", span="day")
    shop.job()
    client = sign_in("viewer")

    page = client.get(f"/o/acme/queue/add/?model={shop.revision.model_id}").text
    more = client.get(f"/o/acme/queue/add/left/?model={shop.revision.model_id}&copies=2").text

    assert "1 of 10 jobs this week" in page
    assert "After this job 2 of 10 jobs this week" in page
    assert "After this job 25\xa0g of 30\xa0g today" in page
    assert "This job takes more than the 18\xa0g left" in more
    assert "After this job 2 of 10 jobs this week" in more


def test_the_parts_that_follow_the_model_bring_what_is_left_along(shop, sign_in):
    quota(30, measure="grams")

    part = sign_in("viewer").get(f"/o/acme/queue/add/file/?model={shop.revision.model_id}&copies=3").text

    assert 'id="job-quotas"' in part
    assert "This job takes more than the 30\xa0g left" in part


@pytest.mark.parametrize("copies", ["", "x", "0", "99999", "-1", "²"])
def test_nonsense_for_copies_breaks_nothing(shop, sign_in, copies):
    quota(10)

    answer = sign_in("viewer").get(
        "/o/acme/queue/add/left/",
        {"model": shop.revision.model_id, "copies": copies, "department_id": "None"},
    )

    assert answer.status_code == 200


def test_a_viewer_sees_their_own_quotas_and_nobody_elses(shop, sign_in, person):
    quota(5, who="viewer")
    quota(7, who="person", person=person("operator"), span="day")
    shop.job()

    page = sign_in("viewer").get("/o/acme/quotas/").text

    assert "1 of 5 jobs this week" in page
    assert "of 7 jobs" not in page
    assert "Everybody" not in page
    assert "Set quotas" not in page


def test_operators_see_everybody_and_find_them_by_name(shop, sign_in, person, physics):
    quota(5)
    quota(7, who="department", department=physics)
    quota(9, who="person", person=person("operator"))
    shop.job()
    client = sign_in("operator")

    page = client.get("/o/acme/quotas/").text
    found = client.get("/o/acme/quotas/?q=phys").text

    assert all(f"of {amount} jobs" in page for amount in (5, 7, 9))
    assert "acme viewer" in page
    assert "0 of 7 jobs" in found
    assert "1 of 5 jobs" not in found


def test_the_pages_ask_as_often_for_many_people_and_quotas_as_for_few(
    shop, sign_in, django_assert_max_num_queries
):
    client, org = sign_in("admin"), Org.objects.get(slug="acme")
    for number in range(40):
        user = User.objects.create(email=f"q{number}@acme.test", name=f"Q{number}")
        add_member(org, user, Role.VIEWER)
        department = departments.save(Department(org=org, name=f"D{number}"))
        quota(9, who="person", person=user)
        quota(9, who="department", department=department)
        submit(Order(revision=shop.revision), user)
    quota(5)
    most = {"quotas/": 15, "quotas/rules/": 12, "departments/": 10, "members/": 11}

    for url, queries in most.items():
        with django_assert_max_num_queries(queries):
            assert client.get(f"/o/acme/{url}").status_code == 200
    assert "1 to 50 of 120" in client.get("/o/acme/quotas/?page=nonsense").text
    assert "101 to 120 of 120" in client.get("/o/acme/quotas/?page=99").text
