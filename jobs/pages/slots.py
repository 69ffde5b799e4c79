"""Choosing the printer's slots for a start by hand."""

import re
from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jobs import mapping
from jobs.gates import Machine
from jobs.lending import lent
from orgs.permissions import require
from orgs.requests import OrgRequest

from .detail import found

FIELD = re.compile(r"slot-(\d{1,2})")


def chosen_slots(said: Mapping[str, str]) -> dict[str, int]:
    """The slots of the form's fields "slot-<filament>", both counted from 0; what is empty is left to us."""
    fields = {key: str(said[key]) for key in said if FIELD.fullmatch(key)}
    return {
        key.removeprefix("slot-"): int(value)
        for key, value in fields.items()
        if value.isdecimal() and len(value) < 4
    }


def chosen_machine(said: Mapping[str, str]) -> Machine:
    """The printer of the form's field; Http404 for none, and for one that is neither ours nor lent to us."""
    try:
        machine = lent.machine(UUID(said.get("printer", "")))
    except ValueError:
        raise Http404 from None
    if machine is None:
        raise Http404
    return machine


@require_GET
@require("job.manage")
def job_slots(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Which slot of the chosen printer serves which filament, to confirm or to change before the start."""
    job = found(request, pk)
    served = mapping.next_for(job)
    if request.GET.get("printer"):
        served = mapping.on(job, chosen_machine(request.GET))
    if served is None:
        messages.error(request, _("No printer fits."))
        return redirect("jobs:detail", pk=pk)
    context = {"job": job, "printer": served.machine, "served": served, "slots": served.machine.slots}
    return render(request, "jobs/job_slots.html", context)
