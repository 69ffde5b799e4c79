"""One's own account."""

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Entry
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "Another8stable"


def change(client: Client, current: str = PASSWORD, new: str = NEW, again: str = NEW):
    data = {"current": current, "new": new, "again": again}
    return client.post("/o/acme/account/password/", data)


def test_account_page_is_the_same_outside_and_inside_an_organisation(sign_in):
    client = sign_in("viewer")

    assert "viewer@acme.test" in client.get("/account/").text
    assert "viewer@acme.test" in client.get("/o/acme/account/").text


def test_changed_password_signs_out_other_sessions_and_keeps_this_one(sign_in):
    here, elsewhere = sign_in("viewer"), sign_in("viewer")

    assert change(here).status_code == 302

    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert User.objects.get(email="viewer@acme.test").check_password(NEW)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"current": "Wrong7password"}, "This is not your password."),
        ({"new": "weak", "again": "weak"}, "The password still needs"),
        ({"again": "Different9one"}, "Type the same new password twice."),
    ],
    ids=["wrong current", "against the rule", "not twice the same"],
)
def test_password_change_is_refused(sign_in, given, words):
    client = sign_in("viewer")

    answer = change(client, **given)

    assert answer.status_code == 422
    assert words in answer.text
    assert User.objects.get(email="viewer@acme.test").check_password(PASSWORD)


def test_new_name_is_in_the_audit_before_and_after(acme, sign_in, person):
    sign_in("viewer").post("/o/acme/account/", {"name": "Vera"})

    entry = Entry.objects.get(action="account.rename")
    assert (entry.before, entry.after) == ({"name": "acme viewer"}, {"name": "Vera"})
    assert entry.actor_id == person("viewer").pk


def test_password_is_never_in_the_audit(acme, sign_in):
    change(sign_in("viewer"))

    entry = Entry.objects.get(action="account.password")
    assert (entry.before, entry.after) == ({}, {})
