"""What the operations on one job share: finding it, changing it, and saying why not."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from inventory.models import Spool
from jobs.by_hand import NeedsReason
from jobs.describing import describe_job
from jobs.dispatching import CannotStart
from jobs.lending.choosing import choices_for
from jobs.models import Job
from jobs.schemas import FilamentWish, JobEdit, Target
from jobs.states import IllegalMove, Priority
from jobs.visible import visible_jobs
from jobs.wishing import plain
from orgs.models import Membership
from orgs.requests import OrgRequest
from orgs.rest.listing import answer
from orgs.rest.problems import Conflict, Problem, field_error
from printers.models import Printer, Tag


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


def lent_by(target: Target, membership: Membership) -> UUID | None:
    """The printer of `target` if another organisation lends it to us, and the person may use it."""
    if not target.printer_id or Printer.objects.filter(pk=target.printer_id).exists():
        return None
    return target.printer_id if choices_for(membership, target.printer_id) else None


# The aim at one printer that is no row of ours.
AT_ONE = (Job.Target.PRINTER, None, None, "")


def aim_of(target: Target) -> tuple[str, Printer | None, Tag | None, str]:
    """Kind, printer, tag and model name; Http404 for what is not in this organisation."""
    if target.printer_id:
        return Job.Target.PRINTER, get_object_or_404(Printer, pk=target.printer_id), None, ""
    if target.tag:
        return Job.Target.TAG, None, get_object_or_404(Tag, name__iexact=target.tag), ""
    if target.printer_model:
        return Job.Target.MODEL, None, None, target.printer_model
    return Job.Target.ANY, None, None, ""


def wishes_of(filaments: Sequence[FilamentWish]) -> list[dict[str, Any]]:
    """Wishes as jobs keep them; Http404 for a spool that is not in this organisation."""
    for wish in filaments:
        if wish.spool_id:
            get_object_or_404(Spool, pk=wish.spool_id)
    return plain(filaments)


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
