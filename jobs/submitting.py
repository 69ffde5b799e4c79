"""New jobs: from the form, the API, and printing one again."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import record
from models3d.models import Plate, Revision
from orgs import agenda
from orgs.current import current_org
from orgs.departments import check_choice, may_count_for
from orgs.members import present_membership
from orgs.models import Department, Membership
from printers.catalogue import same_model
from printers.models import Printer, Tag
from printers.visible import visible_printers

from . import facts, gates, news, vetting
from .assuming import with_usual
from .lending import lent
from .lifecycle import MATCH
from .models import Event, Job, Print
from .quotas import ledger
from .quotas.measuring import applicant_in
from .settling import grams_of
from .states import JobState, Priority


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for; `lent` is the station of another organisation's printer.

    `filaments` are wishes: {"index", "material"?, "color"?, "spool_id"?}.
    """

    revision: Revision
    plate: int = 1
    copies: int = 1
    target: str = Job.Target.ANY
    printer: Printer | None = None
    lent: UUID | None = None
    tag: Tag | None = None
    model: str = ""
    filaments: list[dict[str, Any]] = field(default_factory=list)
    priority: int = Priority.NORMAL
    due_at: datetime | None = None
    not_before: datetime | None = None
    auto_start: bool = False
    notes: str = ""
    department: Department | Literal["own"] | None = "own"


def submit(order: Order, by: User) -> Job:
    """Put a job into the queue with all its copies, or before an operator where the person needs approval.

    ValidationError names what can't be printed and why.
    """
    vetting.check_priority(by, order.priority)
    state = JobState.SUBMITTED if vetting.must_wait(by) else JobState.QUEUED
    plate = plate_of(order.revision, order.plate)
    membership = present_membership(by)
    check_reach(order, membership)
    org, uses = current_org(), facts.used_filaments(plate)
    job = Job(
        name=order.revision.model.name[:160],
        revision=order.revision,
        plate=order.plate,
        copies=order.copies,
        target=order.target,
        target_printer=order.printer,
        target_lent_id=order.lent,
        target_tag=order.tag,
        target_model=order.model,
        filaments=with_usual(order.filaments, uses, org.default_material, org.default_color),
        priority=order.priority,
        due_at=order.due_at,
        not_before=order.not_before,
        auto_start=order.auto_start,
        notes=order.notes,
        by=by,
        department=_department(order, membership),
        state=state,
        estimate_s=plate.print_s if plate else None,
        grams=grams_of(uses) * order.copies if plate else Decimal(0),
    )
    job.full_clean(exclude=["number", "revision", "by", "estimate_s", "department"])
    check_target(job, plate)
    with transaction.atomic():
        ledger.reserve(job, applicant_in(membership, by, job.department_id))
        job.save()
        Print.objects.bulk_create(
            Print(job=job, copy=copy, estimate_s=job.estimate_s) for copy in range(1, order.copies + 1)
        )
        Event.objects.create(job=job, state=state, by=str(by))
        if state is JobState.SUBMITTED:
            vetting.tell_submitted(job)
        record("job.submit", job, after={"model": str(order.revision), "copies": order.copies})
        news.changed(job.pk)
        agenda.due_now(MATCH)
    return job


def _department(order: Order, membership: Membership | None) -> Department | None:
    """What the job is counted for; ValidationError for one that the person may not choose."""
    if order.department == "own":
        return membership.department if membership else None
    check_choice(membership, order.department.pk if order.department else None)
    return order.department


def plate_of(revision: Revision, number: int) -> Plate | None:
    """The plate to print; None while the file is still being read. ValidationError if it can't be printed."""
    if revision.model.deleted_at:
        raise ValidationError({"model_id": _("The model is in the trash: restore it first.")})
    if revision.status == Revision.Status.UNREADABLE:
        raise ValidationError({"model_id": revision.problem or _("This file can't be read.")})
    if revision.status == Revision.Status.READING:
        return None
    plate = Plate.objects.filter(revision=revision, number=number).first()
    if plate is None:
        text = _("This is not a sliced file: slice it first.")
        if revision.plates.exists():
            text = _("There is no plate %(number)d in this file.") % {"number": number}
        raise ValidationError({"plate": text})
    return plate


