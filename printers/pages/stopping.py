"""The emergency stop: the question before it, and printer by printer whether it stands still."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from bulk.choosing import Choice
from bulk.models import Run
from bulk.running import start
from bulk.seeing import visible_runs
from orgs.current import current_org
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers import live
from printers.bulk import PRINTERS
from printers.drivers import DRIVERS
from printers.models import Printer
from printers.stop_report import Told, counts_of, is_settled, report_on, stops
from printers.stopped import Verdict
from reports.fleet import gather
from reports.following import delta, nothing_new, seen_version, shared
from ui.fragments import render_page

# In a hurry nobody reads more.
MOST_NAMED = 12
SHARED_S = 1.5


@require_http_methods(["GET", "POST"])
@require("printer.control")
def stop_all(request: OrgRequest) -> HttpResponse:
    """What would be stopped, which is all there is; the second tap does it. With `row`s, those alone."""
    if request.method == "POST":
        ids = _ids(request.POST.getlist("row"))
        choice = Choice(PRINTERS, request.membership, ids, None if ids else Printer.objects.all())
        return redirect("printers:stopped", start(choice, "stop", {}).pk)
    fleet = gather(Printer.objects.all(), details=False)
    running = [one.name for one in fleet if one.is_running]
    context = {
        "total": len(fleet),
        "running": len(running),
        "named": running[:MOST_NAMED],
        "more": max(0, len(running) - MOST_NAMED),
        "without": sum(not _stops_at_once(one.protocol) for one in fleet),
    }
    return render_page(request, "printers/stop.html", "printers/_stop.html", context)


@require_GET
@require("printer.control")
def stopped(request: OrgRequest, pk: UUID) -> HttpResponse:
    run = _found(request, pk)
    version = live.version_of(request.org.pk)
    context = {**_context(run, version), "version": version}
    return render_page(request, "printers/stopped.html", "printers/_stopped.html", context)


@require_GET
@require("printer.control")
def stopped_live(request: OrgRequest, pk: UUID) -> HttpResponse:
    """204, or the report as it is now; its parts are swapped where they differ."""
    run = _found(request, pk)
    seen, version = seen_version(request), live.version_of(request.org.pk)
    if seen == version and is_settled(run):
        return nothing_new(seen)
    text = render_to_string("printers/_stopped.html", _context(run, version), request)
    return delta([SafeString(text)], version)


def _found(request: OrgRequest, pk: UUID) -> Run:
    return get_object_or_404(visible_runs(request.membership) & stops(), pk=pk)


def _drawn(run: Run) -> tuple[list[Told], str]:
    """The report, and its table: some 0.3 MB for 400 printers, which all who look at it share."""
    told = report_on(run)
    return told, render_to_string("printers/_stopped_table.html", {"told": told})


def _context(run: Run, version: int) -> dict[str, Any]:
    # Once it has settled, a page that has this version is told nothing more: it must be of this one.
    at = version if is_settled(run) else 0
    key = (current_org().pk, "stop", run.pk, at, get_script_prefix(), get_language())
    told, table = shared(key, SHARED_S, lambda: _drawn(run))
    counts = counts_of(told)
    unsure = [one for one in told if one.verdict is Verdict.UNCONFIRMED]
    return {
        "run": run,
        "table": table,
        "total": len(told),
        "counts": counts,
        "unsure": unsure,
        "is_done": counts[Verdict.STOPPED] == len(told),
        "is_going_on": bool(counts[Verdict.WAITING] or counts[Verdict.TOLD]),
    }


def _stops_at_once(protocol: str) -> bool:
    driver = DRIVERS.get(protocol)
    return driver is not None and driver.stops_at_once


def _ids(texts: list[str]) -> tuple[UUID, ...]:
    """The ids of a page; one that is none is a page of nobody's. Never everything instead."""
    try:
        return tuple(dict.fromkeys(UUID(text) for text in texts))
    except ValueError:
        raise Http404 from None
