"""Errors of the API, as application/problem+json."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpResponse


class Problem(Exception):
    """What an endpoint raises to answer with an error; `errors` name the fields, where it is about fields."""

    def __init__(self, status: int, detail: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)


class Conflict(Problem):
    """The thing is not in a state that allows this."""

    def __init__(self, detail: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(409, detail, errors)


def problem(status: int, detail: str, errors: Sequence[dict[str, Any]] = ()) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": list(errors),
    }
    response = HttpResponse(orjson.dumps(body), status=status, content_type="application/problem+json")
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="O.D.I.N."'
    return response


def field_error(field: str, message: str) -> dict[str, str]:
    return {"field": field, "message": message}
