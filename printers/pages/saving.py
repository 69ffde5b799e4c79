"""A person's saved views of the printers' list: save, rename, replace, delete, choose the first."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orgs.permissions import require
from orgs.requests import OrgRequest
from printers import saved_views
from printers.list_forms import SavedViewForm
from printers.models import SavedView

from .selecting import PROPERTIES, SORT_LABELS, kept, view_of, words_of

LONGEST = SavedView._meta.get_field("query").max_length or 0


@require_GET
@require("printer.view")
def view_list(request: OrgRequest) -> HttpResponse:
    rows = [(one, told(one.query)) for one in saved_views.of(request.user)]
    return render(request, "printers/view_list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@require("printer.view")
def view_add(request: OrgRequest) -> HttpResponse:
    """Save what an address of the list shows. A name that is there is replaced only if the person says so."""
    if request.method == "GET":
        return _page(request, SavedViewForm(initial={"query": kept(request.GET)}))
    form = SavedViewForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        query = kept(QueryDict(said["query"]))
        try:
            if len(query) > LONGEST:
                raise saved_views.NotSaved(_("These are more filters than a view can keep. Take some off."))
            made = saved_views.add(
                request.user, said["name"], query, opens=said["opens"], replace=said["replace"]
            )
        except saved_views.NotSaved as error:
            form.add_error("name", str(error))
            return _page(request, form, asks=isinstance(error, saved_views.NameTaken))
        messages.success(request, _("The view %(name)s is saved.") % {"name": made})
        return redirect(f"{reverse('printers:list')}?{made.query}")
    return _page(request, form)


@require_http_methods(["GET", "POST"])
@require("printer.view")
def view_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(saved_views.of(request.user), pk=pk)
    form = SavedViewForm(request.POST or None, initial={"name": view.name, "opens": view.opens})
    if request.method == "POST" and form.is_valid():
        try:
            saved_views.change(view, name=form.cleaned_data["name"], opens=form.cleaned_data["opens"])
        except saved_views.NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The view %(name)s is saved.") % {"name": view})
            return redirect("printers:views")
    return _page(request, form, view=view)


@require_POST
@require("printer.view")
def view_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(saved_views.of(request.user), pk=pk)
    view.delete()
    messages.success(request, _("The view %(name)s is deleted.") % {"name": view})
    return redirect("printers:views")


def told(query: str) -> str:
    """What a saved view shows, in words: "Wall · Tag: petg · sorted by name"."""
    asked = QueryDict(query)
    parts = [str(view_of(asked).label)]
    parts += [
        f"{each.label}: {', '.join(each.label_of(value) for value in values)}"
        for each in PROPERTIES
        if (values := asked.getlist(each.name))
    ]
    if words := words_of(asked):
        parts.append(_("search: %(words)s") % {"words": words})
    label = dict(SORT_LABELS).get(asked.get("sort", "").removeprefix("-"))
    if label:
        parts.append(_("sorted by: %(sort)s") % {"sort": label})
    return " · ".join(parts)


def _page(
    request: OrgRequest, form: SavedViewForm, *, view: SavedView | None = None, asks: bool = False
) -> HttpResponse:
    """`asks`: whether the view of that name is to be replaced."""
    query = view.query if view else kept(QueryDict(form["query"].value() or ""))
    context = {"form": form, "view": view, "asks": asks, "told": told(query)}
    return render(request, "printers/view_form.html", context, status=422 if form.is_bound else 200)
