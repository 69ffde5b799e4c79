"""The department for which a job is counted: in the form, the API, and when it is printed again."""

import re

import pytest

from jobs.models import Job, Quota, QuotaShare
from orgs import departments
from orgs.models import Membership

from .quota_orders import form_of, quota


def test_a_job_counts_for_the_department_that_an_operator_chose(shop, sign_in, physics, art, person):
    departments.put(Membership.objects.get(user=person("operator")), physics)
    client = sign_in("operator")

    page = client.get("/o/acme/queue/add/").text
    client.post("/o/acme/queue/add/", form_of(shop, department_id=str(art.pk)))

    assert re.search(rf'<option value="{physics.pk}"[^>]* selected', page)
    job = Job.objects.get()
    assert job.department == art
    assert QuotaShare.objects.get().department == art
    assert "Art" in client.get(f"/o/acme/queue/{job.pk}/").text


def test_an_operator_may_choose_no_department(shop, sign_in, physics, person):
    departments.put(Membership.objects.get(user=person("operator")), physics)

    sign_in("operator").post("/o/acme/queue/add/", form_of(shop, department_id=""))

    assert Job.objects.get().department is None


def test_a_viewer_counts_for_their_own_whatever_they_send(shop, sign_in, physics, art):
    departments.put(Membership.objects.get(user=shop.by), physics)
    client = sign_in("viewer")

    client.post("/o/acme/queue/add/", form_of(shop, department_id=str(art.pk)))

    assert Job.objects.get().department == physics
    assert "id_department_id" not in re.sub(r'hx-\w+="[^"]*"', "", client.get("/o/acme/queue/add/").text)


def test_the_api_takes_and_gives_the_department(shop, api, physics, art, person):
    departments.put(Membership.objects.get(user=person("operator")), physics)
    body = {"model_id": str(shop.revision.model_id)}

    own = api().post("/api/jobs", body).json()
    none = api().post("/api/jobs", body | {"department_id": None}).json()
    other = api().post("/api/jobs", body | {"department_id": str(art.pk)}).json()
    moved = api().patch(f"/api/jobs/{other['id']}", {"department_id": str(physics.pk)}).json()

    said = [one["department_id"] for one in (own, none, other, moved)]
    assert said == [str(physics.pk), None, str(art.pk), str(physics.pk)]
    assert QuotaShare.objects.get(job=other["id"]).department == physics


@pytest.mark.parametrize("verb", ["post", "patch"])
def test_a_viewer_may_name_their_own_department_only(shop, api, physics, art, verb):
    departments.put(Membership.objects.get(user=shop.by), physics)
    job = shop.job()
    body = {"model_id": str(shop.revision.model_id)} if verb == "post" else {}
    url = "/api/jobs" if verb == "post" else f"/api/jobs/{job.pk}"
    ask = getattr(api("viewer"), verb)

    refused = [ask(url, body | {"department_id": wanted}) for wanted in (str(art.pk), None)]
    own = ask(url, body | {"department_id": str(physics.pk)})

    assert [answer.status_code for answer in refused] == [422, 422]
    assert refused[0].json()["errors"][0]["field"] == "department_id"
    assert own.status_code in {200, 201}
    assert set(Job.objects.values_list("department", flat=True)) == {physics.pk}


def test_the_department_of_a_job_is_edited_on_its_page_within_its_quota(shop, sign_in, physics):
    job = shop.job()
    form = {"priority": 20, "department_id": str(physics.pk)}
    client = sign_in("operator")
    quota(0, who="department", department=physics)

    refused = client.post(f"/o/acme/queue/{job.pk}/edit/", form)
    Quota.objects.all().delete()
    client.post(f"/o/acme/queue/{job.pk}/edit/", form)

    assert refused.status_code == 422
    assert "for Physics has 0 jobs left" in refused.text
    assert Job.objects.get().department == physics


def test_saving_an_unchanged_job_leaves_its_department_alone(shop, sign_in, physics):
    departments.put(Membership.objects.get(user=shop.by), physics)
    job = shop.job()

    sign_in("viewer").post(f"/o/acme/queue/{job.pk}/edit/", {"priority": 30})

    job.refresh_from_db()
    assert (job.department, job.priority) == (physics, 30)


def test_printing_again_keeps_the_department_for_whoever_may_choose_it(shop, api, physics, art, person):
    departments.put(Membership.objects.get(user=shop.by), physics)
    job = shop.job()
    departments.put(Membership.objects.get(user=shop.by), art)

    by_operator = api().post(f"/api/jobs/{job.pk}/print-again").json()
    by_viewer = api("viewer").post(f"/api/jobs/{job.pk}/print-again").json()

    assert by_operator["department_id"] == str(physics.pk)
    assert by_viewer["department_id"] == str(art.pk)
