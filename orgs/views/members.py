"""Who belongs to the organisation: members and open invitations."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.stepping_up import sure
from orgs import departments, inviting, members
from orgs.addresses import platform_url
from orgs.limits import limited
from orgs.member_forms import InviteForm, LimitForm, PlaceForm, RoleForm
from orgs.models import Department, Invitation, Membership
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.roles import Role
from printers.tagged import tag_names
from ui.fragments import add_toast, wants_fragment


@require_GET
@require("member.manage")
def member_list(request: OrgRequest) -> HttpResponse:
    return render(request, "orgs/members.html", _people(request, tag_names()))


@require_http_methods(["GET", "POST"])
@require("member.manage")
@sure
@limited("invitation")
def invite(request: OrgRequest) -> HttpResponse:
    names = tag_names()
    form = InviteForm(names, request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            inviting.invite(request.org, data["email"], data["role"], request.user, data.get("tags", ()))
            messages.success(
                request, _("An invitation is on its way to %(email)s.") % {"email": data["email"]}
            )
            return redirect("orgs:members")
        except inviting.NotInvited as reason:
            form.add_error("email", str(reason))
    context = _people(request, names) | {"invite_form": form}
    return render(request, "orgs/members.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("member.manage")
@sure
def change_role(request: OrgRequest, pk: UUID) -> HttpResponse:
    membership = get_object_or_404(_memberships(request), pk=pk)
    form = RoleForm(request.POST, instance=get_object_or_404(_memberships(request), pk=pk))
    if not form.is_valid():
        return _told(request, _("There is no such role."), is_refused=True)
    try:
        changed = members.change_role(membership, form.cleaned_data["role"])
    except members.LastAdmin as reason:
        return _told(request, str(reason), is_refused=True)
    except Membership.DoesNotExist:
        return _told(request, _("This person was just removed."), is_refused=True)
    words = {"person": changed.user, "role": changed.get_role_display()}
    return _told(request, _("%(person)s is now %(role)s.") % words, own=changed)


@require_POST
@require("member.manage")
def put(request: OrgRequest, pk: UUID) -> HttpResponse:
    membership = get_object_or_404(_memberships(request), pk=pk)
    known = Department.objects.of(request.org)
    form = PlaceForm(known, request.POST, instance=get_object_or_404(_memberships(request), pk=pk))
    if not form.is_valid():
        return _told(request, _("There is no such department."), is_refused=True)
    department = form.cleaned_data["department"]
    departments.put(membership, department)
    words = {"person": membership.user, "department": department}
    said = _("%(person)s is now in %(department)s.") if department else _("%(person)s is in no department.")
    return _told(request, said % words)


@require_POST
@require("member.manage")
def limit(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Which printers a viewer sees: those with one of the tags, all where none is chosen."""
    membership = get_object_or_404(_memberships(request), pk=pk)
    names = tag_names()
    form = LimitForm(names, request.POST)
    if not form.is_valid():
        return _told(request, _("There is no such tag."), is_refused=True)
    try:
        changed = members.limit_to(membership, form.cleaned_data["tags"], names)
    except Membership.DoesNotExist:
        return _told(request, _("This person was just removed."), is_refused=True)
    words = {"person": changed.user, "tags": ", ".join(members.named(changed.printer_tags, names))}
    said = (
        _("%(person)s sees only printers with: %(tags)s.")
        if words["tags"]
        else _("%(person)s sees all printers.")
    )
    return _told(request, said % words)


@require_POST
@require("member.manage")
@sure
def remove(request: OrgRequest, pk: UUID) -> HttpResponse:
    membership = get_object_or_404(_memberships(request), pk=pk)
    try:
        members.remove(membership)
    except members.LastAdmin as reason:
        return _told(request, str(reason), is_refused=True)
    except Membership.DoesNotExist:
        return _told(request, _("This person was just removed."), is_refused=True)
    return _told(
        request, _("%(person)s is no longer a member.") % {"person": membership.user}, own=membership
    )


@require_POST
@require("member.manage")
@sure
def reset_mfa(request: OrgRequest, pk: UUID) -> HttpResponse:
    membership = get_object_or_404(_memberships(request), pk=pk)
    try:
        members.reset_mfa(membership, request.user)
    except members.NotTheirs as reason:
        return _told(request, str(reason), is_refused=True)
    said = _("%(person)s now signs in without a second step, and was told so by mail.")
    return _told(request, said % {"person": membership.user}, own=membership)


@require_POST
@require("member.manage")
@limited("invitation")
def resend(request: OrgRequest, pk: UUID) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.select_related("org"), pk=pk, org=request.org)
    try:
        inviting.resend(invitation, request.user)
    except inviting.NotInvited as reason:
        return _told(request, str(reason), is_refused=True)
    return _told(request, _("A new link is on its way to %(email)s.") % {"email": invitation.email})


@require_POST
@require("member.manage")
def withdraw(request: OrgRequest, pk: UUID) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, org=request.org)
    inviting.withdraw(invitation)
    return _told(request, _("The invitation of %(email)s is void.") % {"email": invitation.email})


def _memberships(request: OrgRequest) -> Any:
    return Membership.objects.filter(org=request.org).select_related("user", "org")


def _people(request: OrgRequest, names: dict[UUID, str]) -> dict[str, Any]:
    """What the page shows; `names` are the organisation's tags."""
    people = _memberships(request).order_by("-role", "user__name")
    known = list(Department.objects.of(request.org))
    invitations = Invitation.objects.filter(org=request.org).select_related("by").order_by("email")
    return {
        "members": [
            {
                "member": person,
                "form": RoleForm(instance=person, auto_id=f"role-{person.pk}-%s"),
                "place": PlaceForm(known, instance=person, auto_id=f"place-{person.pk}-%s"),
                "limit": _limit_form(person, names),
                "limits": members.named(person.printer_tags, names),
            }
            for person in people
        ],
        "departments": known,
        "has_tags": bool(names) or any(person.limited_to for person in people),
        "invitations": [
            (one, members.named(one.printer_tags, names) if one.role == Role.VIEWER else [])
            for one in invitations
        ],
        "invite_form": InviteForm(names),
        "now": timezone.now(),
    }


def _limit_form(person: Membership, names: dict[UUID, str]) -> LimitForm | None:
    """For viewers only: whoever runs the farm sees all of it."""
    if person.role != Role.VIEWER:
        return None
    chosen = {"tags": [str(pk) for pk in person.printer_tags]}
    return LimitForm(names, initial=chosen, auto_id=f"limit-{person.pk}-%s")


def _told(
    request: OrgRequest, words: str, *, is_refused: bool = False, own: Membership | None = None
) -> HttpResponse:
    """The list as it is, and the outcome in words; whoever changed themselves goes where they still may."""
    if own is not None and own.user_id == request.user.pk:
        messages.success(request, words)
        address = platform_url("orgs:choose")
        return (
            HttpResponseClientRedirect(address) if wants_fragment(request) else HttpResponseRedirect(address)
        )
    if wants_fragment(request):
        status = 422 if is_refused else 200
        response = render(request, "orgs/_people.html", _people(request, tag_names()), status=status)
        return add_toast(response, words, "bad" if is_refused else "good")
    (messages.error if is_refused else messages.success)(request, words)
    return redirect("orgs:members")
