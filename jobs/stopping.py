"""Cancelling jobs, here and at the printer, and answering for unclear starts."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit.trail import record
from orgs.current import current_org
from printers import commands, history
from printers.drivers.driver import DriverError
from stations.models import Dispatch, DispatchState

from .dispatching import CannotStart, drop, locked, open_of, print_of, send
from .following import adopt, doubt_settled
from .lending.crossing import at_owner
from .lending.reaching import target_of, words_for
from .lifecycle import cancel_waiting, note
from .models import Job, Print
from .starting import free_unprinted, remove_file
from .states import ACTIVE, OVER, IllegalMove, PrintState


def cancel(job: Job) -> None:
    """Cancel a job: what waits at once, what is on a printer by asking the printer, which then reports it.

    IllegalMove if the job is already over. A second call changes nothing more.
    """
    if job.state in OVER:
        raise IllegalMove(_("%(job)s is already over.") % {"job": job})
    active = Print.objects.filter(job=job, state__in=[PrintState.WAITING, *ACTIVE]).values_list(
        "pk", flat=True
    )
    for dispatch in open_of(list(active)):
        # In this order: it may start in between, and then the wish is what holds.
        if not drop(dispatch.pk, _("the job was cancelled")):
            wish(dispatch.pk)
    with transaction.atomic():
        locked_job = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
        if locked_job.state in OVER:
            raise IllegalMove(_("%(job)s is already over.") % {"job": job})
        cancel_waiting(locked_job)
        record("job.cancel", job, before={"state": job.state}, after={"state": locked_job.state})
    job.refresh_from_db()


def wish(dispatch_id: UUID) -> None:
    """From `starting` on a cancel is a wish, sent once our job is seen."""
    with transaction.atomic():
        _station, dispatch = locked(dispatch_id)
        if dispatch.state not in {DispatchState.STARTING, DispatchState.CONFIRMED, DispatchState.UNCLEAR}:
            return
        Dispatch.objects.filter(pk=dispatch_id).update(cancel_wanted=True)
        if dispatch.state == DispatchState.CONFIRMED:
            send("jobs.cancel_at_printer", dispatch_id)


def cancel_at_printer(dispatch_id: UUID) -> None:
    """Ask the printer to cancel our job, naming it; the job ends when the printer reports so."""
    dispatch = Dispatch.objects.filter(
        pk=dispatch_id, org=current_org(), state=DispatchState.CONFIRMED
    ).first()
    # Without its key, as after a person's word that it prints, the order could meet another print.
    if dispatch is None or not dispatch.cancel_wanted or not dispatch.job_key:
        return
    try:
        if target := target_of(dispatch.station_id):
            commands.tell(target, "cancel", job_key=dispatch.job_key)
    except DriverError as error:
        why = words_for(error, dispatch.pk)
        note(print_of(dispatch).job, _("The printer did not cancel: %(why)s") % {"why": why})


def resolve_start(job: Job, *, printing: bool) -> None:
    """A person has looked: an unclear start prints, or it does not and the copy waits again.

    CannotStart if nothing is unclear, or if the file could not be taken off the printer: until it is seen
    gone, a late start could still find it.
    """
    prints = Print.objects.filter(job=job, state=PrintState.SENDING).values_list("pk", flat=True)
    dispatch = next((one for one in open_of(list(prints)) if one.state == DispatchState.UNCLEAR), None)
    if dispatch is None:
        raise CannotStart(_("No start of this job is unclear."))
    answer_for(dispatch, printing=printing, job=job)


def answer_for(dispatch: Dispatch, *, printing: bool, job: Job | None = None) -> None:
    """The same of one attempt, in the schema of whose print it is; recorded for `job` if given."""
    if not printing:
        try:
            remove_file(dispatch)
        except DriverError as error:
            text = _("The file could not be taken off the printer, so it might still start: %(why)s")
            raise CannotStart(text % {"why": words_for(error, dispatch.pk)}) from error
    with transaction.atomic():
        station, dispatch = locked(dispatch.pk)
        if dispatch.state != DispatchState.UNCLEAR:
            raise CannotStart(_("It has just been settled."))
        if printing:
            adopt(station, dispatch)
        else:
            free_unprinted(station, dispatch, _("a person saw that it does not print"))
            doubt_settled(station, dispatch)
        if job is not None:
            record("job.resolve_start", job, after={"printing": printing})
        with at_owner(station):
            history.note(station.pk)
