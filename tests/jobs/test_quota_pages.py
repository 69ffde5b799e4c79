"""Quotas and departments on pages, in the API and through the slicer's inbox."""

import re
from decimal import Decimal

import pytest

from accounts.models import User
from audit.models import Entry
from jobs.models import Job, Quota, QuotaShare
from jobs.quotas.schemas import QuotaOut
from jobs.submitting import Order, submit
from orgs import departments
from orgs.creating import add_member
from orgs.models import Department, Membership, Org
from orgs.roles import Role


def quota(amount=2, who="viewer", measure="jobs", span="week", **fields):
    return Quota.objects.create(amount=Decimal(amount), who=who, measure=measure, span=span, **fields)


def form_of(shop, **fields):
    return {
        "model": str(shop.revision.model_id), "revision": 1, "plate": 1, "copies": 1, "target": "any",
        "priority": 20, **fields,
    }  # fmt: skip


@pytest.fixture
def physics(acme):
    return departments.save(Department(org=acme, name="Physics", code="P1"))


@pytest.fixture
def art(acme):
    return departments.save(Department(org=acme, name="Art"))


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
    most = {"quotas/": 14, "quotas/rules/": 12, "departments/": 10, "members/": 11}

    for url, queries in most.items():
        with django_assert_max_num_queries(queries):
            assert client.get(f"/o/acme/{url}").status_code == 200
    assert "1 to 50 of 120" in client.get("/o/acme/quotas/?page=nonsense").text
    assert "101 to 120 of 120" in client.get("/o/acme/quotas/?page=99").text


def test_the_api_tells_what_is_left_of_ones_own(shop, api):
    quota(3, measure="hours")
    shop.job(copies=6)

    answer = api("viewer").get("/api/quotas").json()

    (one,) = answer["items"]
    assert answer["count"] == 1
    assert set(one) == set(QuotaOut.model_fields)
    QuotaOut.model_validate(one)
    assert (one["who"], one["measure"], one["span"]) == ("viewer", "hours", "week")
    assert (one["limit"], one["used"], one["left"]) == (3.0, 1.0, 2.0)


def test_operators_ask_for_somebodys_and_a_departments_and_viewers_do_not(shop, api, person, physics):
    departments.put(Membership.objects.get(user=shop.by), physics)
    quota(5, who="member", department=physics)
    quota(7, who="department", department=physics)
    shop.job()
    user, department = f"?user_id={shop.by.pk}", f"?department_id={physics.pk}"

    of_user = api().get(f"/api/quotas{user}").json()["items"]
    of_department = api().get(f"/api/quotas{department}").json()["items"]
    own = api("viewer").get(f"/api/quotas{user}")
    others = [api("viewer").get(f"/api/quotas?user_id={person('admin').pk}")]

    assert sorted((one["limit"], one["used"]) for one in of_user) == [(5.0, 1.0), (7.0, 1.0)]
    assert [one["limit"] for one in of_department] == [7.0]
    assert own.json()["count"] == 2
    assert [answer.status_code for answer in others] == [403]


@pytest.mark.parametrize("query", ["?user_id=x", "?ordering=name", "?colour=red", "?limit=0"])
def test_unsound_questions_are_refused(acme, api, query):
    assert api().get(f"/api/quotas{query}").status_code == 422


def test_people_and_departments_of_another_organisation_are_missing(acme, rival, api, person):
    theirs = Department.objects.create(org=rival, name="Theirs")

    answers = [
        api().get(f"/api/quotas?user_id={person('viewer', 'rival').pk}"),
        api().get(f"/api/quotas?department_id={theirs.pk}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.fixture
def set_quota(acme, sign_in):
    client = sign_in("admin")
    base = {"who": "viewer", "measure": "jobs", "span": "week", "amount": "10"}
    return lambda url="quotas/rules/add/", **fields: client.post(f"/o/acme/{url}", base | fields)


def test_an_admin_adds_changes_and_deletes_a_quota_and_it_is_in_the_audit(set_quota, sign_in):
    set_quota(amount="10")
    one = Quota.objects.get()
    set_quota(f"quotas/rules/{one.pk}/edit/", amount="12.5", measure="hours")
    one.refresh_from_db()
    listed = sign_in("admin").get("/o/acme/quotas/rules/").text
    set_quota(f"quotas/rules/{one.pk}/delete/")

    assert (one.amount, one.measure) == (Decimal("12.5"), "hours")
    assert "12.5 hours" in listed
    assert not Quota.objects.exists()
    assert [entry.action for entry in Entry.objects.filter(action__startswith="quota").order_by("pk")] == [
        "quota.add", "quota.edit", "quota.delete",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "-1"}, {"amount": "1e9"}, {"amount": "NaN"}, {"amount": "Infinity"}, {"amount": "2.5"},
        {"amount": ""}, {"amount": "0.001", "measure": "grams"}, {"who": "person"}, {"who": "department"},
        {"who": "member"}, {"who": "all"}, {"span": "year"}, {"measure": "euros"},
    ],
    ids=str,
)  # fmt: skip
def test_absurd_quotas_are_refused(set_quota, fields):
    answer = set_quota(**fields)

    assert answer.status_code == 422
    assert not Quota.objects.exists()


def test_a_second_quota_of_the_same_kind_is_refused_in_words(set_quota):
    set_quota()

    answer = set_quota(amount="11")

    assert answer.status_code == 422
    assert "There is a quota of this kind already" in answer.text


def test_people_and_departments_of_others_can_not_be_given_a_quota(rival, set_quota, person):
    theirs = Department.objects.create(org=rival, name="Theirs")

    answers = [
        set_quota(who="person", person=person("viewer", "rival").pk),
        set_quota(who="department", department=theirs.pk),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert not any("Theirs" in answer.text for answer in answers)


def test_a_person_chosen_before_another_kind_was_is_left_out(set_quota, person):
    set_quota(who="org", person=person("viewer").pk)

    assert Quota.objects.get().person is None
