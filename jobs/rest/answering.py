"""What the operations on one job share: finding it, changing it, and saying why not."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from jobs.by_hand import NeedsReason
from jobs.describing import describe_job
from jobs.dispatching import CannotStart
from jobs.models import Job
from jobs.schemas import JobEdit
from jobs.states import IllegalMove, Priority
from jobs.visible import visible_jobs
from orgs.requests import OrgRequest
from orgs.rest.listing import answer
from orgs.rest.problems import Conflict, Problem, field_error


def found(request: OrgRequest, pk: UUID) -> Job:
    """The job if the person may see it; Http404 else."""
    rows = visible_jobs(request.membership).select_related("revision", "revision__model", "revision__stored")
    return get_object_or_404(rows, pk=pk)


def done(job: Job, act: Callable[[Job], object]) -> HttpResponse:
    """The job after `act`; what its state does not allow is a 409 with the reason."""
    try:
        act(job)
    except NeedsReason as error:
        listed = [field_error(gate.name, gate.text) for gate in error.gates]
        raise Conflict(f"Give an override_reason to start it all the same: {error}", listed) from error
    except (IllegalMove, CannotStart) as error:
        raise Conflict(str(error)) from error
    return answer(describe_job(job.pk))


def edits_of(payload: JobEdit) -> dict[str, Any]:
    """The fields that `payload` gives, as the domain takes them."""
    fields = payload.model_dump(exclude_unset=True, include=set(JobEdit.model_fields))
    if not_nullable := [name for name in ("priority", "auto_start", "notes") if fields.get(name, "") is None]:
        raise Problem(
            422, "Some values are not accepted.", [field_error(name, "is required") for name in not_nullable]
        )
    if "priority" in fields:
        fields["priority"] = Priority[fields["priority"].upper()]
    return fields
