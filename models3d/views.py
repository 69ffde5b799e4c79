"""Pages of the library."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from bulk.offering import offer
from jobs.fitting import fits
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui.fragments import render_page, wants_fragment

from . import library, shelving
from .bulk import MODELS, with_jobs
from .facts import facts_of, is_printable, uses_of
from .forms import EditForm, RevisionForm, UploadForm
from .models import Model3D, Revision
from .rights import check_change, may_change
from .serving import serve_file, serve_thumbnail
from .storing import CannotStore, TooLarge, duplicates_of
from .table import ModelTable, listed

MOST_FOLLOWED = 200


@require_GET
@require("model.view")
def model_list(request: OrgRequest) -> HttpResponse:
    table = ModelTable(with_jobs(listed()), request.GET)
    is_table = request.GET.get("view") == "table"
    context = {
        "table": table,
        "is_table": is_table,
        "live_url": _live_url(table.rows, is_table),
        "may_upload": may(request, "model.upload"),
        "bulk_actions": offer(request, MODELS, table.rows),
    }
    return render_page(request, "models3d/model_list.html", "models3d/_model_list.html", context)


@require_GET
@require("model.view")
def model_live(request: OrgRequest) -> HttpResponse:
    """The cards of models that were being read when the page was made, once they are read."""
    asked = [one for one in request.GET.getlist("id") if _is_uuid(one)][:MOST_FOLLOWED]
    done = with_jobs(listed()).filter(pk__in=asked).exclude(current__status=Revision.Status.READING)
    models = list(done.order_by("pk"))
    version = str(len(models))
    if version == (request.GET.get("version") or "0"):
        return HttpResponse(status=204)
    offer(request, MODELS, models)
    context = {"models": models, "is_table": request.GET.get("view") == "table"}
    response = render(request, "models3d/_model_live.html", context)
    response["X-Live-Version"] = version
    return response


@require_http_methods(["GET", "POST"])
@require("model.upload")
def model_upload(request: OrgRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        if wants_fragment(request):
            return _add_one(request, form)
        return _add_all(request, form)
    if request.method == "POST" and wants_fragment(request):
        return _refused(request, _words_of(form))
    return render(request, "models3d/model_upload.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@require("model.view")
def model_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    model = get_object_or_404(listed(), pk=pk)
    context = {
        **_current(request, model),
        "revisions": model.revisions.select_related("stored", "by"),
        "may_change": may_change(request, model),
        "edit_form": EditForm(initial=_edited(model)),
        "revision_form": RevisionForm(),
    }
    return render(request, "models3d/model_detail.html", context)


@require_GET
@require("model.view")
def model_current(request: OrgRequest, pk: UUID) -> HttpResponse:
    """What the model's page asks for while the file is being read: 204 until it is."""
    model = get_object_or_404(listed(), pk=pk)
    state = f"{model.current.number}.{model.current.status}" if model.current else ""
    if state == request.GET.get("version"):
        return HttpResponse(status=204)
    response = render(request, "models3d/_model_current.html", _current(request, model))
    response["X-Live-Version"] = state
    return response


