"""A slicer's inbox opens to a living key of its organisation and nothing else, and says what is missing."""

import base64

import pytest
from django.test import Client

from jobs.models import Job
from models3d.models import Model3D
from orgs import tokens
from orgs.models import Membership, Org
from tests.factories.models3d import upload
from tests.factories.printers import make_printer

VERSION = "/o/acme/inbox/any/api/version"
LOCAL = "/o/acme/inbox/any/api/files/local"


@pytest.fixture
def key(acme, api):
    """The text of a token: key("viewer", "acme", scopes)."""

    def made(*given):
        return api(*given).defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")

    return made


def ask(headers, path=VERSION):
    return Client(enforce_csrf_checks=True).get(path, headers=headers)


def send(text, **fields):
    client = Client(headers={"X-Api-Key": text}, enforce_csrf_checks=True)
    return client.post(LOCAL, {"file": upload(), **fields})


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_key_may_be_a_header_a_bearer_or_the_password_of_any_user(key):
    text = key("viewer")
    ways = [{"X-Api-Key": text}, {"Authorization": f"Bearer {text}"}, basic("odin", text), basic("", text)]

    assert [ask(way).status_code for way in ways] == [200] * 4


def test_key_of_its_own_header_wins_over_a_proxys_password(key):
    assert ask({"X-Api-Key": key("viewer"), **basic("proxy", "secret")}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Api-Key": "odin_" + "a" * 55},
        {"X-Api-Key": "x" * 5000},
        {"X-Api-Key": "ödin"},
        {"Authorization": "Bearer nothing"},
        basic("viewer@acme.test", "Correct7horse"),
        basic("odin", "odin_\0" + "a" * 50),
    ],
    ids=str,
)
def test_wrong_key_is_refused_in_words(acme, headers):
    answer = ask(headers)

    assert answer.status_code == 403
    assert answer.json() == {
        "error": "This needs a living API token of this organisation as the API key. It begins with odin_."
    }


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic %%%"}, {"Authorization": "Digest username=x"}]
)
def test_without_a_key_one_is_asked_for_and_nobody_is_led_to_sign_in(acme, headers):
    answer = ask(headers)

    assert (answer.status_code, answer["WWW-Authenticate"][:5]) == (401, "Basic")
    assert "odin_" in answer.json()["error"]


def test_session_is_no_key(acme, sign_in):
    client = sign_in("admin")

    assert client.get(VERSION).status_code == 401
    assert client.post(LOCAL, {"file": upload()}).status_code == 401
    assert not Model3D.objects.exists()


def test_key_makes_no_session(key):
    client = Client(headers={"X-Api-Key": key("viewer")})

    assert client.get(VERSION).cookies == {}
    assert client.get("/o/acme/account/").status_code == 302


@pytest.mark.parametrize("slug", ["rival", "nowhere", "ACME"])
def test_key_of_another_organisation_is_as_wrong_as_one_for_none(key, slug):
    text = key("admin", "acme")

    answer = ask({"X-Api-Key": text}, f"/o/{slug}/inbox/any/api/version")

    assert (answer.status_code, answer.content) == (403, ask({"X-Api-Key": "odin_x"}).content)


@pytest.mark.parametrize("state", ["archived", "suspended", "spare"])
def test_organisation_that_is_not_active_takes_nothing(key, acme, state):
    text = key("admin")
    Org.objects.filter(pk=acme.pk).update(state=state)

    assert ask({"X-Api-Key": text}).status_code == 403


def test_key_of_somebody_who_left_is_dead(key, acme, person):
    text = key("viewer")
    Membership.objects.filter(user=person("viewer"), org=acme).delete()

    assert send(text).status_code == 403


def test_scope_that_is_missing_is_named_by_the_connection_test_already(key):
    answer = ask({"X-Api-Key": key("operator", "acme", ["read:models", "write:jobs"])})

    assert (answer.status_code, answer.json()["error"]) == (403, "The token lacks the scope write:models.")


