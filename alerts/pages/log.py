"""The log of messages: what went out where, what did not and why, and sending it again."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from alerts.endpoints import shown_address
from alerts.kinds import Channel
from alerts.models import Parcel
from alerts.replaying import send_again
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui.fragments import render_page
from ui.tables import Column, Filter, Table


class ParcelTable(Table[Parcel]):
    id = "parcels"
    columns = (
        Column("to", gettext_lazy("To")),
        Column("channel", gettext_lazy("Channel"), sort="channel"),
        Column("alerts", gettext_lazy("Alerts"), kind="number extra"),
        Column("state", gettext_lazy("State"), sort="state"),
        Column("attempts", gettext_lazy("Attempts"), sort="attempts", kind="number extra"),
        Column("when", gettext_lazy("Last step"), sort="step_at"),
    )
    filters = (
        Filter("state", gettext_lazy("State"), Parcel.State.choices),
        Filter("channel", gettext_lazy("Channel"), [one for one in Channel.choices if one[0] != Channel.APP]),
    )
    search = ("address", "error", "user__name", "endpoint__name")
    order = ("-step_at",)


@require_GET
@require("alert.view")
def log(request: OrgRequest) -> HttpResponse:
    parcels = visible_parcels(request).select_related("user", "endpoint").annotate(alerts=Count("deliveries"))
    table = ParcelTable(parcels, request.GET)
    rows = [(parcel, shown_address(parcel.channel, parcel.address)) for parcel in table.rows]
    context = {"table": table, "rows": rows, "sees_all": may(request, "channel.manage")}
    return render_page(request, "channels/log.html", "channels/_log.html", context)


@require_POST
@require("alert.view")
def again(request: OrgRequest, pk: UUID) -> HttpResponse:
    parcel = get_object_or_404(visible_parcels(request), pk=pk)
    if send_again(parcel):
        messages.success(request, _("It is sent again, as the same message."))
    else:
        messages.warning(request, _("Only what has failed is sent again; this has not."))
    return redirect("channels:log")


def visible_parcels(request: OrgRequest) -> "QuerySet[Parcel]":
    """One's own; for admins all."""
    parcels = Parcel.objects.all()
    return parcels if may(request, "channel.manage") else parcels.filter(user=request.user)
