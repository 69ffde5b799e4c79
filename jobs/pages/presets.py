"""The presets of the organisation and of the person: list, add, edit, delete."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs import presetting
from jobs.models import Job, Preset
from jobs.preset_forms import PresetForm, initial_of
from jobs.vetting import most_priority
from jobs.visible import visible_jobs
from jobs.wishing import spools_in
from orgs.permissions import require
from orgs.requests import OrgRequest

# Where the person comes from, and goes back to: the form of a job with its file.
BACK = ("model", "revision", "plate")


@require_GET
@require("job.view")
def preset_list(request: OrgRequest) -> HttpResponse:
    presets = list(presetting.visible(request.membership))
    rows = [(one, presetting.may_change(request.membership, one)) for one in presets]
    return render(request, "jobs/preset_list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@require("job.submit")
def preset_add(request: OrgRequest) -> HttpResponse:
    """Filled from the form of a job, which posts `save_preset`, or from the job that the address names."""
    is_begun = request.method == "POST" and "save_preset" not in request.POST
    form = _form(request, None if is_begun else _start(request))
    if is_begun and form.is_valid():
        owner = None if form.cleaned_data.get("preset_shared") else request.user
        try:
            made = presetting.add(form.cleaned_data["preset_name"], form.options(), owner)
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The preset %(name)s is saved.") % {"name": made})
            return redirect(_after(request, made))
    back = [(name, request.POST[name]) for name in BACK if request.POST.get(name)]
    return _page(request, form, {"back": back})


@require_http_methods(["GET", "POST"])
@require("job.submit")
def preset_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    preset = _changeable(request, pk)
    form = _form(request, None if request.method == "POST" else initial_of(preset), preset)
    if form.is_bound and form.is_valid():
        try:
            presetting.change(preset, {"name": form.cleaned_data["preset_name"], **form.options()})
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The preset %(name)s is saved.") % {"name": preset})
            return redirect("jobs:presets")
    gone = presetting.apply(preset).gone.values()
    return _page(request, form, {"preset": preset, "notices": gone})


@require_POST
@require("job.submit")
def preset_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    preset = _changeable(request, pk)
    presetting.delete(preset)
    messages.success(request, _("The preset %(name)s is deleted.") % {"name": preset})
    return redirect("jobs:presets")


def _changeable(request: OrgRequest, pk: UUID) -> Preset:
    preset = get_object_or_404(presetting.visible(request.membership), pk=pk)
    if not presetting.may_change(request.membership, preset):
        raise PermissionDenied(_("Operators change the presets of the organisation."))
    return preset


def _start(request: OrgRequest) -> dict[str, Any]:
    """What a new preset begins with."""
    if request.method == "POST":
        typed = request.POST.dict()
        return {**typed, "auto_start": "auto_start" in typed, "keeps_wishes": True}
    try:
        job = visible_jobs(request.membership).get(pk=request.GET.get("job", ""))
    except (Job.DoesNotExist, ValidationError):
        return {}
    return initial_of(job)


def _form(request: OrgRequest, initial: dict[str, Any] | None, preset: Preset | None = None) -> PresetForm:
    spools = spools_in(request.POST.dict() if initial is None else initial)
    if initial is not None and preset is not None:
        initial = {**initial, "preset_name": preset.name}
    may_share = preset is None and presetting.may_share(request.membership)
    most = max(most_priority(request.user), preset.priority if preset else 0)
    data = request.POST if initial is None else None
    return PresetForm(
        data, initial=initial, membership=request.membership, may_share=may_share, most=most, spools=spools
    )


def _refuse(form: PresetForm, error: ValidationError) -> None:
    for name, words in getattr(error, "message_dict", {"": error.messages}).items():
        place = "preset_name" if name == "name" else name
        form.add_error(place if place in form.fields else None, words)


def _after(request: OrgRequest, made: Preset) -> str:
    """Back to the form of the job with its file, if the person came from there; else to the presets."""
    back = {name: request.POST[name] for name in BACK if request.POST.get(name)}
    if not back:
        return reverse("jobs:presets")
    return f"{reverse('jobs:add')}?{urlencode({**back, 'preset': made.pk})}"


def _page(request: OrgRequest, form: PresetForm, context: dict[str, Any]) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "jobs/preset_form.html", {"form": form, **context}, status=status)
