"""The quotas themselves, for admins: the list, adding, changing and deleting."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs.quotas import setting
from jobs.quotas.forms import QuotaForm
from jobs.quotas.models import Quota
from jobs.quotas.periods import Span
from jobs.quotas.rules import Measure, Who
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.fragments import render_page
from ui.tables import Column, Filter, Table


class QuotaTable(Table[Quota]):
    id = "quotas"
    columns = (
        Column("whom", gettext_lazy("For"), sort="who"),
        Column("amount", gettext_lazy("Amount"), sort=("measure", "amount"), kind="number"),
        Column("span", gettext_lazy("In each"), sort="span"),
    )
    filters = (
        Filter("who", gettext_lazy("For"), Who.choices),
        Filter("measure", gettext_lazy("Of"), Measure.choices),
        Filter("span", gettext_lazy("In each"), Span.choices),
    )
    search = ("person__name", "department__name")
    order = ("who", "person__name", "department__name", "measure")


@require_GET
@require("quota.manage")
def rule_list(request: OrgRequest) -> HttpResponse:
    table = QuotaTable(Quota.objects.select_related("person", "department"), request.GET)
    return render_page(request, "jobs/quota_rules.html", "jobs/_quota_rules.html", {"table": table})


@require_http_methods(["GET", "POST"])
@require("quota.manage")
def rule_add(request: OrgRequest) -> HttpResponse:
    return _edited(request, None)


@require_http_methods(["GET", "POST"])
@require("quota.manage")
def rule_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _edited(request, get_object_or_404(Quota, pk=pk))


@require_POST
@require("quota.manage")
def rule_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    quota = get_object_or_404(Quota.objects.select_related("person", "department"), pk=pk)
    said = _("Deleted: %(quota)s.") % {"quota": quota}
    setting.delete(quota)
    messages.success(request, said)
    return redirect("quotas:rules")


def _edited(request: OrgRequest, quota: Quota | None) -> HttpResponse:
    form = QuotaForm(request.org, request.POST or None, instance=quota)
    if form.is_valid():
        try:
            saved = setting.save(form.save(commit=False))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved: %(quota)s.") % {"quota": saved})
            return redirect("quotas:rules")
    context = {"form": form, "quota": quota}
    return render(request, "jobs/quota_form.html", context, status=422 if form.is_bound else 200)
