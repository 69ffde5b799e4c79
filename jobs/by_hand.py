"""Starting a job by hand: a person is there, and may override with a reason what is not dangerous."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import record
from orgs.current import current_org
from stations.models import OPEN, Dispatch, DispatchState

from . import facts, gates, mapping
from .ahead import UNHELD
from .dispatching import CannotStart, drop, plan
from .lending import lent
from .lending.crossing import at_home
from .models import Job, Print
from .quotas.holding import why_held
from .states import UNAPPROVED, PrintState


@dataclass
class NeedsReason(CannotStart):
    """It may be started, but only with a person's reason for each of these."""

    gates: list[gates.Gate]

    def __str__(self) -> str:
        return "; ".join(gate.text for gate in self.gates)


def checks(job: Job, printer_id: UUID, slots: Mapping[str, int] | None = None) -> list[gates.Gate]:
    """Every gate for starting `job` on that printer now by a person; LookupError if it is neither ours
    nor lent to us.

    `slots` are the printer's slots the person chose, by the file's filament.
    """
    machine = lent.machine(printer_id)
    if machine is None:
        raise LookupError(printer_id)
    needs = mapping.choose(facts.needs_of(job, facts.plates_of([job]).get(job.pk)), slots or {})
    if wrong := mapping.impossible(needs, machine):
        raise CannotStart(wrong)
    moment = gates.Moment(timezone.now(), False, current_org().auto_queue, job.auto_start, job.not_before)
    quota = gates.quota_gate(why_held(job))
    return [*gates.fit(needs, machine), *gates.ready(machine, moment), quota]


def start(
    job: Job, printer_id: UUID, override_reason: str = "", slots: Mapping[str, int] | None = None
) -> Dispatch:
    """Send the next waiting copy of `job` to that printer and start it there.

    CannotStart if something forbids it for good, NeedsReason if a reason would allow it.
    """
    if job.state in UNAPPROVED:
        raise CannotStart(_("%(job)s is not approved: it can't be started.") % {"job": job})
    found = checks(job, printer_id, slots)
    forbidden = gates.blocking(found, overridden=True)
    if forbidden:
        raise CannotStart("; ".join(gate.text for gate in forbidden))
    doubtful = gates.blocking(found)
    if doubtful and not override_reason.strip():
        raise NeedsReason(doubtful)
    _make_way(job, printer_id)
    with transaction.atomic():
        if Dispatch.objects.filter(station=printer_id, state__in=OPEN).exists():
            raise CannotStart(_("The printer is taken by another job."))
        waiting = (
            Print.objects.filter(job=job, state=PrintState.WAITING)
            .order_by("copy")
            .values_list("pk", flat=True)
        )
        for print_id in waiting:
            dispatch = plan(job, print_id, printer_id, by_hand=True, overridden=bool(doubtful))
            if dispatch is not None:
                Print.objects.filter(pk=print_id).update(chosen_slots=slots or {})
                after = {
                    "printer": str(printer_id),
                    "reason": override_reason,
                    "overridden": [g.name for g in doubtful],
                    **({"slots": slots} if slots else {}),
                }
                record("job.start_by_hand", job, after=after)
                return dispatch
    raise CannotStart(_("No copy of this job waits to be started."))


def _make_way(job: Job, printer_id: UUID) -> None:
    """Let go of what waits on that printer by itself, and of files of this job sent ahead to others.

    On a printer of ours that is what others wait for there, too.
    """
    guests = Dispatch.objects.filter(station=printer_id, station__owner=current_org(), by_hand=False)
    for guest in guests.filter(state=DispatchState.STAGED).exclude(note="").exclude(org=current_org()):
        with at_home(guest):
            drop(guest.pk, _("its owner started a print there by hand"), only=UNHELD)
    staged = Dispatch.objects.filter(org=current_org(), by_hand=False, state__in=UNHELD)
    waits = staged.filter(station=printer_id, state=DispatchState.STAGED).exclude(note="")
    for dispatch_id in waits.values_list("pk", flat=True):
        drop(dispatch_id, _("started by hand instead"), only=UNHELD)
    copies = Print.objects.filter(job=job, state=PrintState.WAITING).values_list("pk", flat=True)
    sent = dict(staged.filter(print_id__in=list(copies)).values_list("print_id", "pk"))
    if set(copies) == set(sent):
        for dispatch_id in sent.values():
            if drop(dispatch_id, _("started by hand instead"), only=UNHELD):
                return
