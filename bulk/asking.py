"""What the buttons of a bulk bar answer: a question first where one is due, then how the run goes."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import reswap, retarget, trigger_client_event

from orgs.permissions import check
from orgs.requests import OrgRequest
from ui.fragments import add_toast, render_page, wants_fragment
from ui.tables import Table

from .actions import BulkAction, Kind, Refused
from .choosing import Choice, forecast
from .models import Item, Run
from .running import AT_ONCE, start, why_no_undo
from .seeing import refusals, summary
from .values import ValuesForm

# Of what will be refused, and of what was, that many are named; the rest is a number.
NAMED, MOST_TOLD = 10, 200
MOST_TICKED = 500


def ask_or_start(request: OrgRequest, kind: Kind, table: Table[Any]) -> HttpResponse:
    """The answer to a button of the bar under `table`, and to the confirmation that came of it.

    POST: `action`, then `row` for each ticked row or `all_matching`, and `confirmed` with the values.
    """
    name = request.POST.get("action", "")
    action = kind.actions.get(name)
    if action is None:
        raise Http404
    check(request, action.required)
    choice = _choice(request, kind, table)
    is_confirmed = "confirmed" in request.POST
    form = ValuesForm(action, request.POST if is_confirmed else None, prefix="value")
    try:
        if (is_confirmed and form.is_valid()) or not (is_confirmed or _asks(action, choice)):
            return show_run(request, start(choice, name, form.cleaned_data if action.values else {}))
        return _ask(request, choice, name, form)
    except Refused as reason:
        return _page(request, "bulk/_refused.html", {"words": str(reason), "kind": kind}, 422)


def show_run(request: OrgRequest, run: Run) -> HttpResponse:
    """How `run` goes, as an answer to what began it: a toast if all went well, else a dialog that stays."""
    if not wants_fragment(request):
        return redirect("bulk:run", run.pk)
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


def _choice(request: OrgRequest, kind: Kind, table: Table[Any]) -> Choice:
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


def _asks(action: BulkAction, choice: Choice) -> bool:
    """What was ticked is seen; of all that match, a person has seen one page only."""
    return action.asks_first or choice.matching is not None or len(choice.ids) > AT_ONCE


def _ask(request: OrgRequest, choice: Choice, name: str, form: ValuesForm) -> HttpResponse:
    action = choice.kind.actions[name]
    found = forecast(choice, action)
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
