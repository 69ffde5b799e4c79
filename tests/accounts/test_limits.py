"""Every pause says how long it lasts, whichever door was tried."""

import pytest
from django.test import Client

from accounts import halfway, sessions
from accounts.limits import PAUSE_S
from tests.conftest import PASSWORD
from tests.factories.accounts import with_app


@pytest.fixture
def halfway_in(person) -> Client:
    """A browser that gave the password of somebody with a second step."""
    with_app(person("viewer"))
    client = Client()
    client.post("/account/sign-in/", {"email": person("viewer").email, "password": PASSWORD})
    assert halfway.HALF in client.session
    return client


def tried(client: Client, path: str, data: dict[str, str], times: int = 70):
    """The first answer that is a pause; None if none came."""
    for _time in range(times):
        answer = client.post(path, data)
        if answer.status_code == 429:
            return answer
    return None


def test_signing_in(db):
    paused = tried(Client(), "/account/sign-in/", {"email": "viewer@acme.test", "password": "Wrong7password"})

    assert paused["Retry-After"] == str(PAUSE_S)
    assert "Too many wrong tries" in paused.text


def test_the_second_step(halfway_in):
    paused = tried(halfway_in, "/account/sign-in/second/", {"proof_code": "000000"})

    assert paused["Retry-After"] == str(PAUSE_S)


def test_asking_for_a_new_password(db):
    paused = tried(Client(), "/account/forgot/", {"email": "viewer@acme.test"})

    assert paused["Retry-After"] == str(PAUSE_S)


@pytest.mark.parametrize("path", ["passkeys/challenge/?alone", "sign-in/passkey/"])
def test_signing_in_with_a_passkey(db, path):
    paused = tried(Client(), f"/account/{path}", {})

    assert paused["Retry-After"] == str(PAUSE_S)


def test_changing_ones_password(acme, sign_in):
    new = {"current": "Wrong7password", "new": "New7horseStaple", "again": "New7horseStaple"}

    paused = tried(sign_in("viewer"), "/account/password/", new)

    assert paused["Retry-After"] == str(PAUSE_S)
    assert "Too many wrong tries" in paused.text


def test_proving_again_who_one_is(acme, sign_in):
    client = sign_in("viewer")
    session = client.session
    session[sessions.SURE] = 0
    session.save()

    paused = tried(client, "/o/acme/tokens/", {"name": "x", "proof": "1", "proof_password": "Wrong7password"})

    assert paused["Retry-After"] == str(PAUSE_S)
