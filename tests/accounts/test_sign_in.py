"""Signing in and out."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.limits import KEYS, TRIES_AT_ACCOUNT, TRIES_FROM_ADDRESS, TRIES_FROM_EVERYWHERE, digest_of
from accounts.models import User
from audit.models import Entry
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PATH = "/account/sign-in/"


def attempt(client: Client, email: str, password: str, address: str = "10.0.0.1", **data: str):
    return client.post(PATH, {"email": email, "password": password, **data}, REMOTE_ADDR=address)


def test_person_signs_in_whatever_the_capitals_of_the_address(client, person):
    answer = attempt(client, "Viewer@Acme.test", PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(person("viewer").pk)
    assert Entry.objects.filter(action="account.sign_in", actor_id=person("viewer").pk).count() == 1


def test_wrong_password_unknown_address_and_closed_account_get_the_same_words(client, person):
    User.objects.filter(pk=person("operator").pk).update(is_active=False)

    texts = [
        attempt(client, "viewer@acme.test", "Wrong7password").context["form"].non_field_errors(),
        attempt(client, "nobody@acme.test", PASSWORD).context["form"].non_field_errors(),
        attempt(client, "operator@acme.test", PASSWORD).context["form"].non_field_errors(),
    ]

    assert texts[0] == texts[1] == texts[2] == ["This e-mail and password do not fit together."]


def test_too_many_wrong_tries_at_an_account_are_paused_even_with_the_right_password(client):
    for _ in range(TRIES_AT_ACCOUNT):
        attempt(client, "viewer@acme.test", "Wrong7password")

    answer = attempt(client, "viewer@acme.test", PASSWORD)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "_auth_user_id" not in client.session


def test_stranger_elsewhere_does_not_lock_a_person_out(client):
    for _ in range(TRIES_AT_ACCOUNT + 1):
        attempt(client, "viewer@acme.test", "Wrong7password", "203.0.113.9")

    assert attempt(client, "viewer@acme.test", PASSWORD, "10.0.0.1").status_code == 302


def test_one_address_can_not_try_many_accounts(client):
    cache.set(f"{KEYS}:sign-in:203.0.113.9", TRIES_FROM_ADDRESS, 60)

    assert attempt(client, "viewer@acme.test", PASSWORD, "203.0.113.9").status_code == 429


def test_guessers_with_many_addresses_are_paused_and_the_person_is_not(client, person):
    elsewhere = Client()
    attempt(elsewhere, "viewer@acme.test", PASSWORD, "10.0.0.1")
    cache.set(f"{KEYS}:sign-in:all:{digest_of('viewer@acme.test')}", TRIES_FROM_EVERYWHERE, 60)

    guessed = attempt(client, "viewer@acme.test", "Wrong7password", "203.0.113.9")
    again = attempt(Client(), "viewer@acme.test", PASSWORD, "10.0.0.1")

    assert guessed.status_code == 429
    assert again.status_code == 302


def test_signing_in_forgets_earlier_slips(client):
    for _ in range(TRIES_AT_ACCOUNT - 1):
        attempt(client, "viewer@acme.test", "Wrong7password")
    attempt(client, "viewer@acme.test", PASSWORD)
    client.logout()

    assert attempt(client, "viewer@acme.test", "Wrong7password").status_code == 422
    assert attempt(client, "viewer@acme.test", PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/o/acme/printers/", "/o/acme/printers/"),
        ("https://elsewhere.test/", "/"),
        ("//elsewhere.test/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_page_is_on_this_server_only(client, wanted, place):
    assert attempt(client, "viewer@acme.test", PASSWORD, next=wanted)["Location"] == place


def test_next_page_outlives_a_slip(client):
    answer = attempt(client, "viewer@acme.test", "Wrong7password", next="/o/acme/printers/")

    assert 'name="next" value="/o/acme/printers/"' in answer.text


def test_refused_try_is_in_the_audit_without_its_password(client):
    attempt(client, "viewer@acme.test", "Wrong7password")

    entry = Entry.objects.get(action="account.sign_in_refused")
    assert entry.after == {"email": "viewer@acme.test"}
    assert entry.address == "10.0.0.1"


@pytest.mark.parametrize(
    "form", [{"email": "viewer@acme.test"}, {"email": "a\0b@acme.test", "password": "x"}]
)
def test_try_that_looks_at_no_password_fills_no_audit(client, form):
    """Such tries are not counted either: a stranger could write lines without end."""
    assert client.post(PATH, form).status_code == 422

    assert not Entry.objects.filter(action="account.sign_in_refused").exists()


def test_sign_out_takes_a_post(sign_in):
    client = sign_in("viewer")

    assert client.get("/o/acme/account/sign-out/").status_code == 405
    answer = client.post("/o/acme/account/sign-out/")

    assert answer["Location"] == PATH
    assert "_auth_user_id" not in client.session


def test_pause_ends_by_itself(client, monkeypatch):
    monkeypatch.setattr("accounts.limits.PAUSE_S", timedelta(seconds=0).seconds)
    for _ in range(TRIES_AT_ACCOUNT + 1):
        attempt(client, "viewer@acme.test", "Wrong7password")

    assert attempt(client, "viewer@acme.test", PASSWORD).status_code == 302
