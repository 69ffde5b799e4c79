"""Adding, changing and taking away a task, and saying that it is done."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from maintenance import doing, setting
from maintenance.doing import Work
from maintenance.due import HOUR_S
from maintenance.forms import DoneForm, TaskForm
from maintenance.models import Task
from maintenance.reckoning import reckoned
from maintenance.refusing import Refused
from maintenance.showing import lines_of
from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.models import Printer


@require_http_methods(["GET", "POST"])
@require("maintenance.edit")
def task_add(request: OrgRequest) -> HttpResponse:
    form = TaskForm(request.POST or None, initial={"printer": request.GET.get("printer")})
    if form.is_valid():
        task = setting.add(form.cleaned_data["printer"], form.plan(), **form.counted())
        messages.success(request, _("%(task)s is added to %(printer)s.") % _words(task))
        return back(request, task.printer)
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@require("maintenance.edit")
def task_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    task = found(pk)
    # As a Decimal, like what is sent: only what a person changes is a correction.
    used_h = Decimal(task.used_s) / HOUR_S
    first = {"since_on": task.since_on, "used_h": used_h.quantize(Decimal("0.1"))}
    form = TaskForm(request.POST or None, instance=Task.objects.get(pk=pk), initial=first)
    if form.is_valid():
        try:
            setting.edit(task, form.plan(), **form.counted())
        except Refused as reason:
            messages.error(request, str(reason))
        else:
            messages.success(request, _("%(task)s of %(printer)s is saved.") % _words(form.instance))
        return back(request, task.printer)
    return _page(request, form, task)


@require_POST
@require("maintenance.edit")
def task_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    task = found(pk)
    try:
        setting.delete(task)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("%(task)s is no longer a task of %(printer)s.") % _words(task))
    return back(request, task.printer)


@require_http_methods(["GET", "POST"])
@require("maintenance.log")
@limited("upload")
def task_done(request: OrgRequest, pk: UUID) -> HttpResponse:
    """It is done: what it cost, a note and a photo, all optional."""
    task = found(pk)
    is_sent = request.method == "POST"
    form = DoneForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial={"round": task.round},
    )
    if form.is_valid():
        said = form.cleaned_data
        try:
            work = Work(said["cost"], said["note"], said["photo"])
            doing.done(task, request.user, work, seen_round=said["round"])
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("%(task)s is done on %(printer)s.") % _words(task))
            return back(request, task.printer)
    context = {"form": form, "line": lines_of([task])[0], "back": asked_back(request)}
    return render(request, "maintenance/task_done.html", context, status=422 if form.is_bound else 200)


def found(pk: UUID) -> Any:
    """The task as it stands; Http404 else."""
    return get_object_or_404(reckoned().select_related("printer", "template"), pk=pk)


def asked_back(request: OrgRequest) -> str:
    asked = request.POST.get("back") or request.GET.get("back")
    return "printer" if asked == "printer" else ""


def back(request: OrgRequest, printer: Printer) -> HttpResponse:
    """To the page from which the person came: the printer's or the list."""
    if asked_back(request):
        return redirect("printers:detail", pk=printer.pk)
    return redirect("maintenance:list")


def _page(request: OrgRequest, form: TaskForm, task: Task | None) -> HttpResponse:
    asked = _whole(request.GET.get("printer"))
    printer = task.printer if task else Printer.objects.filter(pk__in=[asked] if asked else []).first()
    context = {"form": form, "task": task, "printer": printer, "back": asked_back(request)}
    return render(request, "maintenance/task_form.html", context, status=422 if form.is_bound else 200)


def _whole(said: str | None) -> UUID | None:
    """The id in an address, None for nonsense."""
    try:
        return UUID(said or "")
    except ValueError:
        return None


def _words(task: Task) -> dict[str, str]:
    return {"task": task.name, "printer": task.printer.name}
