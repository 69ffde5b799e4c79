"""An id of another organisation is nothing here: on pages, in the API, in addresses and in bodies.

Every route with a parameter is asked; a new kind of parameter fails until tests/surface.py can make one.
"""

import json
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from jobs.models import Job
from orgs.roles import Role, scopes_of
from printers.models import Tag
from tests.factories.models3d import upload
from tests.surface import Operation, Route, filled, kind_of, names_a_thing, operations, routes, sound

# The address of an inbox, opened in a browser, names its target in vain: it leads to one page for all.
PAGES = [
    route
    for route in routes("odin_site.urls")
    if names_a_thing(route.pattern) and not route.pattern.startswith(("admin/", "inbox/"))
]
INBOX = [route for route in routes("odin_site.urls") if route.is_for_keys]
OPERATIONS = [one for one in operations() if names_a_thing(one.path)]


@pytest.mark.parametrize("role", ["admin", "root"])
@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_page_of_a_thing_of_another_organisation_is_missing(route: Route, role, theirs, picture, sign_in):
    client, before = sign_in(role), picture()
    url = "/o/acme/" + filled(route.pattern, theirs[kind_of(route.pattern)])

    answers = [getattr(client, verb)(url, {"printer": theirs["printer"]}) for verb in ("get", "post")]

    assert {answer.status_code for answer in answers} - {405} == {404}
    assert picture() == before


@pytest.mark.parametrize("route", INBOX, ids=lambda route: route.name)
def test_inbox_of_a_printer_of_another_organisation_is_missing(route: Route, theirs, picture, api):
    client, before = Client(headers={"Authorization": api("admin").defaults["HTTP_AUTHORIZATION"]}), picture()
    url = "/o/acme/" + filled(route.pattern, theirs["printer"])

    answers = [client.get(url), client.post(url, {"file": upload(), "print": "true"})]

    assert {answer.status_code for answer in answers} - {405} == {404}
    assert picture() == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.key)
def test_operation_on_a_thing_of_another_organisation_is_missing(
    operation: Operation, theirs, ours, picture, api
):
    client, before = api("admin", scopes=scopes_of(Role.ADMIN)), picture()
    url, body = filled(operation.path, theirs[kind_of(operation.path)]), sound(operation.key, ours)
    if operation.takes == "multipart/form-data":
        answer = client.generic(operation.verb, url, b"--x--\r\n", "multipart/form-data; boundary=x")
    else:
        answer = client.generic(operation.verb, url, json.dumps(body), "application/json")

    assert answer.status_code == 404, answer.text
    assert picture() == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/jobs", {"model_id": "their model"}),
        ("/api/jobs", {"model_id": "our model", "target": {"printer_id": "their printer"}}),
        ("/api/jobs", {"model_id": "our model", "target": {"tag": "Quetzalcoatl"}}),
        ("/api/jobs", {"model_id": "our model", "filaments": [{"index": 0, "spool_id": "their spool"}]}),
        ("/api/jobs/{our job}/start", {"printer_id": "their printer", "override_reason": "because"}),
        ("/api/jobs", {"model_id": "our model", "department_id": "their department"}),
        ("/api/jobs/{our job}/verdict", {"copy": 1, "verdict": "reject", "reason_id": "their reason"}),
        ("/api/jobs/{our job}/failure", {"copy": 1, "reason_id": "their reason"}),
        ("/api/spools", {"filament_id": "their filament"}),
        ("/api/maintenance/tasks", {"printer_id": "their printer", "name": "Belts", "every_days": 9}),
        ("/api/spools/{our spool}/load", {"printer_id": "their printer", "slot": 0}),
    ],
    ids=lambda value: str(value),
)
def test_body_that_names_a_thing_of_another_organisation_changes_nothing(
    path, body, theirs, ours, picture, api
):
    names = {f"our {kind}": pk for kind, pk in ours.items()} | {
        f"their {kind}": pk for kind, pk in theirs.items()
    }
    for name, pk in names.items():
        path = path.replace(f"{{{name}}}", str(pk))
    before = picture()

    answer = api("admin").post(path, _named(body, names))

    assert answer.status_code in {404, 422}, answer.text
    assert "Quetzalcoatl" not in answer.text.replace(str(body), "")
    assert picture() == before


def _named(value: Any, names: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _named(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_named(item, names) for item in value]
    return str(names[value]) if value in names else value


@pytest.mark.parametrize("field", ["model", "printer", "tag", "spool_0"])
def test_form_for_a_job_takes_nothing_of_another_organisation(
    field, theirs, ours, picture, sign_in, acme, rival
):
    with tenant_context(rival):
        foreign = {
            "model": theirs["model"],
            "printer": theirs["printer"],
            "tag": Tag.objects.get().pk,
            "spool_0": theirs["spool"],
        }
    form = {
        "model": ours["model"],
        "revision": 1,
        "plate": 1,
        "copies": 1,
        "priority": 20,
        "target": field if field in {"printer", "tag"} else "any",
    }
    before, jobs = picture(), Job.objects.count()

    answer = sign_in("admin").post("/o/acme/queue/add/", form | {field: foreign[field]})

    assert answer.status_code == 422
    assert Job.objects.count() == jobs
    assert picture() == before


def test_link_to_the_form_for_a_job_names_no_model_of_another_organisation(theirs, ours, sign_in):
    answer = sign_in("admin").get(f"/o/acme/queue/add/?model={theirs['model']}")

    assert answer.status_code == 200
    assert "Quetzalcoatl" not in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "/api/jobs?model_id={model}",
        "/api/jobs?printer_id={printer}",
        "/api/spools?filament_id={filament}",
        "/api/spools?printer_id={printer}",
        "/api/audit?target_id={printer}",
        "/api/maintenance/tasks?printer_id={printer}",
        "/api/maintenance/log?printer_id={printer}",
        "/api/maintenance/log?task_id={task}",
    ],
)
def test_filter_by_a_thing_of_another_organisation_finds_nothing(url, theirs, ours, api):
    answer = api("admin").get(url.format(**theirs))

    assert answer.json() == {"items": [], "count": 0}
