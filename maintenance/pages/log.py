"""The log of what was done: the list, as CSV, its photos, and taking the newest entry back."""

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Sum
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from maintenance import doing
from maintenance.due import HOUR_S
from maintenance.models import LogEntry
from maintenance.refusing import Refused
from maintenance.showing import with_newest
from maintenance.table import LogTable
from orgs.limits import always, limited
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui import sheets
from ui.fragments import render_page
from ui.headers import as_file


@require_GET
@require("maintenance.view")
def log_list(request: OrgRequest) -> HttpResponse:
    table = _table(request)
    context = {
        "table": table,
        "cost": table.matching.order_by().aggregate(sum=Sum("cost"))["sum"],
        "may_log": may(request, "maintenance.log"),
    }
    return render_page(request, "maintenance/log.html", "maintenance/_log.html", context)


@require_GET
@require("maintenance.view")
@limited("export", when=always)
def log_csv(request: OrgRequest) -> HttpResponse:
    """What the list shows, all pages of it."""
    heads = [
        _("When"), _("Printer"), _("Kind"), _("What"), _("By"), _("Print hours"),
        _("Hours since the time before"), _("Cost"), _("Currency"), _("Note"),
    ]  # fmt: skip
    rows = [_cells(one, request.org.currency) for one in _table(request).matching]
    return sheets.answer("maintenance.csv", heads, rows)


@require_GET
@require("maintenance.view")
def log_photo(request: OrgRequest, pk: UUID) -> HttpResponseBase:
    path = get_object_or_404(LogEntry, pk=pk).photo
    if not path or not default_storage.exists(path):
        raise Http404
    etag = quote_etag(path.rpartition("/")[2])
    kept: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    response = as_file(kept or FileResponse(default_storage.open(path, "rb"), content_type="image/jpeg"))
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    # JPEG is compressed already.
    response["Content-Encoding"] = "identity"
    return response


@require_POST
@require("maintenance.log")
def entry_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    entry = get_object_or_404(LogEntry, pk=pk)
    try:
        doing.take_back(entry)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(
            request, _("%(entry)s: the entry is deleted, all is as before it.") % {"entry": entry}
        )
    return redirect("maintenance:log")


def _cells(one: LogEntry, currency: str) -> tuple[object, ...]:
    at, by = timezone.localtime(one.at).isoformat(timespec="seconds"), one.by.name if one.by else ""
    hours, used = round(one.printed_s / HOUR_S, 2), round(one.used_s / HOUR_S, 2)
    return (
        at, one.printer_name, one.get_kind_display(), one.what, by, hours, used, one.cost, currency, one.note,
    )  # fmt: skip


def _table(request: OrgRequest) -> LogTable:
    return LogTable(with_newest(LogEntry.objects.select_related("by", "printer")), request.GET)
