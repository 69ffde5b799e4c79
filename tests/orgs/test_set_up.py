"""Setting up an empty server, once for ever."""

import threading

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Entry
from demo import filling
from orgs import creating, spares
from orgs.models import Membership, Org, SetUp
from orgs.roles import Role

FORM = {
    "org": "Workshop",
    "name": "Ada",
    "email": "Ada@Workshop.test",
    "password": "Correct7horse",
    "time_zone": "Europe/Vienna",
    "currency": "CHF",
}


@pytest.fixture
def empty_server(db):
    SetUp.objects.all().delete()


def test_every_page_of_an_empty_server_leads_to_the_set_up(empty_server, client):
    for path in ("/", "/o/acme/", "/account/sign-in/", "/nowhere/"):
        assert client.get(path)["Location"] == "/set-up/"
    assert client.get("/api/me").status_code == 503


def test_set_up_makes_the_organisation_and_signs_its_admin_in(
    empty_server, client, django_capture_on_commit_callbacks
):
    answer = client.post("/set-up/", FORM)

    org, ada = Org.objects.get(name="Workshop"), User.objects.get(name="Ada")
    assert answer["Location"] == "/o/workshop/"
    assert (org.time_zone, org.currency, org.state) == ("Europe/Vienna", "CHF", Org.State.ACTIVE)
    assert Membership.objects.get(user=ada, org=org).role == Role.ADMIN
    assert (ada.email, ada.is_superadmin) == ("ada@workshop.test", True)
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert Entry.objects.get(action="org.create", target_id=str(org.pk)).actor == "Ada"


def test_weak_password_is_refused_and_nothing_is_made(empty_server, client):
    answer = client.post("/set-up/", FORM | {"password": "weak"})

    assert answer.status_code == 422
    assert "The password still needs" in answer.text
    assert not SetUp.objects.exists()


def test_password_rule_is_on_the_page_for_the_browser(empty_server, client):
    text = client.get("/set-up/").text

    assert 'data-password-rules="id_password"' in text
    assert r'data-pattern="\p{Lu}"' in text


@pytest.mark.parametrize("is_available", [True, False])
def test_demo_is_offered_only_where_it_works(empty_server, client, monkeypatch, is_available):
    monkeypatch.setattr(filling, "available", lambda: is_available)

    assert ('name="demo"' in client.get("/set-up/").text) == is_available


def test_demo_that_is_not_offered_is_not_made(empty_server, client, monkeypatch):
    asked = []
    monkeypatch.setattr(filling, "available", lambda: False)
    monkeypatch.setattr(filling, "request", asked.append)

    client.post("/set-up/", FORM | {"demo": "on"})

    assert asked == []


def test_demo_is_asked_of_a_worker(empty_server, client, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(filling, "available", lambda: True)
    monkeypatch.setattr("celery.current_app.send_task", lambda name, args=(): sent.append((name, list(args))))

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/set-up/", FORM | {"demo": "on"})

    assert ("demo.fill", [Org.objects.get(name="Workshop").schema_name]) in sent


def test_set_up_is_closed_for_ever_after(db, client):
    assert client.get("/set-up/").status_code == 404
    assert client.post("/set-up/", FORM).status_code == 404
    assert not Org.objects.filter(name="Workshop").exists()


def test_of_two_people_at_once_one_sets_up_and_the_other_is_told(for_real, at_once, monkeypatch):
    """The first holds its transaction open until the second has come as far as storing, too."""
    spares.keep(1)
    SetUp.objects.all().delete()
    both_are_storing = threading.Barrier(2, timeout=20)
    set_up = creating.set_up

    def together(*args, **kwargs):
        both_are_storing.wait()
        return set_up(*args, **kwargs)

    monkeypatch.setattr(creating, "set_up", together)
    other = FORM | {"org": "Other", "name": "Bob", "email": "bob@other.test"}

    answers = at_once(lambda: Client().post("/set-up/", FORM), lambda: Client().post("/set-up/", other))

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert "set up already" in next(answer for answer in answers if answer.status_code == 409).text
    assert Org.objects.filter(name__in=["Workshop", "Other"]).count() == 1
    assert User.objects.filter(name__in=["Ada", "Bob"]).count() == 1
