"""Lists of the API: limit, offset, ordering, search and filters, the same everywhere."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from ninja import Schema
from pydantic import ConfigDict, Field, field_validator

from orgs.requests import OrgRequest

from .problems import Problem, field_error

M = TypeVar("M", bound=Model)
DEFAULT_LIMIT, MOST = 50, 2000
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class Sound(Schema):
    """Input whose text PostgreSQL can keep."""

    @field_validator("*", mode="before")
    @classmethod
    def check_text(cls, value: Any) -> Any:
        _check_text(value)
        return value


class Strict(Sound):
    """Input of the API: an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid")


class ListQuery(Sound):
    """The parameters every list takes; a list's own filters are added by subclassing."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=10_000_000)
    ordering: str = ""
    search: str = Field("", max_length=200)


def _check_text(value: Any) -> None:
    """ValueError for a NUL or half a character (a lone surrogate) anywhere in `value`."""
    if isinstance(value, str) and ("\0" in value or HALF_CHARACTER.search(value)):
        raise ValueError("has characters that can't be kept")
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            _check_text(item)


def answer(data: Any, status: int = 200) -> HttpResponse:
    """`data` as JSON. Built by hand where a list is long: checking each of our own values again costs more
    than reading them from the database."""
    return HttpResponse(orjson.dumps(data, default=str), status=status, content_type="application/json")


def check_parameters(request: OrgRequest, query: ListQuery) -> None:
    """Refuse parameters that the list does not know."""
    unknown = sorted(set(request.GET) - set(type(query).model_fields))
    if unknown:
        raise Problem(422, "Unknown parameter.", [field_error(name, "is not known here") for name in unknown])


def ordered(
    rows: "QuerySet[M]", asked: str, allowed: Mapping[str, str], default: Sequence[str]
) -> "QuerySet[M]":
    """`rows` in the order `asked` ("name", "-created_at", several by commas), of the `allowed` fields only.

    The primary key comes last, so that pages never overlap.
    """
    fields = []
    for name in filter(None, asked.split(",")):
        bare = name.removeprefix("-")
        if bare not in allowed:
            raise Problem(422, "Unknown ordering.", [field_error("ordering", f"can't order by {bare}")])
        fields.append(("-" if name.startswith("-") else "") + allowed[bare])
    return rows.order_by(*(fields or default), "pk")


def searched(rows: "QuerySet[M]", words: str, fields: Sequence[str]) -> "QuerySet[M]":
    """`rows` with every word in at least one of `fields`."""
    for word in words.replace("\0", "").split():
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(found)
    return rows


def listing(
    request: OrgRequest,
    query: ListQuery,
    rows: "QuerySet[M]",
    show: Callable[[Sequence[M]], list[dict[str, Any]]],
    more: Sequence[dict[str, Any]] = (),
) -> HttpResponse:
    """One page of `rows` as {"items", "count"}; `show` gets it whole, to fetch what it needs at once.

    `more` is what follows the last of `rows`, shown already.
    """
    check_parameters(request, query)
    page = list(rows[query.offset : query.offset + query.limit])
    first_and_whole = query.offset == 0 and len(page) < query.limit
    count = len(page) if first_and_whole else rows.order_by().count()
    items = [*show(page), *tail(more, query, count, len(page))]
    return answer({"items": items, "count": count + len(more)})


def tail(
    more: Sequence[dict[str, Any]], query: ListQuery, before: int, on_page: int
) -> Sequence[dict[str, Any]]:
    """What of `more` stands on the page that has `on_page` of the `before` rows already."""
    begin = max(0, query.offset - before)
    return more[begin : begin + query.limit - on_page]
