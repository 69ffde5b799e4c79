"""The organisation's tags on one page: how many printers have each, its name and its colour."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orgs.permissions import require
from orgs.requests import OrgRequest
from printers import tagging
from printers.hues import Hue
from printers.list_forms import TagForm
from printers.models import Tag


@require_http_methods(["GET", "POST"])
@require("printer.edit")
def tag_list(request: OrgRequest) -> HttpResponse:
    """All tags, and one more by POST."""
    form = TagForm(request.POST or None, auto_id="new-%s")
    if request.method == "POST" and form.is_valid():
        try:
            made = tagging.add(form.cleaned_data["name"], form.cleaned_data["hue"])
        except tagging.NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The tag %(name)s is added.") % {"name": made})
            return redirect("printers:tags")
    tags = Tag.objects.annotate(count=Count("printers")).order_by(Lower("name"))
    context = {"tags": tags, "form": form, "hues": Hue.choices}
    return render(request, "printers/tag_list.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("printer.edit")
def tag_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    tag = get_object_or_404(Tag, pk=pk)
    form = TagForm(request.POST)
    if not form.is_valid():
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
        messages.error(request, words)
        return redirect("printers:tags")
    try:
        tagging.change(tag, form.cleaned_data["name"], form.cleaned_data["hue"])
    except tagging.NameTaken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The tag %(name)s is saved.") % {"name": tag})
    return redirect("printers:tags")


@require_POST
@require("printer.edit")
def tag_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    tag = get_object_or_404(Tag, pk=pk)
    name = tag.name
    tagging.delete(tag)
    messages.success(request, _("The tag %(name)s is deleted.") % {"name": name})
    return redirect("printers:tags")
