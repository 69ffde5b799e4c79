"""How often one may ask: the same count behind every door, and 429 with the time to wait."""

import re
from typing import Any

import pytest
import redis
from django.test import Client
from django_tenants.utils import get_public_schema_name, schema_context

from accounts.limits import begin_try
from audit.models import Entry
from odin_site.api import api as the_api
from orgs import limits
from orgs.keys import redis_client
from orgs.limits import LIMITS, WRONG_TOKENS
from orgs.models import ApiToken, Invitation
from tests.factories.models3d import upload
from tests.surface import operations, routes

# Every door to what is limited: pages by their route, operations of the API by verb and path.
DOORS = {
    "upload": {
        "models:upload", "models:revise", "inbox:upload", "jobs:judge", "maintenance:done",
        "POST /api/models", "POST /api/models/{model_id}/revisions",
    },
    "import": {"spools:import"},
    "export": {
        "spools:csv", "spools:ledger_csv", "spools:labels", "maintenance:log_csv", "reports:report",
        "reports:run_file", "GET /api/reports/{kind}", "GET /api/reports/runs/{pk}/pdf",
        "GET /api/reports/runs/{pk}/html",
        "charges:month", "charges:statement", "charges:none", "charges:organisation",
    },
    "invitation": {"orgs:invite", "orgs:resend"},
    "token": {"orgs:tokens", "orgs:rotate"},
    "printer-test": {
        "printers:add", "printers:edit", "printers:test_new", "printers:test", "printers:nearby",
        "POST /api/printers/test",
    },
    "channel-test": {"channels:own_test", "channels:org_test", "channels:mail_test"},
    "report-run": {
        "reports:schedule_run", "reports:schedule_try", "reports:send_again",
        "POST /api/reports/schedules/{pk}/run",
    },
}  # fmt: skip
CONVERTER = re.compile(r"\{\w+:")


def few(settings: Any, name: str, person: int = 2, org: int = 100) -> None:
    settings.LIMITS = {name: (person, org, 600)}


def views() -> dict[str, Any]:
    """The views of all pages and operations, by their door's name."""
    pages = {route.name: route.view for route in routes("odin_site.urls")}
    found = {}
    for prefix, router in the_api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    whole = "/api/" + "/".join(filter(None, (prefix.strip("/"), path.strip("/"))))
                    found[f"{method} {CONVERTER.sub('{', whole)}"] = operation.view_func
    assert set(found) == {one.key for one in operations()}
    return pages | found


def test_every_door_of_the_table_has_its_limit_and_no_other_has_one():
    found: dict[str, set[str]] = {name: set() for name in LIMITS}
    for door, view in views().items():
        if name := getattr(view, "limit", ""):
            found[name].add(door)

    assert found == DOORS


