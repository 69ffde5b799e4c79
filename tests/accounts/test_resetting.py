"""A forgotten password."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import resetting
from accounts.models import PasswordReset, User
from accounts.tasks import mail_reset
from audit.models import Entry
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "Another8stable"
EMAIL = "viewer@acme.test"


def mailed_link(email: str = EMAIL) -> str:
    """The path of the link that is mailed."""
    mail_reset(email, "/account/reset/LINK/", "en")
    return re.search(r"https?://[^/]+(/account/reset/\S+)", mail.outbox[-1].body)[1]


def ask(client, email: str, address: str = "10.0.0.1"):
    return client.post("/account/forgot/", {"email": email}, REMOTE_ADDR=address)


def use(client, link: str, password: str = NEW):
    return client.post(link, {"new": password, "again": password})


def test_link_sets_a_new_password_and_signs_nobody_in(client, sign_in):
    elsewhere = sign_in("viewer")

    answer = use(client, mailed_link())

    assert answer["Location"] == "/account/sign-in/"
    assert User.objects.get(email=EMAIL).check_password(NEW)
    assert "_auth_user_id" not in client.session
    assert elsewhere.get("/account/").status_code == 302
    assert Entry.objects.filter(action="account.reset").count() == 1


def test_link_works_once(client):
    link = mailed_link()
    use(client, link)

    answer = use(client, link, "Third9password")

    assert answer.status_code == 404
    assert User.objects.get(email=EMAIL).check_password(NEW)


def test_used_link_ends_the_others(client):
    first, second = mailed_link(), mailed_link()
    use(client, second)

    assert client.get(first).status_code == 404


def test_two_at_once_use_a_link_once(db):
    mailed_link()
    first = PasswordReset.objects.select_related("user").get()
    second = PasswordReset.objects.select_related("user").get()

    assert resetting.use(first, NEW)
    assert not resetting.use(second, "Third9password")


def test_old_link_does_not_work(client):
    link = mailed_link()
    PasswordReset.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(link).status_code == 404


def test_link_of_an_account_closed_since_does_not_work(client):
    link = mailed_link()
    User.objects.filter(email=EMAIL).update(is_active=False)

    assert use(client, link).status_code == 404


def test_weak_password_keeps_the_link(client):
    link = mailed_link()

    answer = use(client, link, "weak")

    assert answer.status_code == 422
    assert "The password still needs" in answer.text
    assert use(client, link).status_code == 302


def test_link_is_kept_as_its_hash_alone(db):
    secret = mailed_link().split("/")[-2]

    assert bytes(PasswordReset.objects.get().digest) == resetting.digest_of(secret)


def test_answer_is_the_same_whether_there_is_an_account(client, django_capture_on_commit_callbacks):
    known, unknown = ask(client, EMAIL), ask(client, "nobody@acme.test")

    assert (known.status_code, unknown.status_code) == (200, 200)
    token = re.compile(r'[\w-]*csrf[^>]*>|"X-CSRFToken": "[^"]*"', re.IGNORECASE)
    assert token.sub("", known.text).replace(EMAIL, "E") == token.sub("", unknown.text).replace(
        "nobody@acme.test", "E"
    )
    assert not PasswordReset.objects.exists()


def test_nobody_is_mailed_for_an_unknown_or_closed_account(db):
    User.objects.filter(email=EMAIL).update(is_active=False)

    assert not resetting.mail_link("nobody@acme.test", "/LINK", "en")
    assert not resetting.mail_link(EMAIL, "/LINK", "en")
    assert mail.outbox == []


def test_asking_often_from_one_address_is_refused(client):
    for _ in range(resetting.ASKED_FOR_ONE):
        assert ask(client, EMAIL).status_code == 200

    answer = ask(client, EMAIL)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_stranger_who_asks_often_keeps_nobody_out(client):
    for _ in range(resetting.ASKED_FOR_ONE + 1):
        ask(client, EMAIL, "203.0.113.9")
    link = mailed_link()
    for _ in range(resetting.MAILED_TO_ONE + 1):
        mail_reset(EMAIL, "/account/reset/LINK/", "en")

    assert ask(client, EMAIL, "10.0.0.1").status_code == 200
    assert len(mail.outbox) == resetting.MAILED_TO_ONE
    assert use(client, link).status_code == 302


def test_change_of_the_password_ends_open_links(client, sign_in):
    link = mailed_link()
    sign_in("viewer").post("/account/password/", {"current": PASSWORD, "new": NEW, "again": NEW})

    assert client.get(link).status_code == 404
