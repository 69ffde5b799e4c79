"""Organisations as superadmins see them: all there are, a new one, and what becomes of one."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_tenants.utils import tenant_context

from accounts.models import User
from accounts.stepping_up import sure
from accounts.superadmins import for_superadmins
from audit.models import Entry
from jobs.suspending import running
from orgs import creating, inviting, lifecycle
from orgs.addresses import org_root
from orgs.models import Membership, Org
from orgs.platform_forms import ArchiveForm, CreateOrgForm, ReasonForm, RenameForm
from orgs.roles import Role
from stations.models import OPEN, Dispatch, DispatchState, Station
from ui.fragments import render_page
from ui.tables import Column, Filter, Table

State = Org.State
STATES = [(state.value, state.label) for state in (State.ACTIVE, State.SUSPENDED, State.ARCHIVED)]


class OrgTable(Table[Org]):
    id = "orgs"
    columns = (
        Column("name", gettext_lazy("Organisation"), sort="name"),
        Column("state", gettext_lazy("State"), sort="state"),
        Column("members", gettext_lazy("Members"), sort="member_count", kind="number"),
        Column("printers", gettext_lazy("Printers"), sort="printer_count", kind="number"),
        Column("created", gettext_lazy("Since"), sort="created_at", kind="extra"),
    )
    filters = (Filter("state", gettext_lazy("State"), STATES),)
    search = ("name", "slug")
    order = ("name",)


def listed() -> Any:
    """All organisations but the spare ones, each with how many members and printers it has."""

    def counted(rows: Any, field: str) -> Any:
        found = rows.order_by().values(field).annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(found, output_field=IntegerField()), Value(0))

    stations = Station.objects.filter(owner=OuterRef("pk"), deleted_at=None)
    return Org.objects.exclude(state=State.SPARE).annotate(
        member_count=counted(Membership.objects.filter(org=OuterRef("pk")), "org"),
        printer_count=counted(stations, "owner"),
    )


@require_GET
@for_superadmins
def org_table(request: HttpRequest) -> HttpResponse:
    table = OrgTable(listed(), request.GET)
    context = {"table": table, "rows": [(org, org_root(org)) for org in table.rows]}
    return render_page(request, "orgs/platform_list.html", "orgs/_platform_orgs.html", context)


@require_http_methods(["GET", "POST"])
@for_superadmins
def create(request: HttpRequest) -> HttpResponse:
    form = CreateOrgForm(request.POST or None)
    if form.is_valid() and (org := _created(request, form)):
        messages.success(request, _("%(org)s is ready.") % {"org": org})
        if form.cleaned_data["join"]:
            return HttpResponseRedirect(org_root(org))
        return redirect("orgs:manage", org.pk)
    return render(request, "orgs/create.html", {"form": form}, status=422 if form.is_bound else 200)


def _created(request: HttpRequest, form: CreateOrgForm) -> Org | None:
    """All of it or nothing; None, with the reason in the form, where somebody was faster with the address."""
    said, user = form.cleaned_data, cast(User, request.user)
    try:
        with transaction.atomic():
            org = creating.create_org(
                said["name"], slug=said["slug"], time_zone=said["time_zone"], currency=said["currency"]
            )
            if said["join"]:
                creating.add_member(org, user, Role.ADMIN)
            if said["admin_email"] and not (said["join"] and said["admin_email"].lower() == user.email):
                with tenant_context(org):
                    inviting.invite(org, said["admin_email"], Role.ADMIN, user)
    except (IntegrityError, ValidationError):
        form.add_error("slug", _("Another organisation has this address."))
        return None
    return org


@require_GET
@for_superadmins
def manage(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _page(request, _found(pk))


@require_POST
@for_superadmins
@sure
def rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    org = _found(pk)
    form = RenameForm(request.POST, instance=_found(pk))
    if not form.is_valid():
        return _page(request, org, 422, rename_form=form)
    try:
        changed = lifecycle.rename(org, form.cleaned_data["name"], form.cleaned_data["slug"])
    except (IntegrityError, ValidationError) as reason:
        words = (
            reason.messages[0] if isinstance(reason, ValidationError) else _("This address was just taken.")
        )
        form.add_error("slug", words)
        return _page(request, org, 422, rename_form=form)
    messages.success(request, _("It is renamed.") if changed else _("Nothing was changed."))
    return redirect("orgs:manage", pk)


@require_POST
@for_superadmins
@sure
def suspend(request: HttpRequest, pk: UUID) -> HttpResponse:
    org, form = _found(pk), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, org, 422, reason_form=form)
    return _done(
        request, org, lambda: lifecycle.suspend(org, form.cleaned_data["reason"]), _("It is suspended.")
    )


@require_POST
@for_superadmins
@sure
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    org = _found(pk)
    return _done(request, org, lambda: lifecycle.resume(org), _("It is open again."))


@require_POST
@for_superadmins
@sure
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    org = _found(pk)
    form = ArchiveForm(request.POST, org=org)
    if not form.is_valid():
        return _page(request, org, 422, archive_form=form)
    said = form.cleaned_data
    words = _("It is closed, and archived as soon as its last print is over.")
    return _done(request, org, lambda: lifecycle.archive(org, said["how"], said["reason"]), words)


@require_POST
@for_superadmins
@sure
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    org = _found(pk)
    words = _("It is restored. Nothing starts by itself until one of its admins switches that on.")
    return _done(request, org, lambda: lifecycle.restore(org), words)


def _done(request: HttpRequest, org: Org, act: Any, words: str) -> HttpResponse:
    try:
        act()
    except lifecycle.NotNow as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, words)
    return redirect("orgs:manage", org.pk)


def _found(pk: UUID) -> Org:
    found: Org = get_object_or_404(listed(), pk=pk)
    return found


def _page(request: HttpRequest, org: Org, status: int = 200, **forms: Any) -> HttpResponse:
    admins = Membership.objects.filter(org=org, role=Role.ADMIN).select_related("user")
    unclear = Q(org=org) | Q(station__owner=org)
    context = {
        "managed": org,
        "root": org_root(org),
        "admins": admins.order_by("user__name"),
        "past": org.past_slugs.order_by("-at"),
        "running": running(org),
        "waiting": Dispatch.objects.filter(org=org, state__in=OPEN).count(),
        "unclear": Dispatch.objects.filter(unclear, state=DispatchState.UNCLEAR).count(),
        "lines": Entry.objects.filter(target_type="orgs.org", target_id=str(org.pk))[:20],
        "rename_form": RenameForm(instance=org),
        "reason_form": ReasonForm(),
        "archive_form": ArchiveForm(org=org),
    }
    return render(request, "orgs/manage.html", context | forms, status=status)
