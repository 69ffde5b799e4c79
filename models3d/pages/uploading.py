"""Files on their way in: new models, and new revisions of one."""

from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from models3d import library
from models3d.forms import RevisionForm, UploadForm
from models3d.models import Collection, Model3D
from models3d.storing import CannotStore, TooLarge, duplicates_of
from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.fragments import wants_fragment

from .detail import changeable, to_model


@require_http_methods(["GET", "POST"])
@require("model.upload")
@limited("upload")
def model_upload(request: OrgRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        if wants_fragment(request):
            return _add_one(request, form)
        return _add_all(request, form)
    if request.method == "POST" and wants_fragment(request):
        return _refused(request, _words_of(form))
    return _page(request, form)


@require_http_methods(["GET", "POST"])
@require("model.upload")
@limited("upload")
def model_revise(request: OrgRequest, pk: UUID) -> HttpResponse:
    model = changeable(request, pk)
    form = RevisionForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        notes, file = form.cleaned_data["notes"], form.cleaned_data["file"]
        try:
            revision = library.add_revision(model, file, by=request.user, notes=notes)
        except CannotStore as reason:
            form.add_error("file", str(reason))
        else:
            messages.success(request, _("Revision %(number)d is now current.") % {"number": revision.number})
            return to_model(request, model)
    if request.method == "POST" and wants_fragment(request):
        return _refused(request, _words_of(form))
    context = {"model": model, "form": form}
    return render(request, "models3d/model_revise.html", context, status=422 if form.is_bound else 200)


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
        return _page(request, form)
    return redirect("models:detail", added[0].pk) if len(added) == 1 else redirect("models:list")


def _add(request: OrgRequest, form: UploadForm, file: UploadedFile) -> Model3D:
    notes, tags = form.cleaned_data["notes"], form.cleaned_data["tags"]
    return library.add_model(
        file, by=request.user, notes=notes, tags=tags, collection=form.cleaned_data["collection"]
    )


def _page(request: OrgRequest, form: UploadForm) -> HttpResponse:
    context = {"form": form, "collections": Collection.objects.all()}
    return render(request, "models3d/model_upload.html", context, status=422 if form.is_bound else 200)


def _refused(request: OrgRequest, words: str, status: int = 422) -> HttpResponse:
    return render(request, "models3d/_refused.html", {"words": words}, status=status)


def _words_of(form: Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
