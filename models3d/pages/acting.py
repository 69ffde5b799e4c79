"""What people do to a model, each by one POST."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from jobs import revising
from jobs.states import IllegalMove
from jobs.visible import visible_jobs
from models3d import library, shelving
from models3d.forms import EditForm
from models3d.models import Collection, Model3D, Revision
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.fragments import wants_fragment

from .detail import changeable, edited, to_model


@require_http_methods(["GET", "POST"])
@require("model.upload")
def model_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    model = changeable(request, pk)
    form = EditForm(request.POST or None, initial=edited(model))
    if form.is_valid():
        library.edit(model, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return to_model(request, model)
    context = {"model": model, "form": form, "collections": Collection.objects.all()}
    return render(request, "models3d/model_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("model.upload")
def model_revert(request: OrgRequest, pk: UUID, number: int) -> HttpResponse:
    model = changeable(request, pk)
    get_object_or_404(Revision, model=model, number=number)
    revision = library.revert(model, number, by=request.user)
    words = _("Revision %(old)d is current again, as revision %(number)d.")
    messages.success(request, words % {"old": number, "number": revision.number})
    return to_model(request, model)


@require_POST
@require("job.submit")
def move_jobs(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Move the ticked jobs that wait with an older revision to the current one."""
    model = get_object_or_404(Model3D.objects.select_related("current__stored", "current__model"), pk=pk)
    chosen = visible_jobs(request.membership).filter(pk__in=_uuids(request.POST.getlist("job")))
    moved = 0
    for job in revising.behind(model).filter(pk__in=chosen.values("pk")):
        try:
            assert model.current is not None  # noqa: S101  # a job that is behind one
            revising.move(job, model.current, by=request.user)
        except (IllegalMove, ValidationError) as reason:
            messages.error(request, _("%(job)s: %(why)s") % {"job": job, "why": _words(reason)})
        else:
            moved += 1
    if moved:
        words = ngettext("%(count)d job is moved.", "%(count)d jobs are moved.", moved)
        messages.success(request, words % {"count": moved})
    return to_model(request, model)


@require_POST
@require("model.view")
def model_star(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Star the model for the person, or take the star off."""
    model = get_object_or_404(Model3D, pk=pk)
    wanted = request.POST.get("starred") == "yes"
    library.star(model, request.user, wanted)
    if wants_fragment(request):
        context = {"model": model, "is_favourite": wanted}
        return render(request, "models3d/_star.html", context)
    return to_model(request, model)


@require_POST
@require("model.upload")
def model_archive(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _shelve(request, pk, shelving.archive, _("%(name)s is in the archive."))


@require_POST
@require("model.upload")
def model_restore(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _shelve(request, pk, shelving.restore, _("%(name)s is back."))


@require_POST
@require("model.upload")
def model_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _shelve(request, pk, shelving.delete, _("%(name)s is in the trash."), "models:list")


@require_POST
@require("model.upload")
def model_purge(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _shelve(request, pk, shelving.purge, _("%(name)s is deleted for ever."), "models:list")


def _shelve(
    request: OrgRequest, pk: UUID, act: Callable[[Model3D], None], said: str, then: str = ""
) -> HttpResponse:
    """Move the model between shelves and lead to it, or to `then`."""
    model = changeable(request, pk, anywhere=True)
    try:
        act(model)
    except shelving.CannotShelve as reason:
        messages.error(request, str(reason))
        return to_model(request, model)
    messages.success(request, said % {"name": model.name})
    return redirect(then) if then else to_model(request, model)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _words(reason: IllegalMove | ValidationError) -> str:
    return " ".join(reason.messages) if isinstance(reason, ValidationError) else str(reason)
