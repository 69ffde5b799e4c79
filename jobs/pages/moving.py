"""Moving a job in the queue: by buttons, by keys, by dragging."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jobs import ordering
from jobs.states import IllegalMove
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.fragments import add_toast, wants_fragment

from .detail import found
from .listing import list_context


@require_POST
@require("job.manage")
def job_move(request: OrgRequest, pk: UUID) -> HttpResponse:
    """A step by `to`, or to the place before the job `before`. The script of the list gets the list back."""
    job = found(request, pk)
    to, before = request.POST.get("to", ""), request.POST.get("before", "")
    tone, said = "good", _("%(job)s: moved.") % {"job": job}
    try:
        if before:
            ordering.move_before(job, found(request, _id(before)))
        else:
            ordering.move(job, to if to in ordering.STEPS else "top")
    except IllegalMove as error:
        tone, said = "bad", str(error)
    if wants_fragment(request):
        return add_toast(render(request, "jobs/_jobs.html", list_context(request)), said, tone)
    (messages.success if tone == "good" else messages.error)(request, said)
    if request.POST.get("back") == "list":
        return redirect("jobs:list")
    return redirect("jobs:detail", pk=pk)


def _id(text: str) -> UUID:
    """The id in `text`; one that no job has where it is none, which then is a 404."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