def test_print_asks_for_the_scope_of_jobs_and_keeps_nothing_without_it(key):
    text = key("operator", "acme", ["write:models"])

    refused, taken = send(text, print="true"), send(text, print="false")

    assert (refused.status_code, refused.json()["error"]) == (403, "The token lacks the scope write:jobs.")
    assert taken.status_code == 201
    assert (Model3D.objects.count(), Job.objects.count()) == (1, 0)


def test_target_that_is_not_there_is_listed_only_to_who_may_see_printers(key):
    make_printer("K1 03")
    path = "/o/acme/inbox/k2/api/version"

    seeing = ask({"X-Api-Key": key("viewer", "acme", ["write:models", "read:printers"])}, path)
    blind = ask({"X-Api-Key": key("viewer", "acme", ["write:models"])}, path)

    assert (seeing.status_code, blind.status_code) == (404, 404)
    assert seeing.json()["error"] == "Nothing here is called k2. There is: any, k1-03."
    assert blind.json()["error"] == "Nothing here is called k2."


def test_use_of_the_key_is_noted(key):
    text = key("viewer")

    ask({"X-Api-Key": text})

    assert tokens.find(text).last_used_at is not None


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("put", "any/api/files/local", 405),
        ("get", "any/api/files/local", 405),
        ("post", "any/api/version", 404),
        ("delete", "any/api/version", 405),
        ("get", "any/api/plugins", 404),
        ("get", "any/plugin/appkeys/probe", 404),
        ("get", "any/api/files/local/x/y", 404),
        ("post", "any/api/files/elsewhere", 409),
    ],
)
def test_what_is_not_there_is_said_as_json(key, verb, path, status):
    client = Client(headers={"X-Api-Key": key("viewer")})

    answer = getattr(client, verb)(f"/o/acme/inbox/{path}")

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer.json()["error"]
    assert ("Allow" in answer) == (status == 405)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("version", {"api", "server", "text"}),
        ("settings", {"feature", "plugins"}),
        ("printer", {"state"}),
        ("job", {"job", "progress", "state"}),
        ("printerprofiles", {"profiles"}),
        ("connection", {"current"}),
        ("currentuser", {"name"}),
    ],
)
def test_what_slicers_ask_before_they_send_is_answered(key, path, keys):
    answer = ask({"X-Api-Key": key("viewer")}, f"/o/acme/inbox/any/api/{path}")

    assert answer.status_code == 200
    assert keys <= set(answer.json())


def test_version_reads_as_prusaslicer_wants_it(key):
    told = ask({"X-Api-Key": key("viewer")}).json()

    assert told["api"] == "0.1"
    assert told["text"].startswith("OctoPrint")


def test_cura_logs_in_and_selects_what_it_has_sent(key):
    client = Client(headers={"X-Api-Key": key("viewer")}, enforce_csrf_checks=True)
    sent = send(key("viewer"))

    login = client.post("/o/acme/inbox/any/api/login", {"passive": True}, "application/json")
    select = client.post(sent["Location"], {"command": "select"}, "application/json")
    start = client.post(sent["Location"], {"command": "select", "print": True}, "application/json")
    rubbish = client.post(sent["Location"], b"{", "application/json")

    assert (login.status_code, login.json()["name"]) == (200, "acme viewer")
    assert [one.status_code for one in (select, start, rubbish)] == [204, 409, 400]


def test_too_many_fields_and_a_body_that_is_no_form_are_refused_in_words(key):
    client = Client(headers={"X-Api-Key": key("viewer")})
    many = {f"field{number}": "x" for number in range(1100)}

    answers = [client.post(LOCAL, many), client.post(LOCAL, b"{}", "application/json")]
    answers.append(client.generic("POST", LOCAL, b"--x", "multipart/form-data"))

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert all(answer.json()["error"] for answer in answers)
