"""Who belongs to an organisation, and that it keeps an admin."""

import threading
from contextlib import suppress

import pytest

from accounts import factors, passkeys
from accounts.models import Passkey, User
from audit.models import Entry
from orgs import members, tokens
from orgs.creating import add_member
from orgs.models import ApiToken, Membership, Org
from orgs.roles import Role
from tests.factories.accounts import with_app


def membership_of(person: User) -> Membership:
    return Membership.objects.get(user=person)


def test_new_role_is_stored_and_in_the_audit_before_and_after(acme, sign_in, person):
    membership = membership_of(person("viewer"))

    sign_in("admin").post(f"/o/acme/members/{membership.pk}/role/", {"role": Role.OPERATOR.value})

    membership.refresh_from_db()
    entry = Entry.objects.get(action="member.role")
    assert membership.role == Role.OPERATOR
    assert (entry.before, entry.after) == ({"role": "viewer"}, {"role": "operator"})
    assert entry.actor_id == person("admin").pk


def test_unknown_role_is_refused(acme, sign_in, person):
    membership = membership_of(person("viewer"))

    answer = sign_in("admin").post(
        f"/o/acme/members/{membership.pk}/role/", {"role": 40}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 422
    assert membership_of(person("viewer")).role == Role.VIEWER


@pytest.mark.parametrize("path", ["role/", "remove/"])
def test_last_admin_can_not_be_demoted_or_removed(acme, sign_in, person, path):
    membership = membership_of(person("admin"))

    answer = sign_in("root").post(
        f"/o/acme/members/{membership.pk}/{path}", {"role": 10}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 422
    assert "last admin" in answer["HX-Trigger"]
    assert membership_of(person("admin")).role == Role.ADMIN


def test_admin_with_a_closed_account_is_no_reason_to_let_the_last_one_go(acme, person):
    second = User.objects.create_user("second@acme.test", "Correct7horse", name="Second", is_active=False)
    add_member(acme, second, Role.ADMIN)

    with pytest.raises(members.LastAdmin):
        members.remove(membership_of(person("admin")))


def test_removed_member_finds_no_organisation_and_tokens_are_dead(acme, api, sign_in, person):
    script, browser = api("viewer"), sign_in("viewer")
    membership = membership_of(person("viewer"))

    sign_in("admin").post(f"/o/acme/members/{membership.pk}/remove/")

    assert browser.get("/o/acme/account/").status_code == 302
    assert sign_in("viewer").get("/o/acme/account/").status_code == 404
    assert script.get("/api/me").status_code == 401


def test_token_of_a_removed_member_stays_dead_when_they_come_back(acme, api, person):
    script = api("viewer")
    members.remove(membership_of(person("viewer")))

    add_member(acme, person("viewer"), Role.VIEWER)

    assert script.get("/api/me").status_code == 401
    assert not ApiToken.objects.filter(user=person("viewer"), org=acme).exists()


def test_who_removes_oneself_goes_where_one_still_may(acme, sign_in, person):
    second = User.objects.create_user("second@acme.test", "Correct7horse", name="Second")
    add_member(acme, second, Role.ADMIN)

    answer = sign_in("admin").post(
        f"/o/acme/members/{membership_of(person('admin')).pk}/remove/", headers={"HX-Request": "true"}
    )

    assert answer["HX-Redirect"] == "/"


def test_member_of_another_organisation_is_not_found(acme, sign_in, person):
    foreign = membership_of(person("viewer", "rival"))

    for path in ("role/", "remove/"):
        assert sign_in("admin").post(f"/o/acme/members/{foreign.pk}/{path}", {"role": 20}).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_admins_see_the_members(acme, sign_in, role):
    assert sign_in(role).get("/o/acme/members/").status_code == 403


@pytest.mark.parametrize("extra", [0, 30])
def test_member_list_asks_the_same_queries_however_many_there_are(
    acme, sign_in, extra, django_assert_max_num_queries
):
    people = [User(email=f"p{number}@acme.test", name=f"P {number}") for number in range(extra)]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(Membership(user=user, org=acme, role=Role.VIEWER) for user in people)
    client = sign_in("admin")
    client.get("/o/acme/members/")

    with django_assert_max_num_queries(10):
        answer = client.get("/o/acme/members/")

    assert answer.text.count("/remove/") >= 2 * (3 + extra)


def test_two_admins_who_remove_each_other_at_once_leave_one(for_real, at_once, monkeypatch):
    """Each comes as far as having looked whether another admin is left, unless the other holds the lock."""
    rival = Org.objects.get(slug="rival")
    second = User.objects.create_user("second@rival.test", "Correct7horse", name="Second")
    theirs = add_member(rival, second, Role.ADMIN)
    first = Membership.objects.get(org=rival, user__email="admin@rival.test")
    both_have_looked = threading.Barrier(2, timeout=1)
    look = members.check_may_go

    def looked(leaving):
        look(leaving)
        with suppress(threading.BrokenBarrierError):
            both_have_looked.wait()

    monkeypatch.setattr(members, "check_may_go", looked)

    outcomes = at_once(lambda: members.remove(first), lambda: members.remove(theirs))

    assert [type(one) for one in outcomes].count(members.LastAdmin) == 1
    assert Membership.objects.filter(org=rival, role=Role.ADMIN).count() == 1


def test_who_is_removed_while_making_a_token_leaves_none_behind(for_real, at_once, monkeypatch):
    """The token is made while the removal goes on, and a later invitation would bring it back to life."""
    rival = Org.objects.get(slug="rival")
    third = User.objects.create_user("third@rival.test", "Correct7horse", name="Third")
    membership = add_member(rival, third, Role.VIEWER)
    is_making, is_removing = threading.Event(), threading.Event()
    sign_out = members._sign_out

    def removed(user):
        sign_out(user)
        is_removing.set()
        is_making.wait(1)

    monkeypatch.setattr(members, "_sign_out", removed)

    def make():
        is_removing.wait(1)
        try:
            tokens.issue(third, rival, "Late", ["read:jobs"])
        finally:
            is_making.set()

    at_once(lambda: members.remove(membership), make)

    assert not ApiToken.objects.filter(user=third).exists()


def test_last_two_factors_removed_at_once_turn_the_second_step_off(for_real, at_once, monkeypatch):
    """Each comes as far as looking for the other, unless that one holds the lock."""
    person = User.objects.create_user("fourth@rival.test", "Correct7horse", name="Fourth")
    with_app(person)
    passkey = Passkey.objects.create(user=person, name="Key", credential=b"c", public_key=b"k")
    both_look = threading.Barrier(2, timeout=1)
    has_authenticator = factors.has_authenticator

    def looked(user):
        with suppress(threading.BrokenBarrierError):
            both_look.wait()
        return has_authenticator(user)

    monkeypatch.setattr(factors, "has_authenticator", looked)

    def remove_passkey():
        passkeys.remove(Passkey.objects.select_related("user").get(pk=passkey.pk))

    at_once(lambda: factors.remove_authenticator(User.objects.get(pk=person.pk)), remove_passkey)

    assert not Passkey.objects.filter(user=person).exists()
    assert User.objects.get(pk=person.pk).mfa_since is None
