"""The collections of the library: how many models each has, its name, and its end."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from models3d import shelving
from models3d.forms import CollectionForm
from models3d.models import Collection
from orgs.permissions import may, require
from orgs.requests import OrgRequest


@require_GET
@require("model.view")
def collection_list(request: OrgRequest) -> HttpResponse:
    in_library = Count("models", filter=Q(models__deleted_at=None, models__archived_at=None))
    context = {
        "collections": Collection.objects.annotate(count=in_library),
        "may_edit": may(request, "model.edit"),
    }
    return render(request, "models3d/collection_list.html", context)


@require_POST
@require("model.edit")
def collection_rename(request: OrgRequest, pk: UUID) -> HttpResponse:
    collection = get_object_or_404(Collection, pk=pk)
    form = CollectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
        return redirect("models:collections")
    try:
        shelving.rename_collection(collection, form.cleaned_data["name"])
    except shelving.CannotShelve as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("Saved."))
    return redirect("models:collections")


@require_POST
@require("model.edit")
def collection_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    collection = get_object_or_404(Collection, pk=pk)
    shelving.delete_collection(collection)
    messages.success(request, _("%(name)s is gone; its models stay.") % {"name": collection.name})
    return redirect("models:collections")
