"""Quotas in the API, and setting them."""

from decimal import Decimal

import pytest

from audit.models import Entry
from jobs.models import Quota
from jobs.quotas.schemas import QuotaOut
from orgs import departments
from orgs.models import Department, Membership

from .quota_orders import quota


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