def test_uploads_are_counted_together_behind_page_api_and_inbox(acme, sign_in, api, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    few(settings, "upload", person=3)
    script, page = api("operator"), sign_in("operator")
    key = {"X-Api-Key": script.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")}

    first = [
        Client.post(script, "/api/models", {"file": upload()}).status_code,
        page.post("/o/acme/models/upload/", {"file": upload()}).status_code,
        Client(headers=key).post("/o/acme/inbox/any/api/files/local", {"file": upload()}).status_code,
    ]
    over = [
        Client.post(script, "/api/models", {"file": upload()}),
        page.post("/o/acme/models/upload/", {"file": upload()}),
        Client(headers=key).post("/o/acme/inbox/any/api/files/local", {"file": upload()}),
    ]

    assert max(first) < 400
    assert [answer.status_code for answer in over] == [429] * 3
    assert all(0 < int(answer["Retry-After"]) <= 600 for answer in over)
    assert over[0]["Content-Type"] == "application/problem+json"
    assert "A moment, please" in over[1].text
    assert "very often" in over[2].json()["error"]
    assert sign_in("admin").post("/o/acme/models/upload/", {"file": upload()}).status_code < 400


def test_a_person_beyond_their_own_limit_uses_up_nothing_of_the_organisations(acme, person, settings):
    few(settings, "export", person=2, org=3)
    loud, calm = person("viewer"), person("operator")

    for _time in range(20):
        limits.spend("export", acme.pk, loud.pk)

    assert limits.spend("export", acme.pk, calm.pk) == 0
    assert limits.spend("export", acme.pk, calm.pk) > 0


def test_another_organisation_has_a_count_of_its_own(acme, rival, person, settings):
    few(settings, "export", person=1, org=1)
    someone = person("viewer").pk
    limits.spend("export", acme.pk, someone)

    assert limits.spend("export", acme.pk, someone) > 0
    assert limits.spend("export", rival.pk, someone) == 0


@pytest.mark.parametrize(
    ("name", "path"),
    [("export", "/o/acme/filament/csv/"), ("export", "/o/acme/reports/job_summary/?csv=jobs")],
)
def test_exports_are_limited_and_looking_is_not(name, path, acme, sign_in, settings):
    few(settings, name)
    client = sign_in("operator")

    answers = [client.get(path).status_code for _time in range(3)]

    assert answers[2] == 429
    assert answers[0] != 429
    assert client.get("/o/acme/filament/").status_code == 200
    assert client.get("/o/acme/reports/job_summary/").status_code == 200


def test_reports_of_the_api_are_limited_but_as_json(api, settings):
    few(settings, "export", person=1)
    client = api("operator")

    assert client.get("/api/reports/job_summary?format=html").status_code == 200
    assert client.get("/api/reports/job_summary?format=html").status_code == 429
    assert client.get("/api/reports/job_summary?format=pdf").status_code == 429
    assert client.get("/api/reports/job_summary").status_code == 200


def test_a_part_of_a_page_is_told_by_a_toast(acme, sign_in, settings):
    few(settings, "export", person=1)
    client = sign_in("operator")
    client.get("/o/acme/filament/csv/")

    answer = client.get("/o/acme/filament/csv/", headers={"HX-Request": "true"})

    assert answer.status_code == 429
    assert "very often" in answer["HX-Trigger"]
    assert "<" not in answer.text


def test_invitations_are_limited_and_none_is_made_beyond(acme, sign_in, settings):
    few(settings, "invitation", person=2)
    client = sign_in("admin")

    for at in range(4):
        client.post("/o/acme/members/invite/", {"email": f"new{at}@else.test", "role": 10})

    assert Invitation.objects.count() == 2


def test_tokens_are_limited_and_none_is_made_beyond(acme, sign_in, settings):
    few(settings, "token", person=2)
    client = sign_in("viewer")
    form = {"name": "nightly", "scopes": ["read:jobs"], "days": 90}

    answers = [client.post("/o/acme/tokens/", form).status_code for _time in range(4)]

    assert answers == [200, 200, 429, 429]
    assert ApiToken.objects.count() == 2


@pytest.mark.parametrize("door", ["/api/me", "/o/acme/inbox/any/api/version"])
def test_who_tries_many_tokens_is_told_to_wait_and_recorded_once(door, acme, api):
    good = api("operator")
    wrong = Client(headers={"X-Api-Key": "odin_" + "a" * 55})

    answers = [wrong.get(door) for _time in range(WRONG_TOKENS + 3)]

    assert {answer.status_code for answer in answers[:WRONG_TOKENS]} <= {401, 403}
    assert [answer.status_code for answer in answers[WRONG_TOKENS:]] == [429] * 3
    assert int(answers[-1]["Retry-After"]) > 0
    assert good.get("/api/me").status_code == 200
    with schema_context(get_public_schema_name()):
        assert Entry.objects.filter(action="token.guessing").count() == 1


def test_tries_of_tokens_are_counted_by_address(acme):
    wrong = Client(headers={"X-Api-Key": "odin_" + "a" * 55})
    for _time in range(WRONG_TOKENS + 1):
        wrong.get("/api/me", REMOTE_ADDR="203.0.113.7")

    assert wrong.get("/api/me", REMOTE_ADDR="203.0.113.7").status_code == 429
    assert wrong.get("/api/me", REMOTE_ADDR="203.0.113.8").status_code == 401


def test_a_request_without_any_token_guesses_nothing(acme):
    client = Client()

    assert {client.get("/api/me").status_code for _time in range(WRONG_TOKENS + 2)} == {401}


def test_without_redis_the_farm_works_on_but_nobody_guesses(acme, person, monkeypatch):
    def broken(*_all: Any, **_named: Any) -> Any:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(redis.connection.ConnectionPool, "get_connection", broken)

    assert limits.spend("upload", acme.pk, person("viewer").pk) == 0
    with pytest.raises(redis.ConnectionError):
        begin_try("viewer@acme.test", "10.0.0.1")


def test_counters_name_their_organisation_or_the_platform(acme, person, sign_in):
    limits.spend("upload", acme.pk, person("viewer").pk)
    limits.wrong_token("10.0.0.1")
    Client().post("/account/sign-in/", {"email": "a@b.test", "password": "x"})

    keys = {key.decode().removeprefix(":1:") for key in redis_client().keys("*")}

    assert all(key.startswith((f"odin:org:{acme.pk}:", "odin:all:")) for key in keys), keys


def test_a_counter_ends_by_itself(acme, person):
    limits.spend("upload", acme.pk, person("viewer").pk)

    assert all(redis_client().ttl(key) > 0 for key in redis_client().keys("odin:org:*:limit:*"))