def check_target(job: Job, plate: Plate | None) -> None:
    """ValidationError for a job for one printer that can't print the file: it would wait for ever."""
    wanted = job.target_printer.pk if job.target_printer else job.target_lent_id
    machine = lent.machine(wanted) if wanted and job.target == Job.Target.PRINTER else None
    if plate is None or machine is None:
        return
    found = gates.fit(facts.needs_of(job, plate), machine)
    never = [gate for gate in found if gate.name in gates.HARD_FIT and gate.verdict is gates.Verdict.FAIL]
    if never:
        why = "; ".join(gate.text for gate in never)
        raise ValidationError(
            {"target": _("%(printer)s can't print this: %(why)s.") % {"printer": machine.name, "why": why}}
        )


def check_reach(order: Order, membership: Membership | None) -> None:
    """ValidationError for a target of which a limited person may use no printer: it would wait for ever."""
    if membership is None or membership.limited_to is None or order.target == Job.Target.ANY:
        return
    open_to = visible_printers(membership)
    if order.target == Job.Target.PRINTER:
        can_be = order.printer is not None and open_to.filter(pk=order.printer.pk).exists()
    elif order.target == Job.Target.TAG:
        can_be = order.tag is not None and open_to.filter(tags=order.tag).exists()
    else:
        can_be = any(same_model(order.model, name) for name in open_to.values_list("model", flat=True))
    if not can_be:
        words = _("You may print on some printers only, and not there. Choose one that you see.")
        raise ValidationError({"target": words})


def again(job: Job, by: User) -> Job:
    """The same job once more, of the same exact revision."""
    return submit(order_like(job, by), by)


def order_like(job: Job, by: User) -> Order:
    """What `job` asked for, but not when, as far as `by` may ask for it."""
    return Order(
        revision=job.revision,
        plate=job.plate,
        copies=job.copies,
        target=job.target,
        printer=job.target_printer,
        lent=job.target_lent_id,
        tag=job.target_tag,
        model=job.target_model,
        filaments=job.filaments,
        priority=min(job.priority, vetting.most_priority(by)),
        auto_start=job.auto_start,
        notes=job.notes,
        department=counted_for(job, by),
    )


def counted_for(job: Job, by: User) -> Department | Literal["own"] | None:
    """The department of `job` for one more like it, if `by` may choose that; else their own."""
    return job.department if may_count_for(present_membership(by), job.department_id) else "own"


def complete() -> None:
    """Complete the jobs that were queued, or await approval, before their file was read."""
    states = (JobState.QUEUED, JobState.SUBMITTED)
    unread = Job.objects.filter(state__in=states, estimate_s=None, grams=0).exclude(revision__kind="")
    for revision_id in unread.order_by().values_list("revision_id", flat=True).distinct():
        fill_in(revision_id)


def fill_in(revision_id: UUID) -> None:
    """Give jobs that were queued before their file was read the estimate and grams it turned out to have."""
    unread = Job.objects.filter(revision=revision_id, estimate_s=None)
    for job in unread.filter(state__in=[JobState.SUBMITTED, JobState.QUEUED]):
        plate = Plate.objects.filter(revision=revision_id, number=job.plate).first()
        if plate is not None:
            grams = grams_of(facts.used_filaments(plate)) * job.copies
            Job.objects.filter(pk=job.pk).update(estimate_s=plate.print_s, grams=grams)
            Print.objects.filter(job=job).update(estimate_s=plate.print_s)
            job.estimate_s, job.grams = plate.print_s, grams
            ledger.reprice(job)
