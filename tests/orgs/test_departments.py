"""Departments: their pages, who is in one, and when semesters begin."""

import pytest

from audit.models import Entry
from orgs import departments
from orgs.models import Department, Membership, Org

# What else the settings' form asks for.
QUEUE = {"heat_at_once": 0, "hold_after_failures": 1, "fair_share": 0}


@pytest.fixture
def physics(acme):
    return departments.save(Department(org=acme, name="Physics", code="P1"))


def test_a_department_is_added_renamed_and_deleted_and_it_is_in_the_audit(acme, sign_in):
    client = sign_in("admin")

    client.post("/o/acme/departments/", {"name": "  Physics   lab ", "code": "P1"})
    one = Department.objects.of(acme).get()
    client.post(f"/o/acme/departments/{one.pk}/edit/", {"name": "Optics", "code": ""})
    client.post(f"/o/acme/departments/{one.pk}/delete/")

    entries = Entry.objects.filter(action__startswith="department").order_by("pk")
    assert [(entry.action, entry.target) for entry in entries] == [
        ("department.add", "Physics lab"), ("department.edit", "Optics"), ("department.delete", "Optics"),
    ]  # fmt: skip
    assert not Department.objects.of(acme).exists()


def test_a_name_is_there_once_whatever_its_case_and_in_another_organisation_again(
    acme, rival, physics, sign_in
):
    answer = sign_in("admin").post("/o/acme/departments/", {"name": "PHYSICS"})
    other = sign_in("admin", "rival").post("/o/rival/departments/", {"name": "physics"})

    assert answer.status_code == 422
    assert "There is a department of this name already." in answer.text
    assert other.status_code == 302
    assert Department.objects.count() == 2


def test_a_department_may_change_the_case_of_its_own_name(acme, physics, sign_in):
    sign_in("admin").post(f"/o/acme/departments/{physics.pk}/edit/", {"name": "PHYSICS"})

    physics.refresh_from_db()
    assert physics.name == "PHYSICS"


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "\0"])
def test_a_department_has_a_sound_name(acme, sign_in, name):
    assert sign_in("admin").post("/o/acme/departments/", {"name": name}).status_code == 422


def test_an_admin_puts_a_member_into_a_department_and_takes_them_out(acme, physics, sign_in, person):
    member = Membership.objects.get(user=person("viewer"))
    client, url = sign_in("admin"), f"/o/acme/members/{member.pk}/department/"

    answer = client.post(url, {"department": physics.pk}, headers={"HX-Request": "true"})
    member.refresh_from_db()
    put = member.department
    client.post(url, {"department": ""})
    member.refresh_from_db()

    assert "acme viewer is now in Physics." in answer["HX-Trigger"]
    assert (put, member.department) == (physics, None)
    assert Entry.objects.filter(action="member.department").count() == 2


def test_nobody_is_put_into_a_department_of_another_organisation(acme, rival, sign_in, person):
    theirs = Department.objects.create(org=rival, name="Theirs")
    member = Membership.objects.get(user=person("viewer"))

    answer = sign_in("admin").post(
        f"/o/acme/members/{member.pk}/department/", {"department": theirs.pk}, headers={"HX-Request": "true"}
    )

    member.refresh_from_db()
    assert answer.status_code == 422
    assert member.department is None
    assert "Theirs" not in answer.text


def test_members_of_a_deleted_department_stay(acme, physics, sign_in, person):
    member = Membership.objects.get(user=person("viewer"))
    departments.put(member, physics)

    sign_in("admin").post(f"/o/acme/departments/{physics.pk}/delete/")

    member.refresh_from_db()
    assert member.department is None


def test_semesters_are_set_in_the_settings(acme, sign_in):
    form = {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR", **QUEUE}
    client = sign_in("admin")

    client.post("/o/acme/settings/", form | {"semester_starts": "9-1 3-15"})
    refused = client.post("/o/acme/settings/", form | {"semester_starts": "02-30"})

    assert Org.objects.get(slug="acme").semester_starts == "03-15, 09-01"
    assert refused.status_code == 422
    assert "is no day of every year" in refused.text
