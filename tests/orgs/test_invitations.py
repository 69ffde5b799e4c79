"""Invitations by mail."""

import re
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import User
from audit.models import Entry
from orgs import inviting
from orgs.models import Invitation, Membership
from orgs.roles import Role
from printers.models import Tag
from tests.conftest import PASSWORD


@pytest.fixture
def invite(acme, sign_in, django_capture_on_commit_callbacks):
    """invite("new@person.test", role) asks as acme's admin and gives the path in the mail."""
    current_app.conf.task_always_eager = True

    def send(email: str, role: Role = Role.OPERATOR, path: str = "/o/acme/members/invite/") -> str:
        with django_capture_on_commit_callbacks(execute=True):
            answer = sign_in("admin").post(path, {"email": email, "role": role.value})
        assert answer.status_code == 302, answer.text
        return re.search(r"http://[^/]+(/invitations/\S+/)", mail.outbox[-1].body)[1]

    yield send
    current_app.conf.task_always_eager = False


def test_new_person_joins_by_the_link_with_name_and_password(acme, invite, client):
    path = invite("New@Person.test")

    answer = client.post(path, {"name": "Nina", "password": PASSWORD})

    nina = User.objects.get(email="new@person.test")
    assert answer["Location"] == "/o/acme/"
    assert Membership.objects.get(user=nina, org=acme).role == Role.OPERATOR
    assert client.session["_auth_user_id"] == str(nina.pk)


def test_mail_is_text_and_html_and_says_who_where_and_how_long(invite):
    invite("new@person.test")

    sent = mail.outbox[-1]
    assert sent.to == ["new@person.test"]
    assert sent.subject == "acme admin invites you to Acme"
    assert "for 7 days" in sent.body
    assert sent.alternatives[0][1] == "text/html"


def test_link_itself_is_not_kept(invite):
    secret = invite("new@person.test").split("/")[2]

    kept = Invitation.objects.get()

    assert secret not in str(Invitation.objects.filter(pk=kept.pk).values().get())
    assert not Entry.objects.filter(after__icontains=secret).exists()


def test_link_works_once(invite):
    path = invite("new@person.test")
    Client().post(path, {"name": "Nina", "password": PASSWORD})

    again = Client().get(path)

    assert again.status_code == 404
    assert "no longer open" in again.text


def test_link_is_void_after_seven_days(invite):
    path = invite("new@person.test")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert Client().post(path, {"name": "Nina", "password": PASSWORD}).status_code == 404
    assert not User.objects.filter(email="new@person.test").exists()


def test_withdrawn_link_is_void(invite, sign_in):
    path = invite("new@person.test")

    sign_in("admin").post(f"/o/acme/members/invitations/{Invitation.objects.get().pk}/withdraw/")

    assert Client().get(path).status_code == 404


def test_link_sent_again_replaces_the_first(invite):
    first = invite("new@person.test")

    second = invite(
        "new@person.test", path=f"/o/acme/members/invitations/{Invitation.objects.get().pk}/resend/"
    )

    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_person_with_an_account_signs_in_and_joins(acme, invite, sign_in, person):
    path = invite("viewer@rival.test")

    assert f"next={path}" in Client().get(path).text
    answer = sign_in("viewer", "rival").post(path)

    assert answer["Location"] == "/o/acme/"
    assert Membership.objects.filter(user=person("viewer", "rival"), org=acme).exists()


def test_whoever_has_an_account_gets_no_second_one_by_the_link(invite, person):
    path = invite("viewer@rival.test")

    Client().post(path, {"name": "Thief", "password": "Another8stable"})

    assert person("viewer", "rival").check_password(PASSWORD)
    assert not Membership.objects.filter(user=person("viewer", "rival"), org__slug="acme").exists()


def test_somebody_elses_invitation_is_refused(acme, invite, sign_in, person):
    path = invite("new@person.test")
    other = sign_in("viewer", "rival")

    assert "another address" in other.get(path).text
    assert other.post(path).status_code == 409
    assert not Membership.objects.filter(user=person("viewer", "rival"), org=acme).exists()
    assert Invitation.objects.filter(email="new@person.test").exists()


def test_member_can_not_be_invited(acme, sign_in):
    answer = sign_in("admin").post("/o/acme/members/invite/", {"email": "Viewer@acme.test", "role": 10})

    assert answer.status_code == 422
    assert "is a member already" in answer.text


def test_weak_password_is_refused_when_joining(invite, client):
    path = invite("new@person.test")

    answer = client.post(path, {"name": "Nina", "password": "weak"})

    assert answer.status_code == 422
    assert Invitation.objects.exists()


def test_link_to_an_archived_organisation_is_void(acme, invite):
    path = invite("new@person.test")
    acme.state = acme.State.ARCHIVED
    acme.save(update_fields=["state"])

    assert Client().get(path).status_code == 404


def test_invitation_of_another_organisation_is_not_found(invite, sign_in):
    invite("new@person.test")

    pk = Invitation.objects.get().pk

    for path in ("resend", "withdraw"):
        foreign = sign_in("admin", "rival").post(f"/o/rival/members/invitations/{pk}/{path}/")
        assert foreign.status_code == 404


def test_joining_is_in_the_organisations_audit_as_done_by_the_new_person(acme, invite):
    Client().post(invite("new@person.test"), {"name": "Nina", "password": PASSWORD})

    with tenant_context(acme):
        assert Entry.objects.get(action="invitation.accept").actor == "Nina"


def test_an_invited_viewer_is_limited_from_the_first_moment(acme, sign_in):
    lab = Tag.objects.create(name="lab")
    body = {"email": "pupil@person.test", "role": Role.VIEWER.value, "tags": [str(lab.pk)]}
    sign_in("admin").post("/o/acme/members/invite/", body)
    invitation = Invitation.objects.get()

    joined = inviting.accept_as_new(inviting.resend(invitation, invitation.by), "Pupil", PASSWORD)

    assert joined.limited_to == {lab.pk}


def test_an_invitation_says_to_which_printers_it_is_limited(acme, sign_in):
    lab = Tag.objects.create(name="lab")
    body = {"email": "pupil@person.test", "role": Role.VIEWER.value, "tags": [str(lab.pk)]}
    sign_in("admin").post("/o/acme/members/invite/", body)

    assert "printers with lab" in sign_in("admin").get("/o/acme/members/").text
