"""Errors of the API, as application/problem+json."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase

WORDS_OF_DJANGO = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    500: "Something went wrong here. It has been logged.",
}


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


def as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """What Django itself answers with a page (no such address, wrong method) is a problem in the API."""
    if is_told(response):
        return response
    answer = problem(response.status_code, words_of_django(response.status_code))
    if "Allow" in response.headers:
        answer["Allow"] = response.headers["Allow"]
    return answer


def is_told(response: HttpResponseBase) -> bool:
    """Whether an answer is no error, or one that is already in words for programs."""
    return response.status_code < 400 or response.headers.get("Content-Type", "").startswith("application/")


def words_of_django(status: int) -> str:
    return WORDS_OF_DJANGO.get(status, "That did not work.")


def field_error(field: str, message: str) -> dict[str, str]:
    return {"field": field, "message": message}
