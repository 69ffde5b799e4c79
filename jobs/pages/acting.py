"""What people do to a job, each by one POST."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jobs import by_hand, editing, stopping, submitting
from jobs.dispatching import CannotStart
from jobs.models import Job
from jobs.states import IllegalMove
from orgs.permissions import require
from orgs.requests import OrgRequest

from .detail import found
from .slots import chosen_machine, chosen_slots


def done(request: OrgRequest, job: Job, act: Callable[[], object], said: str) -> HttpResponse:
    """Back to where the person was, with what came of it."""
    try:
        act()
    except (IllegalMove, CannotStart) as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    if request.POST.get("back") == "list":
        return redirect("jobs:list")
    return redirect("jobs:detail", pk=job.pk)


@require_POST
@require("job.cancel")
def job_cancel(request: OrgRequest, pk: UUID) -> HttpResponse:
    job = found(request, pk)
    return done(request, job, lambda: stopping.cancel(job), _("%(job)s: cancelled.") % {"job": job})


@require_POST
@require("job.manage")
def job_start(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Start by hand. What needs a reason is asked for on a page of its own, with each doubt named."""
    job = found(request, pk)
    machine = chosen_machine(request.POST)
    reason = request.POST.get("override_reason", "")[:300]
    slots = chosen_slots(request.POST)
    try:
        by_hand.start(job, machine.id, reason, slots)
    except by_hand.NeedsReason as error:
        context = {"job": job, "printer": machine, "gates": error.gates, "slots": slots}
        return render(request, "jobs/job_override.html", context, status=409)
    except CannotStart as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("%(job)s is being sent to %(printer)s.") % {"job": job, "printer": machine.name}
        )
    return redirect("jobs:detail", pk=pk)


@require_POST
@require("job.manage")
def job_resolve(request: OrgRequest, pk: UUID) -> HttpResponse:
    job, printing = found(request, pk), request.POST.get("printing") == "yes"
    said = _("Noted: it prints.") if printing else _("Noted: it does not print, and waits again.")
    return done(request, job, lambda: stopping.resolve_start(job, printing=printing), said)


@require_POST
@require("job.submit")
def job_again(request: OrgRequest, pk: UUID) -> HttpResponse:
    try:
        made = submitting.again(found(request, pk), request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("jobs:detail", pk=pk)
    messages.success(request, _("Queued again as job %(number)d.") % {"number": made.number})
    return redirect("jobs:detail", pk=made.pk)


@require_POST
@require("job.manage")
def job_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    job = found(request, pk)
    try:
        editing.delete(job)
    except IllegalMove as error:
        messages.error(request, str(error))
        return redirect("jobs:detail", pk=pk)
    messages.success(request, _("%(job)s: deleted.") % {"job": job})
    return redirect("jobs:list")
