"""What every answer says to the browser: walked over all pages, files, operations of the API and errors."""

import re
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from models3d.models import Revision
from tests.surface import filled, has_parameter, kind_of, operations, routes, things
from ui.headers import OF_A_FILE, OF_A_MAIL, POWERS

ORG_ROUTES = [("/o/acme/", route) for route in routes("odin_site.urls") if "?P<" not in route.pattern]
PUBLIC_ROUTES = [
    ("/", route)
    for route in routes("odin_site.urls_public")
    if "?P<" not in route.pattern and not (route.name.startswith("api:") and "openapi" not in route.name)
]
# Files that people sent, or that hold what they wrote: nothing in them may run.
FILES = {
    "jobs:photo", "maintenance:photo", "models:file", "models:thumbnail", "models:layers", "models:layer",
    "reports:run_file",
}  # fmt: skip
FILES_OF_API = {
    "GET /api/models/{model_id}/revisions/{number}/file", "GET /api/reports/runs/{pk}/pdf",
    "GET /api/models/{model_id}/revisions/{number}/thumbnail", "GET /api/reports/runs/{pk}/html",
}  # fmt: skip
# What a browser may keep: pictures that never change under their address, and the push worker.
KEPT = re.compile(r"private, (max-age=3600|no-cache)|no-cache")
# What a browser shows as it is; everything else is a download.
SHOWN = ("text/html", "application/json", "application/problem+json", "text/plain", "image/png", "image/jpeg",
         "application/pdf", "text/javascript", "application/octet-stream", "text/xml")  # fmt: skip


def check(response: HttpResponse) -> None:
    """The rules for every answer; AssertionError names the one that is broken."""
    where = f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']}"
    said = response.headers
    policy = said["Content-Security-Policy"]
    assert "default-src 'self'" in policy or policy in {OF_A_FILE, OF_A_MAIL}, where
    if policy != OF_A_MAIL:
        assert "unsafe" not in policy, where
    if "default-src 'self'" in policy:
        for part in ("frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"):
            assert part in policy, where
    assert said["X-Content-Type-Options"] == "nosniff", where
    assert said["Referrer-Policy"] == "same-origin", where
    assert said["Permissions-Policy"] == POWERS, where
    assert said["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert said["Cross-Origin-Resource-Policy"] == "same-origin", where
    assert "Access-Control-Allow-Origin" not in said, where
    assert "no-store" in said["Cache-Control"] or KEPT.fullmatch(said["Cache-Control"]), where
    if response.status_code == 200 and "attachment" not in said.get("Content-Disposition", ""):
        assert said.get("Content-Type", "text/html").startswith(SHOWN), where


def asked(client: Client, verb: str, url: str, **more: Any) -> HttpResponse:
    client.raise_request_exception = False
    with transaction.atomic():
        response = client.generic(verb, url, **more)
        transaction.set_rollback(True)
    return response


def address(path: str, ids: dict[str, Any], *, is_known: bool = True) -> str:
    return filled(path, ids[kind_of(path)]) if is_known and has_parameter(path) else path


@pytest.fixture
def ids(acme, person, settings, tmp_path) -> dict[str, Any]:
    settings.MEDIA_ROOT = tmp_path
    return things(acme, person("admin"))


@pytest.mark.parametrize("routes_of", [ORG_ROUTES, PUBLIC_ROUTES], ids=["organisation", "platform"])
def test_every_page_carries_all_headers(routes_of, ids, sign_in):
    root, nobody = sign_in("root"), Client()

    for start, route in routes_of:
        url = start + address(route.pattern, ids, is_known=not route.is_admin)
        for client, verb in ((root, "GET"), (root, "POST"), (nobody, "GET")):
            check(asked(client, verb, url))


def test_every_operation_of_the_api_carries_all_headers(ids, api):
    admin, nobody = api("admin"), Client()

    for operation in operations():
        url = address(operation.path, ids)
        for client in (admin, nobody):
            check(asked(client, operation.verb, url, data="{}", content_type="application/json"))


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/nothing-here/", "/o/acme/nothing-here/", "/o/nobody/", "/api/nothing",
     "/static/nothing.js", "/o/acme", "/admin/", "/favicon.ico"],
)  # fmt: skip
def test_errors_and_the_answers_to_machines_carry_all_headers(path, acme, sign_in):
    for client in (Client(), sign_in("admin")):
        check(asked(client, "GET", path))


def test_a_breakdown_and_a_refused_form_carry_all_headers(acme, sign_in, monkeypatch):
    def broken(*_all: object, **_named: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("orgs.views.tokens._shown", broken)
    client = sign_in("admin")

    breakdown = asked(client, "GET", "/o/acme/tokens/")
    without_token = asked(Client(enforce_csrf_checks=True), "POST", "/account/sign-in/")

    assert (breakdown.status_code, without_token.status_code) == (500, 403)
    check(breakdown)
    check(without_token)


def test_static_files_carry_the_policy_and_may_be_kept(client):
    response = client.get("/static/img/favicon.svg")

    assert response.status_code == 200
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Permissions-Policy"] == POWERS
    assert "public" in response["Cache-Control"]


def test_a_file_of_a_person_is_sandboxed(ids, sign_in):
    client = sign_in("admin")

    told = {
        route.name: client.get(start + address(route.pattern, ids))
        for start, route in ORG_ROUTES
        if route.name in FILES
    }

    assert set(told) == FILES
    for response in told.values():
        assert response.status_code == 200
        assert response["Content-Security-Policy"] == OF_A_FILE
        check(response)


def test_a_file_of_a_person_is_sandboxed_by_the_api_too(ids, api):
    client = api("admin")

    told = {one.key: client.get(address(one.path, ids)) for one in operations() if one.key in FILES_OF_API}

    assert set(told) == FILES_OF_API
    for key, response in told.items():
        assert response.status_code == 200
        assert response["Content-Security-Policy"] == (OF_A_MAIL if key.endswith("html") else OF_A_FILE)
        check(response)


def test_an_uploaded_file_is_a_download_whatever_it_is_called(ids, sign_in):
    client = sign_in("admin")
    (path,) = [route.pattern for _start, route in ORG_ROUTES if route.name == "models:file"]

    for name in ("page.html", "picture.svg", 'quo"te.html', "line\r\nX-Evil: 1.html", "ü😀.js"):
        Revision.objects.update(original_name=name)

        response = client.get("/o/acme/" + address(path, ids))

        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Type"] == "application/octet-stream"
        assert "X-Evil" not in response.headers


def test_cookies_are_of_this_server_alone(client, acme, person):
    client.get("/account/sign-in/")
    client.post("/account/sign-in/", {"email": person("admin").email, "password": "Correct7horse"})

    for name in (configured.SESSION_COOKIE_NAME, configured.CSRF_COOKIE_NAME):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True,
            "Lax",
            "/",
            "",
        )
