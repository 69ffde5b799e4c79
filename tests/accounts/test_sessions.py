"""Where somebody is signed in: listing, ending, and what ends by itself."""

import time

import pytest
from django.contrib.sessions.models import Session as Stored
from django.test import Client

from accounts import sessions
from accounts.admin import UserAdmin
from accounts.models import Session, User
from audit.models import Entry
from odin_site.admin import platform_admin
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def row_of(client: Client) -> Session:
    return Session.objects.get(pk=client.session[sessions.ROW])


def move_back(client: Client, name: str, seconds: float) -> None:
    session = client.session
    session[name] -= seconds
    session.save()


def test_list_tells_device_address_and_which_one_is_this(client, sign_in):
    sign_in("viewer")
    data = {"email": "viewer@acme.test", "password": PASSWORD}
    client.post("/account/sign-in/", data, REMOTE_ADDR="203.0.113.7", headers={"User-Agent": FIREFOX})

    page = client.get("/o/acme/account/security/").text

    assert "Firefox, Linux" in page
    assert "203.0.113.7" in page
    assert page.count("this one") == 1
    assert page.index("this one") < page.index("127.0.0.1")


def test_ended_session_is_worth_nothing(acme, sign_in):
    here, stolen = sign_in("viewer"), sign_in("viewer")
    assert is_in(stolen)

    answer = here.post(f"/o/acme/account/sessions/{row_of(stolen).pk}/end/")

    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(stolen)
    assert not Stored.objects.filter(session_key=stolen.cookies["sessionid"].value).exists()
    assert Entry.objects.filter(action="account.session_end").count() == 1


def test_all_others_are_ended_and_this_one_stays(sign_in):
    here, first, second, other = sign_in("viewer"), sign_in("viewer"), sign_in("viewer"), sign_in("admin")

    here.post("/account/sessions/end/")

    assert [is_in(one) for one in (here, first, second, other)] == [True, False, False, True]


def test_nobody_ends_the_session_of_another_person(sign_in):
    theirs = sign_in("operator")

    answer = sign_in("admin").post(f"/account/sessions/{row_of(theirs).pk}/end/")

    assert answer.status_code == 404
    assert is_in(theirs)


def test_signing_out_takes_the_session_off_the_list(sign_in):
    client = sign_in("viewer")
    pk = row_of(client).pk

    client.post("/account/sign-out/")

    assert not Session.objects.filter(pk=pk).exists()


def test_session_ends_at_last_however_much_it_is_used(sign_in, settings):
    client = sign_in("viewer")
    pk = row_of(client).pk
    move_back(client, sessions.BEGAN, settings.SESSION_MOST_S + 1)

    assert not is_in(client)
    assert not Session.objects.filter(pk=pk).exists()


@pytest.mark.parametrize("path", ["/account/sign-in/", "/api/me"])
def test_cookie_that_can_be_no_sessions_key_opens_nothing(db, path):
    client = Client()
    client.cookies["sessionid"] = "abcdefgh\0abcdefgh"

    assert client.get(path).status_code in {200, 401}


def test_unused_session_ends(sign_in, settings):
    assert settings.SESSION_COOKIE_AGE == 14 * 24 * 3600
    client = sign_in("viewer")

    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_last_seen_is_written_every_five_minutes_at_most(sign_in):
    client = sign_in("viewer")
    before = row_of(client).seen_at
    client.get("/account/")
    unwritten = row_of(client).seen_at
    move_back(client, sessions.SEEN, sessions.SEEN_EVERY_S + 1)

    client.get("/account/", REMOTE_ADDR="203.0.113.8")

    assert unwritten == before
    assert row_of(client).seen_at > before
    assert row_of(client).address == "203.0.113.8"
    assert time.time() - client.session[sessions.SEEN] < 60


def test_session_that_a_cache_remembers_ends_with_its_row(sign_in):
    client = sign_in("viewer")
    Session.objects.all().delete()
    move_back(client, sessions.SEEN, sessions.SEEN_EVERY_S + 1)

    assert not is_in(client)


@pytest.mark.parametrize("loss", ["role", "remove"])
def test_role_loss_signs_out(acme, sign_in, person, loss):
    theirs, admin = sign_in("operator"), sign_in("admin")
    membership = person("operator").memberships.get(org=acme)

    admin.post(f"/o/acme/members/{membership.pk}/{loss}/", {"role": 10})

    assert not is_in(theirs)
    assert is_in(admin)


def test_higher_role_leaves_signed_in(acme, sign_in, person):
    theirs = sign_in("viewer")
    membership = person("viewer").memberships.get(org=acme)

    sign_in("admin").post(f"/o/acme/members/{membership.pk}/role/", {"role": 20})

    assert is_in(theirs)


def test_closed_account_stays_signed_out_when_it_is_opened_again(sign_in, rf, person):
    theirs, admin = sign_in("operator"), sign_in("root")
    url = f"/admin/accounts/user/{person('operator').pk}/change/"
    data = {"email": "operator@acme.test", "name": "O", "new_password": ""}
    admin.post(url, data)
    assert not User.objects.get(email="operator@acme.test").is_active

    admin.post(url, {**data, "is_active": "on"})

    assert User.objects.get(email="operator@acme.test").is_active
    assert not is_in(theirs)
    assert UserAdmin(User, platform_admin).has_delete_permission(rf.get("/")) is False


def test_password_change_ends_others_and_the_list_shows_the_one_left(sign_in):
    here, elsewhere = sign_in("viewer"), sign_in("viewer")
    data = {"current": PASSWORD, "new": "Another8stable", "again": "Another8stable"}

    here.post("/account/password/", data)

    assert is_in(here)
    assert not is_in(elsewhere)
    assert [row.key for row in Session.objects.filter(user__email="viewer@acme.test")] == [
        here.cookies["sessionid"].value
    ]


def test_wrong_present_password_is_limited_too(sign_in):
    client = sign_in("viewer")
    data = {"new": "Another8stable", "again": "Another8stable"}
    for _ in range(6):
        client.post("/account/password/", {**data, "current": "Wrong7password"})

    answer = client.post("/account/password/", {**data, "current": PASSWORD})

    assert answer.status_code == 429
    assert "Too many wrong tries" in answer.text
