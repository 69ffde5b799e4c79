"""What is dangerous asks once more who one is."""

import time

import pytest

from accounts import sessions
from accounts.models import RecoveryCode, User
from audit.models import Entry
from orgs.models import ApiToken, Membership
from tests.conftest import PASSWORD
from tests.factories.accounts import next_code, with_app

pytestmark = pytest.mark.django_db
TOKENS = "/o/acme/tokens/"
WISH = {"name": "Slicer <b>", "scopes": ["read:jobs", "write:jobs"], "days": "30"}


@pytest.fixture
def late(sign_in):
    """A browser whose proof is too old."""

    def client(role: str = "viewer"):
        browser = sign_in(role)
        session = browser.session
        session[sessions.SURE] = time.time() - sessions.SURE_FOR_S - 1
        session.save()
        return browser

    return client


def test_token_is_made_without_asking_right_after_signing_in(acme, sign_in):
    sign_in("viewer").post(TOKENS, WISH)

    assert ApiToken.objects.count() == 1


def test_token_asks_later_and_keeps_what_was_entered(acme, late):
    client = late()

    page = client.post(TOKENS, WISH)

    assert "Is it you?" in page.text
    assert "Slicer &lt;b&gt;" in page.text
    assert page.text.count('name="scopes"') == 2
    assert not ApiToken.objects.exists()


def test_password_is_the_proof_of_who_has_no_second_step(acme, late):
    client = late()

    answer = client.post(TOKENS, WISH | {"proof": "1", "proof_password": PASSWORD})

    token = ApiToken.objects.get()
    assert (token.name, token.scopes) == ("Slicer <b>", ["read:jobs", "write:jobs"])
    assert "odin_" in answer.text
    assert PASSWORD not in answer.text


def test_one_proof_lasts_ten_minutes(acme, late):
    client = late()
    client.post(TOKENS, WISH | {"proof": "1", "proof_password": PASSWORD})

    client.post(TOKENS, WISH)

    assert ApiToken.objects.count() == 2


def test_wrong_password_is_refused_and_limited(acme, late):
    client = late()
    wrong = WISH | {"proof": "1", "proof_password": "Wrong7password"}

    first = client.post(TOKENS, wrong)
    for _ in range(5):
        client.post(TOKENS, wrong)
    last = client.post(TOKENS, WISH | {"proof": "1", "proof_password": PASSWORD})

    assert (first.status_code, last.status_code) == (422, 429)
    assert "Wrong7password" not in first.text
    assert not ApiToken.objects.exists()


def test_password_is_no_proof_where_there_is_a_second_step(acme, late, person):
    with_app(person("viewer"))
    client = late()

    refused = client.post(TOKENS, WISH | {"proof": "1", "proof_password": PASSWORD})
    client.post(TOKENS, WISH | {"proof": "1", "proof_code": next_code(person("viewer"))})

    assert refused.status_code == 422
    assert ApiToken.objects.count() == 1
    assert Entry.objects.get(action="account.proof").after == {"how": "authenticator"}


def test_role_change_asks_in_a_dialog_and_goes_on_without_scripts(acme, late, person):
    client = late("admin")
    membership = person("viewer").memberships.get(org=acme)
    path = f"/o/acme/members/{membership.pk}/role/"

    dialog = client.post(path, {"role": 30}, headers={"HX-Request": "true"})
    membership.refresh_from_db()
    role_before = membership.role
    answer = client.post(path, {"role": 30, "proof": "1", "proof_password": PASSWORD})

    membership.refresh_from_db()
    assert (dialog["HX-Retarget"], role_before) == ("#bulk", 10)
    assert (answer.status_code, membership.role) == (302, 30)


@pytest.mark.parametrize("path", ["app/remove/", "recovery/"])
def test_turning_it_off_and_new_codes_ask(acme, late, person, path):
    with_app(person("viewer"))

    page = late().post(f"/o/acme/account/{path}")

    assert "Is it you?" in page.text
    assert RecoveryCode.objects.count() == 10
    assert User.objects.get(email="viewer@acme.test").mfa_since is not None


def test_stolen_session_can_not_set_up_an_app_of_its_own(late):
    client = late()
    client.get("/account/app/")

    page = client.post("/account/app/", {"code": "123456"})

    assert "Is it you?" in page.text


def test_superadmin_is_asked_before_django_admin_changes_an_account(late, person):
    root, viewer = late("root"), person("viewer")
    path = f"/admin/accounts/user/{viewer.pk}/change/"
    form = {"email": viewer.email, "name": "V", "is_active": "on", "is_superadmin": "on"}

    asked = root.post(path, form)
    unchanged = User.objects.get(pk=viewer.pk)
    answer = root.post(path, form | {"proof": "1", "proof_password": PASSWORD})

    assert "Is it you?" in asked.text
    assert not unchanged.is_superadmin
    assert answer.status_code == 302
    assert User.objects.get(pk=viewer.pk).is_superadmin


def test_superadmin_is_asked_before_django_admin_changes_a_role(late, person):
    membership = Membership.objects.get(user=person("viewer"))

    asked = late("root").post(f"/admin/orgs/membership/{membership.pk}/change/", {"role": 30})

    assert "Is it you?" in asked.text
    assert Membership.objects.get(pk=membership.pk).role == 10
