"""After a crash, and every quarter of a minute: what the printers say against the open dispatches."""

from collections import defaultdict
from contextlib import closing
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from alerts.kinds import Kind
from alerts.raising import raise_alert
from orgs.current import current_org, release_connection
from orgs.models import Org
from printers import history
from printers.drivers import DRIVERS
from printers.drivers.driver import DriverError, Link, Outcome, PolledDriver, Status
from printers.models import Printer
from stations.models import OPEN, Dispatch, DispatchState, Station

from . import suspending
from .dispatching import drop, locked, send, step, wake
from .following import end, follow_known, fresh_status, has_lost, unclear_cause
from .lending.crossing import at_owner, is_borrowed
from .lending.reaching import driver_for, target_of
from .staging import LEASE

S = DispatchState
CONFIRM_WITHIN = timedelta(seconds=120)
# A printer that has shown our key may unpack a large file before it moves (facts, 6.2).
MOVE_WITHIN = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(seconds=20)
NEXT_STEP = {S.PLANNED: "jobs.stage", S.STAGED: "jobs.claim"}


def reconcile() -> int:
    """Look at every open dispatch of every organisation, found by one query; return how many there were."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for org_id, pk in Dispatch.objects.filter(state__in=OPEN).values_list("org_id", "pk"):
        found[org_id].append(pk)
    for org in Org.objects.filter(pk__in=found):
        with tenant_context(org):
            if org.state != Org.State.ACTIVE:
                suspending.let_go(org, Dispatch.objects.filter(pk__in=found[org.pk]))
            _reconcile_org(found[org.pk])
    suspending.let_guests_go()
    suspending.archive_the_idle()
    return sum(map(len, found.values()))


def _reconcile_org(ids: list[UUID]) -> None:
    # Read before it is asked how old each step is: one that is claimed in between is not an old claim.
    dispatches = list(Dispatch.objects.filter(pk__in=ids).select_related("station"))
    waited = Dispatch.objects.filter(pk__in=ids)
    old = set(waited.filter(step_at__lt=Now() - FORGOTTEN_AFTER).values_list("pk", flat=True))
    unseen = Q(job_key="", step_at__lt=Now() - CONFIRM_WITHIN)
    late = set(waited.filter(unseen | Q(step_at__lt=Now() - MOVE_WITHIN)).values_list("pk", flat=True))
    for dispatch in dispatches:
        follow_known(dispatch.station_id)
        if dispatch.pk in old:
            _push(dispatch)
        if dispatch.pk in late and dispatch.state == S.HELD:
            # Nobody had a link to start it over; nothing was sent, so the printer is free again.
            drop(dispatch.pk, _("the printer was not connected"), backs_off=True)
        elif dispatch.pk in late:
            _doubt(dispatch.pk)


def _push(dispatch: Dispatch) -> None:
    """Send the message of a step again whose first one was lost with its worker. The row decides as ever."""
    task = NEXT_STEP.get(S(dispatch.state))
    polled = DRIVERS[dispatch.station.protocol].link is Link.POLL
    if dispatch.state == S.STAGING:
        dead = Dispatch.objects.filter(pk=dispatch.pk, step_at__lt=Now() - LEASE).exists()
        task = "jobs.stage" if dead else None
    elif dispatch.state == S.STAGED and dispatch.note and not dispatch.by_hand:
        # Its claim has come and left it to the next match, which the queue's sweep makes sure of.
        task = None
    elif dispatch.state == S.HELD and polled:
        task = "jobs.start"
    elif dispatch.state == S.STARTING and dispatch.refusal:
        task = "jobs.settle_refusal"
    elif dispatch.state == S.CONFIRMED and dispatch.cancel_wanted:
        task = "jobs.cancel_at_printer"
    if task:
        send(task, dispatch.pk)


def _doubt(dispatch_id: UUID) -> None:
    """A start that was not confirmed in time is unclear: it keeps its printer, and a person is asked."""
    with transaction.atomic():
        station, dispatch = locked(dispatch_id)
        if dispatch.state != S.STARTING:
            return
        if step(dispatch, S.UNCLEAR):
            words = dispatch.refusal or dispatch.note or _("Look at the printer and say whether it prints.")
            raise_alert(
                Kind.NEEDS_YOU,
                unclear_cause(dispatch),
                _("%(printer)s: start not confirmed") % {"printer": station.name},
                detail=words,
                about=Printer.objects.filter(pk=station.pk).first(),
            )
            _ask_owner(station, dispatch, words)


def _ask_owner(station: Station, dispatch: Dispatch, words: str) -> None:
    """Who stands before a lent printer is its owner: they are asked too."""
    with at_owner(station):
        if is_borrowed(station, dispatch):
            raise_alert(
                Kind.NEEDS_YOU,
                unclear_cause(dispatch),
                _("%(printer)s: start of a borrowed print not confirmed") % {"printer": station.name},
                detail=_("Look at the printer and say on its page whether it prints."),
                about=Printer.objects.filter(pk=station.pk).first(),
            )
        history.note(station.pk)


def ask_outcome(dispatch_id: UUID) -> None:
    """Our print seems gone. If it is so now too: close it as the printer's history says, else as failed.

    The report may have been an old one, so the printer is asked anew.
    """
    dispatch = (
        Dispatch.objects.select_related("station")
        .filter(pk=dispatch_id, org=current_org(), state=S.CONFIRMED)
        .first()
    )
    if dispatch is None:
        return
    try:
        status, outcome = _asked(dispatch)
    except DriverError:
        return
    with transaction.atomic():
        station, dispatch = locked(dispatch_id)
        if DRIVERS[station.protocol].link is Link.LISTEN:
            status = fresh_status(station)
        if dispatch.state != S.CONFIRMED or status is None or not has_lost(dispatch, status):
            return
        why = "" if outcome else _("The printer no longer knows the print: it was restarted or taken over.")
        if outcome is Outcome.FAILED:
            why = "; ".join(fault.text for fault in status.faults)
        end(station, dispatch, outcome or Outcome.FAILED, _shown(status, outcome), why)
        wake(station, dispatch)


def _shown(status: Status, outcome: Outcome | None) -> Status | None:
    """`status` if the printer, one that names no job at rest, shows just now how its last print ended."""
    return status if outcome and not status.job_key and status.outcome is outcome else None


def _asked(dispatch: Dispatch) -> tuple[Status | None, Outcome | None]:
    """What a polled printer shows now and how it says our print ended; a pushing one is not asked."""
    target = target_of(dispatch.station_id)
    if target is None or DRIVERS[target.protocol].link is not Link.POLL:
        return None, None
    with closing(driver_for(target)) as driver:
        release_connection()
        if not isinstance(driver, PolledDriver):
            return None, None
        # The history first: a print that ends in between is still on the printer then.
        outcome = driver.outcome_of(dispatch.remote_name)
        return driver.status(), outcome
