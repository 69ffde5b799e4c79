"""Nothing of another organisation is in any answer: pages, fragments, exports, lists, searches, live updates.

Each walk asks everything that a role may ask; a new route or operation is walked by itself.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from jobs.models import Print
from models3d.models import StoredFile
from orgs.models import Org
from reports.builders import BUILDERS
from tests.factories.models3d import CUBE, upload
from tests.surface import Route, filled, has_parameter, kind_of, names_a_thing, operations, routes

from .planting import CANARY, unplanted
from .reading import said_by

# A part of the canary, as a search box repeats what was searched for.
WORDS = "quetzal"
ROUTES = [route for route in routes("odin_site.urls") if not (route.is_admin or route.is_for_keys)]
PAGES = [route for route in ROUTES if not has_parameter(route.pattern)]
OUTSIDE = [
    route
    for route in routes("odin_site.urls_public")
    if not (route.is_admin or has_parameter(route.pattern) or route.name.startswith("api:"))
]
# The kinds of reports are the same for all.
ALIKE = {"GET /api/reports"}
ASKED = [one for one in operations() if one.verb == "GET"]
LISTS = [one for one in ASKED if not has_parameter(one.path) and one.key not in ALIKE]
# Pages on which an organisation meets its own things; all others may show none of them.
TELLING = {
    "reports:dashboard", "reports:live", "printers:list", "printers:tags",
    "printers:views", "jobs:list", "jobs:add", "jobs:presets",
    "jobs:failures", "jobs:reasons",
    "models:list", "audit:list", "orgs:members", "orgs:tokens", "orgs:jump", "spools:list",
    "spools:csv", "spools:labels", "alerts:list",
    "inbox:send", "quotas:list", "quotas:rules", "maintenance:list", "maintenance:log", "maintenance:log_csv",
    "maintenance:templates", "orgs:departments",
    "channels:org", "channels:log", "charges:month", "charges:cards",
    "lending:list", "lending:guests", "lending:ledger", "lending:ledger_csv",
}  # fmt: skip
QUERIES = ("", "?version=0&view=table", f"?q={WORDS}&search={WORDS}&state=all&show=all")


def addresses(ours: dict[str, Any]) -> Iterator[str]:
    """Every page below /o/acme/, of our own things where it is of one."""
    for route in ROUTES:
        if names_a_thing(route.pattern):
            yield "/o/acme/" + filled(route.pattern, ours[kind_of(route.pattern)])
        elif has_parameter(route.pattern):
            yield from (f"/o/acme/{filled(route.pattern, kind)}" for kind in BUILDERS)
        else:
            yield from (f"/o/acme/{route.pattern}{query}" for query in QUERIES)


def told_of(client: Client, urls: Iterator[str]) -> list[str]:
    """The addresses whose answers have the word in them, or are broken."""
    client.raise_request_exception = False
    wrong = []
    for url in urls:
        answer = client.get(url)
        if answer.status_code >= 500 or CANARY in said_by(answer):
            wrong.append(f"{answer.status_code} {url}")
    return wrong


@pytest.fixture
def printed_today(theirs) -> None:
    """Reports are of the last days."""
    with tenant_context(Org.objects.get(slug="rival")):
        Print.objects.update(started_at=timezone.now(), ended_at=timezone.now())


def test_every_text_that_is_kept_of_another_organisation_holds_the_word(theirs, rival):
    assert list(unplanted(rival)) == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_no_page_tells_of_another_organisation(role, theirs, printed_today, ours, sign_in):
    outside = (f"/{route.pattern}" for route in OUTSIDE if route.name != "accounts:sign_out")

    assert told_of(sign_in(role), addresses(ours)) == []
    assert told_of(sign_in(role), outside) == []


def test_pages_do_tell_an_organisation_its_own(theirs, sign_in):
    client = sign_in("admin", "rival")
    found: dict[str, Route] = {route.name: route for route in PAGES}

    silent = [
        name
        for name in sorted(TELLING)
        if not any(CANARY in client.get(f"/o/rival/{found[name].pattern}{query}").text for query in QUERIES)
    ]

    assert silent == []


def test_no_answer_of_the_api_tells_of_another_organisation(theirs, printed_today, ours, api):
    urls: list[str] = []
    for one in ASKED:
        if names_a_thing(one.path):
            urls.append(filled(one.path, ours[kind_of(one.path)]))
        elif has_parameter(one.path):
            urls += [filled(one.path, kind) for kind in BUILDERS]
        else:
            orders = one.parameters.get("ordering", {}).get("description", "")
            urls += [one.path, f"{one.path}?limit=2000", f"{one.path}?search={WORDS}"]
            urls += [f"{one.path}?ordering={name}" for name in re.findall(r"\w+", orders)[:1]]

    assert told_of(api("admin"), iter(urls)) == []


def test_no_filter_of_the_api_finds_a_row_of_another_organisation(theirs, ours, api):
    client = api("admin")
    found = []
    for one in LISTS:
        for name in one.parameters:
            answer = client.get(f"{one.path}?{name}={quote(CANARY)}")
            # A refusal may repeat what was asked for.
            if answer.status_code != 422 and CANARY in str(answer.json().get("items", [])):
                found.append(f"{one.path}?{name}")

    assert found == []


def test_lists_of_the_api_do_tell_an_organisation_its_own(theirs, api):
    client = api("admin", "rival")

    assert [one.path for one in LISTS if CANARY not in client.get(one.path).text] == []


def test_report_does_tell_an_organisation_its_own(printed_today, api):
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