@require_http_methods(["GET", "POST"])
@require("model.upload")
def model_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    model = _changeable(request, pk)
    form = EditForm(request.POST or None, initial=_edited(model))
    if form.is_valid():
        library.edit(model, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return _to(request, model)
    context = {"model": model, "form": form}
    return render(request, "models3d/model_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@require("model.upload")
def model_revise(request: OrgRequest, pk: UUID) -> HttpResponse:
    model = _changeable(request, pk)
    form = RevisionForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        notes, file = form.cleaned_data["notes"], form.cleaned_data["file"]
        try:
            revision = library.add_revision(model, file, by=request.user, notes=notes)
        except CannotStore as reason:
            form.add_error("file", str(reason))
        else:
            messages.success(request, _("Revision %(number)d is now current.") % {"number": revision.number})
            return _to(request, model)
    if request.method == "POST" and wants_fragment(request):
        return _refused(request, _words_of(form))
    context = {"model": model, "form": form}
    return render(request, "models3d/model_revise.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("model.upload")
def model_revert(request: OrgRequest, pk: UUID, number: int) -> HttpResponse:
    model = _changeable(request, pk)
    get_object_or_404(Revision, model=model, number=number)
    revision = library.revert(model, number, by=request.user)
    words = _("Revision %(old)d is current again, as revision %(number)d.")
    messages.success(request, words % {"old": number, "number": revision.number})
    return _to(request, model)


@require_POST
@require("model.upload")
def model_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    model = _changeable(request, pk)
    try:
        shelving.delete(model)
    except shelving.CannotShelve as reason:
        messages.error(request, str(reason))
        return _to(request, model)
    messages.success(request, _("%(name)s is deleted.") % {"name": model.name})
    return redirect("models:list")


@require_GET
@require("model.view")
def revision_file(request: OrgRequest, pk: UUID, number: int) -> HttpResponseBase:
    return serve_file(request, _revision(pk, number))


@require_GET
@require("model.view")
def revision_thumbnail(request: OrgRequest, pk: UUID, number: int) -> HttpResponseBase:
    return serve_thumbnail(request, _revision(pk, number))


def _live_url(models: list[Model3D], is_table: bool) -> str:
    """Where the list asks for models that are being read; empty if none is."""
    reading = [
        model.pk for model in models if model.current and model.current.status == Revision.Status.READING
    ]
    query = urlencode({"view": "table" if is_table else "", "id": reading}, doseq=True)
    return f"{reverse('models:live')}?{query}" if reading else ""


def _changeable(request: OrgRequest, pk: UUID) -> Model3D:
    model = get_object_or_404(Model3D.objects.select_related("current"), pk=pk, deleted_at=None)
    check_change(request, model)
    return model


def _revision(model: UUID, number: int) -> Revision:
    revisions = Revision.objects.select_related("stored").filter(model__deleted_at=None)
    return get_object_or_404(revisions, model=model, number=number)


def _current(request: OrgRequest, model: Model3D) -> dict[str, object]:
    """What `_model_current.html` shows."""
    revision = model.current
    plates = list(revision.plates.all()) if revision else []
    first = plates[0] if plates else None
    printable = is_printable(revision)
    found = fits(revision, first) if revision and printable else []
    return {
        "model": model,
        "revision": revision,
        "plates": plates,
        "plate": first,
        "facts": facts_of(revision, first) if revision else [],
        "uses": uses_of(first),
        "is_printable": printable,
        "fits": found,
        "fitting": sum(fit.fits == "yes" for fit in found),
        "duplicates": list(duplicates_of(revision.stored_id, model.pk)[:5]) if revision else [],
        "may_submit": may(request, "job.submit"),
    }


def _edited(model: Model3D) -> dict[str, str]:
    tags = ", ".join(tag.name for tag in model.tags.all())
    return {"name": model.name, "tags": tags, "notes": model.current.notes if model.current else ""}


def _to(request: OrgRequest, model: Model3D) -> HttpResponse:
    url = reverse("models:detail", args=[model.pk])
    return HttpResponseClientRedirect(url) if wants_fragment(request) else redirect(url)


def _add_one(request: OrgRequest, form: UploadForm) -> HttpResponse:
    """One file of several that the page sends by itself: its line's words."""
    try:
        model = _add(request, form, form.cleaned_data["file"][0])
    except CannotStore as reason:
        return _refused(request, str(reason), 413 if isinstance(reason, TooLarge) else 422)
    duplicate = duplicates_of(model.current.stored_id, model.pk).first() if model.current else None
    context = {"model": model, "duplicate": duplicate}
    response = render(request, "models3d/_uploaded.html", context)
    response["HX-Redirect"] = reverse("models:detail", args=[model.pk])
    return response


def _add_all(request: OrgRequest, form: UploadForm) -> HttpResponse:
    """All files of a form sent without scripts."""
    added = []
    for file in form.cleaned_data["file"]:
        try:
            added.append(_add(request, form, file))
        except CannotStore as reason:
            form.add_error("file", f"{file.name}: {reason}")
    if added:
        words = ngettext("%(count)d model is uploaded.", "%(count)d models are uploaded.", len(added))
        messages.success(request, words % {"count": len(added)})
    if form.errors:
        return render(request, "models3d/model_upload.html", {"form": form}, status=422)
    return redirect("models:detail", added[0].pk) if len(added) == 1 else redirect("models:list")


def _add(request: OrgRequest, form: UploadForm, file: UploadedFile) -> Model3D:
    notes, tags = form.cleaned_data["notes"], form.cleaned_data["tags"]
    return library.add_model(file, by=request.user, notes=notes, tags=tags)


def _refused(request: OrgRequest, words: str, status: int = 422) -> HttpResponse:
    return render(request, "models3d/_refused.html", {"words": words}, status=status)


def _words_of(form: Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
