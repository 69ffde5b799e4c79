"""The API as its document tells it: readable by anybody, and never broken by what is sent to it."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.surface import Operation, document, filled, has_parameter, kind_of, operations, sound, things

MEMBERS = {"type", "title", "status", "detail", "errors"}
HUGE, EMOJI, NUL = 10**30, "🦊" * 300, "a\0b"
DEEP: Any = 0
for _ in range(60):
    DEEP = [DEEP]
RUBBISH: list[Any] = [
    None, True, -1, 0, 1.5, HUGE, -HUGE, "", "x", NUL, EMOJI, "\ud800", "../..", "' OR 1=1 --", [], [NUL], {},
    {"a": {NUL: EMOJI}}, DEEP,
]  # fmt: skip
BODIES = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b"NaN", b'{"a": NaN}', b'{"a": 1e999}',
    b"[" * 5000 + b"]" * 5000, b'{"\\u0000": "\\u0000"}', b'{"unknown": 1}',
]  # fmt: skip
QUERIES = ["-1", "0", str(HUGE), "%00", "%F0%9F%A6%8A", "x" * 5000, "a,b,-c", "%ED%A0%80", "2026-99-99", "--"]


@pytest.fixture
def known(acme, person, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return things(acme, person("viewer"))


def address(path: str, known: dict[str, Any]) -> str:
    return filled(path, known[kind_of(path)]) if has_parameter(path) else path


def fields_of(operation: Operation) -> list[str]:
    """The fields of the body, as the document names them."""
    content = operation.spec.get("requestBody", {}).get("content", {})
    schema = next(iter(content.values()), {}).get("schema", {})
    options = [schema, *schema.get("anyOf", [])]
    found: list[str] = []
    for option in options:
        name = option.get("$ref", "").rpartition("/")[2]
        known = document()["components"]["schemas"].get(name, option)
        found += known.get("properties", {})
    return found


def bodies_of(operation: Operation, known: dict[str, Any]) -> Iterator[bytes]:
    """Unsound bodies: not JSON, not an object, and otherwise sound ones with rubbish in one field."""
    yield from BODIES
    for field in fields_of(operation):
        for value in RUBBISH:
            yield json.dumps({**sound(operation.key, known), field: value}).encode()


def checked(response: HttpResponse, what: object) -> None:
    """Any answer but a breakdown, errors in the one form that scripts know."""
    assert response.status_code < 500, (what, response.status_code)
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json", (what, response["Content-Type"])
        told = response.json()
        assert set(told) == MEMBERS, what
        assert told["status"] == response.status_code
        assert all(set(one) == {"field", "message"} for one in told["errors"]), told


def ask(client: Client, verb: str, url: str, body: bytes = b"", kind: str = "application/json") -> None:
    with transaction.atomic():
        response = client.generic(verb, url, body, kind)
        transaction.set_rollback(True)
    checked(response, (verb, url, body[:200]))


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.key)
def test_no_body_breaks_an_operation(operation: Operation, known, api):
    client, url = api("admin"), address(operation.path, known)
    client.raise_request_exception = False

    for body in bodies_of(operation, known):
        ask(client, operation.verb, url, body)
    ask(client, operation.verb, url, b"--x\r\nContent-Disp", "multipart/form-data; boundary=x")
    ask(client, operation.verb, url, b"a=1", "application/x-www-form-urlencoded")
    ask(client, operation.verb, url, b"{}", "text/plain; charset=nowhere")


@pytest.mark.parametrize(
    "operation", [one for one in operations() if one.parameters], ids=lambda one: one.key
)
def test_no_parameter_breaks_an_operation(operation: Operation, known, api):
    client, url = api("admin"), address(operation.path, known)
    client.raise_request_exception = False

    for name in [*operation.parameters, "unknown", "%00"]:
        for value in QUERIES:
            ask(client, operation.verb, f"{url}?{name}={value}&{name}=2")


@pytest.mark.parametrize(
    "operation", [one for one in operations() if has_parameter(one.path)], ids=lambda one: one.key
)
def test_no_id_breaks_an_operation(operation: Operation, acme, api):
    client = api("admin")
    client.raise_request_exception = False

    for name in (uuid.uuid4(), "x", "%00", HUGE, "0" * 36, "..", "%F0%9F%A6%8A"):
        ask(client, operation.verb, filled(operation.path, name), b"{}")
        ask(client, operation.verb, filled(operation.path, name).replace("/1/", f"/{HUGE}/"), b"{}")


def test_unknown_paths_and_verbs_are_problems_too(acme, api):
    for verb, path in (("GET", "/api/nowhere"), ("GET", "/api/"), ("PUT", "/api/jobs"), ("TRACE", "/api/me")):
        ask(api("admin"), verb, path)


def test_document_is_for_everybody_and_tells_of_what_it_names(db, client):
    told = client.get("/api/openapi.json").json()

    assert told["openapi"].startswith("3.")
    names = [spec["operationId"] for verbs in told["paths"].values() for spec in verbs.values()]
    assert len(set(names)) == len(names)
    references = {part.split('"')[0] for part in json.dumps(told).split("#/components/schemas/")[1:]}
    assert references <= set(told["components"]["schemas"])
    for path, verbs in told["paths"].items():
        wanted = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for spec in verbs.values():
            assert wanted == {one["name"] for one in spec.get("parameters", []) if one["in"] == "path"}
            assert spec["responses"], path


def test_explorer_opens_under_our_own_policy(db, client):
    answer = client.get("/api/docs")

    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "//" not in "".join(part for part in answer.text.split('"') if part.startswith(("http", "//")))
    assert "<script>" not in answer.text
