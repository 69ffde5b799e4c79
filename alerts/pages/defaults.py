"""What each role is told by which channels, unless a person chose otherwise; for admins."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alerts.preferring import CHOSEN, built_in, choice_rows, set_usual, usual
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.roles import Role


@require_http_methods(["GET", "POST"])
@require("org.settings")
def defaults(request: OrgRequest) -> HttpResponse:
    """`role` names one in the address; `wanted` names each "kind channel"."""
    role = next((one for one in Role if one.word == request.GET.get("role")), Role.OPERATOR)
    if request.method == "POST":
        pairs = [tuple(pair.split(" ", 1)) for pair in request.POST.getlist("wanted")[:500]]
        set_usual(role, built_in(role) if "usual" in request.POST else pairs)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(f"{reverse('alerts:defaults')}?role={role.word}")
    now = usual(role)
    context = {
        "rows": choice_rows(role, now),
        "channels": CHOSEN,
        "is_usual": now == built_in(role),
        "role": role,
        "roles": list(Role),
    }
    return render(request, "alerts/defaults.html", context)
