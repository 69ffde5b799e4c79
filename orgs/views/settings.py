"""The organisation's settings."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inventory.table import materials
from jobs.amounts import amounts
from jobs.lending import offers
from orgs.editing import change_settings
from orgs.forms import OrgForm
from orgs.models import Org
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_http_methods(["GET", "POST"])
@require("org.settings")
def settings(request: OrgRequest) -> HttpResponse:
    # A copy, so that the page's frame does not show what was refused.
    org, known = Org.objects.get(pk=request.org.pk), amounts()
    form = OrgForm(request.POST or None, instance=org, spent=known.spent, prices=known.prices)
    if form.is_valid():
        with transaction.atomic():
            changed = change_settings(request.org, form.cleaned_data)
            offers.settings_changed(changed)
        messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
        return redirect("orgs:settings")
    context = {"form": form, "materials": materials()}
    return render(request, "orgs/settings.html", context, status=422 if form.is_bound else 200)
