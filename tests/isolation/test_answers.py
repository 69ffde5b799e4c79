"""Nothing of another organisation is in any answer: pages, lists, searches, live updates, files, bell."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from jobs.models import Print
from models3d.models import StoredFile
from orgs.keys import redis_client
from orgs.models import Org
from reports.builders import BUILDERS
from tests.factories.models3d import CUBE, upload
from tests.surface import Operation, Route, has_parameter, operations, routes

from .conftest import CANARY

# A part of the canary, as a search box repeats what was searched for.
WORDS = "quetzal"
PAGES = [
    route for route in routes("odin_site.urls") if not has_parameter(route.pattern) and not route.is_admin
]
# The kinds of reports are the same for all.
ALIKE = {"GET /api/reports"}
LISTS = [
    one for one in operations() if one.verb == "GET" and not has_parameter(one.path) and one.key not in ALIKE
]
# Pages on which an organisation meets its own things; all others may show none of them.
TELLING = {
    "reports:dashboard", "reports:live", "printers:list", "printers:tags",
    "printers:views", "jobs:list", "jobs:add", "jobs:presets",
    "jobs:failures", "jobs:reasons",
    "models:list", "audit:list", "orgs:members", "orgs:tokens", "orgs:jump", "spools:list",
    "spools:csv", "spools:labels", "alerts:list",
    "inbox:send", "quotas:list", "quotas:rules", "maintenance:list", "maintenance:log", "maintenance:log_csv",
    "maintenance:templates", "orgs:departments",
    "channels:org", "channels:log",
    "lending:list", "lending:guests", "lending:ledger", "lending:ledger_csv",
}  # fmt: skip
QUERIES = ("", f"?q={WORDS}", "?version=0", "?version=1&view=table", f"?state=all&show=all&search={WORDS}")


@pytest.mark.parametrize("role", ["viewer", "admin"])
@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_page_tells_nothing_of_another_organisation(route: Route, role, theirs, sign_in):
    client = sign_in(role)

    told = [client.get(f"/o/acme/{route.pattern}{query}") for query in QUERIES]

    assert [answer.url for answer in told if CANARY in getattr(answer, "text", "")] == []
    assert all(answer.status_code < 500 for answer in told)


@pytest.mark.parametrize("name", sorted(TELLING))
def test_page_does_tell_an_organisation_its_own(name, theirs, sign_in):
    (route,) = [route for route in PAGES if route.name == name]

    told = [sign_in("admin", "rival").get(f"/o/rival/{route.pattern}{query}") for query in QUERIES]

    assert any(CANARY in answer.text for answer in told)


@pytest.mark.parametrize("operation", LISTS, ids=lambda one: one.key)
def test_list_of_the_api_tells_nothing_of_another_organisation(operation: Operation, theirs, api):
    queries = ["", "?limit=2000", *(f"?{name}={CANARY}" for name in operation.parameters)]

    told = [api("admin").get(operation.path + query) for query in queries]
    own = api("admin", "rival").get(operation.path)

    assert CANARY in own.text
    for answer in told:
        assert answer.status_code in {200, 422}
        found = answer.json().get("items", []) if answer.status_code == 200 else []
        assert CANARY not in str(found)
    assert CANARY not in told[0].text


@pytest.mark.parametrize("kind", BUILDERS)
def test_report_tells_nothing_of_another_organisation(kind, theirs, sign_in, api):
    with tenant_context(Org.objects.get(slug="rival")):
        Print.objects.update(started_at=timezone.now(), ended_at=timezone.now())

    page = sign_in("admin").get(f"/o/acme/reports/{kind}/")
    told = api("admin").get(f"/api/reports/{kind}")

    assert (page.status_code, told.status_code) == (200, 200)
    assert CANARY not in page.text + told.text


def test_report_does_tell_an_organisation_its_own(theirs, api):
    with tenant_context(Org.objects.get(slug="rival")):
        Print.objects.update(started_at=timezone.now(), ended_at=timezone.now())

    own = api("admin", "rival").get("/api/reports/failure_analysis")

    assert CANARY in str(own.json()["sections"])


def test_same_file_in_two_organisations_is_no_duplicate_and_is_kept_twice(
    acme, rival, api, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    Client.post(api("operator", "rival"), "/api/models", {"file": upload()})

    answer = Client.post(api("operator"), "/api/models", {"file": upload()})

    assert answer.status_code == 201
    assert answer.json()["duplicate_of"] is None
    assert StoredFile.objects.get().path.startswith(f"orgs/{acme.pk}/")
    with tenant_context(rival):
        assert StoredFile.objects.get().path.startswith(f"orgs/{rival.pk}/")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    assert CUBE.stat().st_size == StoredFile.objects.get().size


def test_every_key_in_redis_names_its_organisation(acme, theirs, ours, sign_in, api):
    client = sign_in("admin")
    for route in PAGES:
        client.get(f"/o/acme/{route.pattern}")
    api("operator").post("/api/filaments", {"material": "PLA"}, headers={"Idempotency-Key": "once"})

    keys = {key.decode() for key in redis_client().keys("*")}

    named = re.compile(r"(:1:)?odin:(org:[0-9a-f-]{36}|all):|:1:django\.contrib\.sessions\.|celery|_kombu")
    assert {key for key in keys if not named.match(key)} == set()
    assert any(key.startswith(f"odin:org:{acme.pk}:") for key in keys)
