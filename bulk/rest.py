"""Bulk runs in the API: what the endpoint of each app shares."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from orgs.permissions import check
from orgs.requests import OrgRequest
from orgs.rest.listing import answer
from orgs.rest.problems import Problem, field_error

from .actions import BulkAction, Kind, Refused
from .choosing import Choice
from .models import Item, Run
from .running import start
from .schemas import BulkIn
from .seeing import refusals
from .values import ValuesForm


def start_bulk(
    request: OrgRequest, kind: Kind, payload: BulkIn, find: "Callable[[Any], QuerySet[Any]]"
) -> HttpResponse:
    """Begin what `payload` asks for; `find` gives the rows of its filter. 202 with the run's id."""
    action = kind.actions.get(payload.action)
    if action is None:
        raise Problem(422, _("There is no such action."), [field_error("action", "is not known here")])
    check(request, action.required)
    values = _cleaned(action, payload.values)
    matching = find(payload.filter) if payload.filter is not None else None
    choice = Choice(kind, request.membership, tuple(dict.fromkeys(payload.ids or ())), matching)
    try:
        run = start(choice, payload.action, values)
    except Refused as reason:
        field = "filter" if payload.ids is None else "ids"
        raise Problem(422, str(reason), [field_error(field, "names too many")]) from reason
    return answer({"run": str(run.pk)}, 202)


def describe_run(run: Run) -> dict[str, Any]:
    counts = run.counts()
    rows = refusals(run).values_list("row", "name", "reason")
    return {
        "id": str(run.pk),
        "action": run.action,
        "total": sum(counts.values()),
        "done": counts[Item.State.DONE],
        "refused": [{"id": str(row), "name": name, "why": why} for row, name, why in rows],
        "finished": run.is_over,
    }


def _cleaned(action: BulkAction, given: dict[str, Any]) -> dict[str, Any]:
    """The values as the action takes them; a Problem names what is unknown, missing or unsound."""
    form = ValuesForm(action, given)
    wrong = [(name, _("is not known here")) for name in given if name not in action.values]
    for name, value in action.values.items():
        if name not in given:
            wrong += [] if value.optional else [(name, _("is missing"))]
        elif isinstance(form.fields[name], forms.CharField) and not isinstance(given[name], str):
            wrong.append((name, _("is not a text")))
        elif isinstance(given[name], dict | list):
            wrong.append((name, _("is not a single value")))
    if not wrong:
        wrong = [(name, str(error)) for name, errors in form.errors.items() for error in errors]
    if wrong:
        errors = [field_error(f"values.{name}", words) for name, words in wrong]
        raise Problem(422, _("Some values are not accepted."), errors)
    return form.cleaned_data
