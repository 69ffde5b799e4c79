"""The timeline by printer, drawn by the server, with the same as a table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from jobs.lanes import Lane, Stretch, busy_printers, lanes_of, shades
from jobs.visible import visible_jobs
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.models import Printer, Tag
from printers.visible import visible_printers
from ui.tables import Filter, Table

HOURS = (8, 24, 72)
# A mark every so many hours, so that a phone still has room for the words.
EVERY_H = {8: 2, 24: 6, 72: 24}


def _tags() -> list[tuple[str, str]]:
    return [(name, name) for name in Tag.objects.order_by("name").values_list("name", flat=True)]


class LaneTable(Table[Printer]):
    id = "lanes"
    filters = (Filter("tag", _("Tag"), _tags, "tags__name", is_many=True),)
    search = ("name", "location")
    order = ("name",)
    size = 25


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of a lane as SVG wants it: per cents as text, whatever the language."""

    x: str
    width: str
    of: Any = None


@dataclass(frozen=True, slots=True)
class DrawnLane:
    lane: Lane
    bars: list[Drawn]


@require_GET
@require("job.view")
def timeline(request: OrgRequest) -> HttpResponse:
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked in {str(one) for one in HOURS} else 24
    stretch = Stretch(timezone.now(), hours)
    table = LaneTable(visible_printers(request.membership).filter(pk__in=busy_printers()), request.GET)
    lanes = lanes_of(table.rows, stretch, visible_jobs(request.membership))
    context = {
        "table": table,
        "hours": hours,
        "choices": HOURS,
        "stretch": stretch,
        "lanes": [
            DrawnLane(lane, [Drawn(_per_cent(bar.left), _per_cent(bar.width), bar) for bar in lane.bars])
            for lane in lanes
        ],
        "shades": [Drawn(_per_cent(left), _per_cent(width)) for left, width in shades(stretch)],
        "ticks": _ticks(stretch),
    }
    return render(request, "jobs/timeline.html", context)


def _per_cent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _ticks(stretch: Stretch) -> list[Drawn]:
    """The round hours of the wall clock, with how it shows them."""
    step = EVERY_H[stretch.hours]
    local = timezone.localtime(stretch.begin).replace(minute=0, second=0, microsecond=0)
    found = []
    for ahead in range(1, stretch.hours + 1):
        at = timezone.localtime(local.astimezone(stretch.begin.tzinfo) + timedelta(hours=ahead))
        if at.hour % step == 0 and at < stretch.end:
            found.append(Drawn(_per_cent(stretch.share(at)), "", at))
    return found
