"""Tags of spools: those of one, and the organisation's list of them."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inventory import tagging
from inventory.models import SpoolTag
from inventory.refusing import Refused
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.hues import Hue
from printers.list_forms import TagForm

from .detail import found
from .listing import to_spool


@require_POST
@require("spool.edit")
def spool_tags(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Exactly the tags that stand in the field, with commas between them."""
    spool = found(pk)
    try:
        tagging.set_tags(spool, request.POST.get("tags", "").split(","))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The tags of %(spool)s are saved.") % {"spool": spool})
    return to_spool(request, spool)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def tag_list(request: OrgRequest) -> HttpResponse:
    """All tags, and one more by POST."""
    form = TagForm(request.POST or None, auto_id="new-%s")
    if request.method == "POST" and form.is_valid():
        try:
            made = tagging.make(form.cleaned_data["name"], form.cleaned_data["hue"])
        except Refused as reason:
            form.add_error("name", str(reason))
        else:
            messages.success(request, _("The tag %(name)s is added.") % {"name": made})
            return redirect("spools:tags")
    tags = SpoolTag.objects.annotate(count=Count("spools")).order_by(Lower("name"))
    context = {"form": form, "tags": tags, "hues": Hue.choices}
    return render(request, "inventory/tag_list.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("spool.edit")
def tag_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    tag = get_object_or_404(SpoolTag, pk=pk)
    form = TagForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
        return redirect("spools:tags")
    try:
        tagging.change(tag, form.cleaned_data["name"], form.cleaned_data["hue"])
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("The tag %(name)s is saved.") % {"name": tag})
    return redirect("spools:tags")


@require_POST
@require("spool.edit")
def tag_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    tag = get_object_or_404(SpoolTag, pk=pk)
    name = tag.name
    tagging.delete(tag)
    messages.success(request, _("The tag %(name)s is deleted.") % {"name": name})
    return redirect("spools:tags")
