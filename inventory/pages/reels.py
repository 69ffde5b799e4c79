"""What empty reels weigh: the list, with a form for one more."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inventory import reels
from inventory.forms import ReelForm
from inventory.models import Reel
from inventory.refusing import Refused
from inventory.table import brands
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def reel_list(request: OrgRequest) -> HttpResponse:
    """All of them; a POST adds one."""
    form = ReelForm(request.POST or None)
    if form.is_valid():
        try:
            reel = reels.add(form.cleaned_data)
        except Refused as reason:
            form.add_error("name", str(reason))
        else:
            messages.success(request, _("%(reel)s is saved.") % {"reel": reel})
            return redirect("spools:reels")
    context = {"form": form, "reels": reels.all_reels(), "brands": brands()}
    return render(request, "inventory/reel_list.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("spool.edit")
def reel_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    reel = get_object_or_404(Reel, pk=pk)
    try:
        reels.delete(reel)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("%(reel)s is deleted.") % {"reel": reel})
    return redirect("spools:reels")
