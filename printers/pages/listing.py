"""The printers' list, as a table, cards, tiles or a wall, and its live deltas."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from jobs.lending import showing
from jobs.lending.showing import LentPrinter, printers_for
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers import live, saved_views
from printers.list_forms import SavedViewForm
from printers.visible import visible_printers
from reports.drawing import draw
from reports.fleet import gather
from reports.following import delta, nothing_new, picture_of, seen_version
from reports.sentences import free_words, next_free
from reports.shown import Shown, counts_of

from .bulk import SELECTED_ABOVE, Ticks
from .selecting import SORT_LABELS, VIEWS, countable, kept, select, view_of


@require_GET
@require("printer.view")
def printer_list(request: OrgRequest) -> HttpResponse:
    mine = list(saved_views.of(request.user))
    if not request.GET and (opening := next((one for one in mine if one.opens), None)):
        return HttpResponseRedirect(f"{request.path}?{opening.query}")
    version = live.version_of(request.org.pk)
    fleet = gather(visible_printers(request.membership))
    selection = select(fleet, request.GET)
    query, kind = kept(request.GET), selection.view.kind
    ticks = Ticks(request, kind)
    context = {
        **_counting(request, fleet),
        "selection": selection,
        "drawn": [draw(request, one, kind, ticks.applying(one)) for one in selection.page],
        "bulk_actions": ticks.offers(selection.page),
        "bulk_table": {"total": selection.matching, "rows": selection.page.object_list},
        "selects_above": kind in SELECTED_ABOVE,
        "version": version,
        "views": VIEWS.values(),
        "sorts": SORT_LABELS,
        "saved": mine,
        "query": query,
        "shown_view": next((one for one in mine if one.query == query), None),
        "view_form": SavedViewForm(initial={"query": query}, auto_id="view-%s"),
        "may_edit": may(request, "printer.edit"),
        "lent_version": showing.version_for(),
        "lent": _lent(request),
    }
    return render(request, "printers/printer_list.html", context)


def _lent(request: OrgRequest) -> list[LentPrinter]:
    """What others lend to us stands below the list that is asked for, unless that is narrowed or a wall."""
    narrowed = any(name != "view" for name in request.GET)
    return [] if narrowed or request.GET.get("view") == "wall" else printers_for(request.membership)


@require_GET
@require("printer.view")
def fleet_live(request: OrgRequest) -> HttpResponse:
    """204, or the counters and the cards (rows, tiles) that changed since the page's version."""
    seen = seen_version(request)
    picture = picture_of(request.membership, seen)
    if picture is None:
        return nothing_new(seen)
    _, changed = live.changes_since(request.org.pk, seen)
    kind = view_of(request.GET).kind
    ticks = Ticks(request, kind)
    drawn = [draw(request, one, kind, ticks.applying(one)) for one in picture.fleet if one.pk in changed]
    if kind == "row":
        # Rows parse only inside a table.
        drawn = [SafeString(f"<table><tbody>{''.join(drawn)}</tbody></table>")]
    counters = render_to_string("printers/_counters.html", _counting(request, picture.fleet), request)
    return delta([counters, *drawn], picture.version)


def _counting(request: OrgRequest, fleet: Sequence[Shown]) -> dict[str, Any]:
    """`free` is of the whole farm, whatever the list is narrowed to."""
    free = next_free(fleet)
    counts = counts_of(countable(fleet, request.GET))
    return {"total": len(fleet), "counts": counts, "free": free_words(free) if free else ""}
