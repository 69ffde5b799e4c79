"""What a printer measured, as charts on its page: during a print, a day or a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from jobs.models import Print
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.models import Printer
from printers.telemetry import MINUTE, Point, course_of
from printers.visible import visible_printers
from ui.charts import Chart, Series

DAY, WEEK = timedelta(days=1), timedelta(days=7)
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240)
MOST_POINTS = 340
# A printer heats up before its print counts as begun.
BEFORE = timedelta(minutes=5)


@dataclass(frozen=True)
class Span:
    """A stretch of time that can be shown."""

    name: str
    label: str | Promise
    start: datetime
    end: datetime

    @property
    def step(self) -> timedelta:
        """The shortest of STEPS_MIN with which it has few enough points."""
        length = (self.end - self.start) / MINUTE
        return MINUTE * next((step for step in STEPS_MIN if length / step <= MOST_POINTS), STEPS_MIN[-1])


@require_GET
@require("printer.view")
def printer_telemetry(request: OrgRequest, pk: UUID) -> HttpResponse:
    """The panel alone, for another span of time."""
    printer = get_object_or_404(visible_printers(request.membership), pk=pk)
    return render(request, "printers/_telemetry.html", panel(printer, request.GET.get("span", "")))


def panel(printer: Printer, asked: str) -> dict[str, Any]:
    """What the panel shows: the span `asked` names, else the print that runs or ran last, else a day."""
    now = timezone.now()
    prints = Print.objects.filter(printer=printer, started_at__isnull=False).order_by("-started_at")[:2]
    last, before = [*prints, None, None][:2]
    spans = _spans(last, before, now)
    span = next((one for one in spans if one.name == asked), spans[0])
    points = course_of(printer.pk, _floor(span.start, span.step), span.end, span.step)
    return {
        "printer": printer,
        "spans": spans,
        "span": span,
        "charts": _charts(points, span),
        "has_points": any(one.progress is not None or one.nozzle_c is not None for one in points),
        "goes_on": bool(last and last.ended_at is None),
    }


def _spans(last: Print | None, before: Print | None, now: datetime) -> list[Span]:
    spans = [
        Span("day", gettext_lazy("24 hours"), now - DAY, now),
        Span("week", gettext_lazy("7 days"), now - WEEK, now),
    ]
    if last is not None and last.started_at is not None:
        end = last.ended_at or now
        label = gettext_lazy("Last print") if last.ended_at else gettext_lazy("This print")
        earliest = before.ended_at if before and before.ended_at else last.started_at - BEFORE
        start = max(min(earliest, last.started_at), last.started_at - BEFORE, end - 4 * WEEK)
        spans.insert(0, Span("print", label, start, end + MINUTE))
    return spans


def _charts(points: Sequence[Point], span: Span) -> list[Chart]:
    words = "H:i" if span.end - span.start <= DAY + BEFORE else "D H:i"
    labels = [date_format(timezone.localtime(point.at), words) for point in points]
    minutes = int(span.step / MINUTE)
    note = ngettext("one point a minute", "one point for %(n)d minutes", minutes) % {"n": minutes}
    heats = [
        Series(_("Nozzle"), [point.nozzle_c for point in points], "orange"),
        Series(_("Bed"), [point.bed_c for point in points], "blue"),
        Series(_("Chamber"), [point.chamber_c for point in points], "violet"),
    ]
    shares = [None if point.progress is None else point.progress * 100 for point in points]
    return [
        Chart(_("Temperatures"), "line", labels, [one for one in heats if _is_known(one)], "°C", note),
        Chart(_("Progress"), "line", labels, [Series(_("Progress"), shares, "green")], "%", note, height=130),
    ]


def _is_known(series: Series) -> bool:
    return any(value is not None for value in series.values)


def _floor(when: datetime, step: timedelta) -> datetime:
    """The beginning of the step that `when` is in, counted from the epoch."""
    seconds = int(step.total_seconds())
    return when.replace(microsecond=0) - timedelta(seconds=int(when.timestamp()) % seconds)
