"""What the buttons of a bulk bar answer: a question first where one is due, then how the run goes."""

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget, trigger_client_event

from orgs.permissions import check
from orgs.requests import OrgRequest
from ui.fragments import add_toast, render_page, wants_fragment

from .actions import USUAL_PLACE, BulkAction, Kind, Refused
from .choosing import Choice, Told, forecast
from .models import Item, Run
from .running import AT_ONCE, start, why_no_undo
from .seeing import refusals, summary
from .values import ValuesForm

# Of what will be refused, and of what was, that many are named; the rest is a number.
NAMED, MOST_TOLD = 10, 200
MOST_TICKED = 500
LONGEST_TOLD = 300


class Listed(Protocol):
    """A list, as far as its bar needs it: `matching` are all that its filters leave, of all its pages."""

    @property
    def matching(self) -> "QuerySet[Any]": ...


def ask_or_start(request: OrgRequest, kind: Kind, table: Listed) -> HttpResponse:
    """The answer to a button of the bar under `table`, and to the confirmation that came of it.

    POST: `action`, then `row` for each ticked row or `all_matching`, and `confirmed` with the values. `seen`,
    for what goes by it, is what the page told of rows, as JSON by their ids.
    """
    name = request.POST.get("action", "")
    action = kind.actions.get(name)
    if action is None:
        raise Http404
    check(request, action.required)
    told = _told(request.POST.getlist("seen")) if action.goes_by_what_was_seen else {}
    is_confirmed = "confirmed" in request.POST
    if is_confirmed and told and request.POST.get("all_matching"):
        # Those of whom it was asked, and none that has come since.
        choice = Choice(kind, request.membership, tuple(told))
    else:
        choice = _choice(request, kind, table)
    form = ValuesForm(action, request.POST if is_confirmed else None, prefix="value")
    try:
        if (is_confirmed and form.is_valid()) or not (is_confirmed or _asks(action, choice)):
            values = form.cleaned_data if action.values else {}
            return show_run(request, start(choice, name, values, told))
        return _ask(request, choice, name, form, told)
    except Refused as reason:
        return _page(request, "bulk/_refused.html", {"words": str(reason), "kind": kind}, 422)


def show_run(request: OrgRequest, run: Run) -> HttpResponse:
    """How `run` goes, as an answer to what began it: a toast if all went well, else a dialog that stays."""
    if not wants_fragment(request):
        return redirect(run.definition.place, run.pk)
    if run.definition.place != USUAL_PLACE:
        return HttpResponseClientRedirect(reverse(run.definition.place, args=[run.pk]))
    counts = run.counts()
    if run.is_over and not counts[Item.State.REFUSED]:
        response = HttpResponse()
        tone = "good" if counts[Item.State.DONE] else "warn"
        add_toast(response, summary(run, counts), tone, undo=_undo_url(request, run))
    else:
        response = render(request, "bulk/_run.html", told(request, run, counts) | {"in_dialog": True})
    if run.is_over:
        trigger_client_event(response, "table-changed")
    return reswap(retarget(response, "#bulk"), "innerHTML")


def told(request: OrgRequest, run: Run, counts: dict[str, int]) -> dict[str, Any]:
    """What `_run.html` shows."""
    over = counts[Item.State.DONE] + counts[Item.State.REFUSED]
    total = sum(counts.values())
    return {
        "run": run,
        "action": run.definition,
        "kind": run.kind,
        "over": over,
        "total": total,
        "fraction": over / total if total else 1,
        "summary": summary(run, counts),
        "counted": run.kind.counted(total),
        "refusals": list(refusals(run).values_list("name", "reason")[:MOST_TOLD]) if run.is_over else [],
        "more": max(0, counts[Item.State.REFUSED] - MOST_TOLD),
        "undo_url": _undo_url(request, run) if run.is_over else "",
    }


def _choice(request: OrgRequest, kind: Kind, table: Listed) -> Choice:
    if request.POST.get("all_matching"):
        return Choice(kind, request.membership, matching=table.matching)
    ids = tuple(_ids(request.POST.getlist("row")))
    if not ids:
        raise Http404
    return Choice(kind, request.membership, ids)


def _ids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in list(texts)[:MOST_TICKED]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _told(texts: Iterable[str]) -> Told:
    """What the page says it told; what can't be read is as if it had not been told."""
    found: dict[UUID, dict[str, Any]] = {}
    for text in texts:
        try:
            said = orjson.loads(text)
            found |= {UUID(pk): {str(name): item for name, item in one.items()} for pk, one in said.items()}
        except (ValueError, AttributeError, TypeError):
            continue
    return {pk: {name: item for name, item in one.items() if _is_sound(item)} for pk, one in found.items()}


def _is_sound(item: Any) -> bool:
    """Whether it can be kept and compared: a short text, or a number of the database's."""
    if isinstance(item, str):
        return len(item) <= LONGEST_TOLD and "\0" not in item
    return isinstance(item, int) and 0 <= item < 2**31


def _asks(action: BulkAction, choice: Choice) -> bool:
    """What was ticked is seen; of all that match, a person has seen one page only."""
    return action.asks_first or choice.matching is not None or len(choice.ids) > AT_ONCE


def _ask(
    request: OrgRequest, choice: Choice, name: str, form: ValuesForm, told: Told | None = None
) -> HttpResponse:
    action = choice.kind.actions[name]
    found = forecast(choice, action, told=told)
    rows = choice.kind.counted(found.fitting)
    context = {
        "name": name,
        "action": action,
        "kind": choice.kind,
        "form": form,
        "found": found,
        "title": action.ask % {"rows": rows} if found.fitting else action.label,
        "chosen": choice.kind.counted(found.total),
        "ids": choice.ids,
        "seen": orjson.dumps({str(pk): one for pk, one in found.seen.items()}).decode() if found.seen else "",
        "named": found.refused[:NAMED],
        "more": max(0, len(found.refused) - NAMED),
    }
    return _page(request, "bulk/_confirm.html", context, 422 if form.is_bound else 200)


def _page(request: OrgRequest, part: str, context: dict[str, Any], status: int) -> HttpResponse:
    """`part` for the dialog, or on a page of its own."""
    response = render_page(request, "bulk/page.html", part, context | {"part": part}, status)
    return reswap(retarget(response, "#bulk"), "innerHTML") if wants_fragment(request) else response


def _undo_url(request: OrgRequest, run: Run) -> str:
    is_worth = run.items.filter(state=Item.State.DONE, memory__isnull=False).exists()
    may = is_worth and not why_no_undo(run, request.membership)
    return reverse("bulk:undo", args=[run.pk]) if may else ""
