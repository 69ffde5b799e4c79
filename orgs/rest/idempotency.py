"""Idempotency-Key: the same key gives the same answer for a day."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

import orjson
from django.http import HttpResponse

from orgs.keys import org_key, redis_client
from orgs.requests import OrgRequest

from .problems import Problem

P = ParamSpec("P")
KEPT_S = 24 * 3600
RUNNING_S = 15 * 60
RUNNING = b"running"
Endpoint = Callable[Concatenate[OrgRequest, P], HttpResponse]


def idempotent(endpoint: Endpoint[P]) -> Endpoint[P]:
    """Answer a repeated request, known by its Idempotency-Key header, as the first time, not doing it twice.

    The same key with another body is 422; while the first is still being worked on, 409. Only answers
    below 500 are kept, so that a breakdown can be tried again. Put it inside @require.
    """

    @wraps(endpoint)
    def once(request: OrgRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        given = request.headers.get("Idempotency-Key", "")
        if not given:
            return endpoint(request, *args, **kwargs)
        if len(given) > 200:
            raise Problem(422, "The Idempotency-Key is longer than 200 characters.")
        name = hashlib.sha256(
            f"{request.user.pk}:{request.method}:{request.path}:{given}".encode()
        ).hexdigest()
        key, client = org_key(request.org.pk, "idempotency", name), redis_client()
        if not client.set(key, RUNNING, nx=True, ex=RUNNING_S):
            return _repeated(cast(bytes | None, client.get(key)), _print_of(request))
        try:
            response = endpoint(request, *args, **kwargs)
        except BaseException:
            client.delete(key)
            raise
        client.set(key, _packed(response, _print_of(request)), ex=KEPT_S)
        return response

    return once


def _print_of(request: OrgRequest) -> str:
    """What the body was; uploads are known by their files' names and sizes, not read again."""
    if request.content_type == "multipart/form-data":
        files = sorted((name, file.name or "", file.size or 0) for name, file in request.FILES.items())  # type: ignore[union-attr]
        said: Any = [sorted(request.POST.lists()), files]
        return hashlib.sha256(orjson.dumps(said)).hexdigest()
    return hashlib.sha256(request.body).hexdigest()


def _packed(response: HttpResponse, body_print: str) -> bytes:
    return orjson.dumps([response.status_code, body_print, response.content.decode()])


def _repeated(kept: bytes | None, body_print: str) -> HttpResponse:
    if kept is None or kept == RUNNING:
        raise Problem(409, "The first request with this Idempotency-Key is still being worked on.")
    status, first_print, content = orjson.loads(kept)
    if first_print != body_print:
        raise Problem(422, "This Idempotency-Key was used with another body.")
    response = HttpResponse(content, status=status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response
