"""Going on with open runs: each is made once, then sent, then closed."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.kinds import Kind
from alerts.raising import raise_alert, resolve
from orgs.current import release_connection

from . import keeping
from .making import CannotMake, make
from .models import Run, Schedule, Sending
from .sending import next_of, send_all

logger = logging.getLogger(__name__)
State = Run.State
# A maker that has not come back by then is dead; making it anew harms nobody.
STALE = timedelta(minutes=10)
MAKE_ATTEMPTS = 3
FIRST_PAUSE = timedelta(minutes=1)
PAUSE_AFTER = 3


def work() -> None:
    """Make and send what is due, one run after the other; other workers may do others beside it."""
    for pk in _due():
        release_connection()
        try:
            _go_on(pk)
        except Exception:  # one run must not keep the others back; it is tried again
            logger.exception("report run %s", pk)
            Run.objects.filter(pk=pk, state__in=Run.OPEN).update(next_try_at=timezone.now() + FIRST_PAUSE)


def _due() -> list[UUID]:
    runs = Run.objects.filter(state__in=Run.OPEN).filter(
        Q(next_try_at=None) | Q(next_try_at__lte=timezone.now())
    )
    return list(runs.order_by("id").values_list("pk", flat=True)[:200])


def _go_on(pk: UUID) -> None:
    run = Run.objects.get(pk=pk)
    if run.state in {State.WAITING, State.MAKING} and not _made(run):
        return
    run.refresh_from_db()
    if run.state == State.SENDING:
        try:
            send_all(run)
        except FileNotFoundError:
            _end(run, _("Its files are gone, so it can't be sent."))
            return
        _settle(run)


def _made(run: Run) -> bool:
    """Make it, if nobody else is at it; whether it may be sent now."""
    free = Q(state=State.WAITING) | Q(state=State.MAKING, step_at__lt=Now() - STALE)
    claimed = Run.objects.filter(free, pk=run.pk).update(
        state=State.MAKING, step_at=Now(), attempts=F("attempts") + 1, next_try_at=timezone.now() + STALE
    )
    if not claimed:
        return False
    run.refresh_from_db()
    # Who took it over from us has counted on.
    mine = Run.objects.filter(pk=run.pk, state=State.MAKING, attempts=run.attempts)
    try:
        made = make(run)
    except CannotMake as reason:
        _end(run, str(reason))
        return False
    except Exception as error:  # a fault of ours: a person is told after MAKE_ATTEMPTS
        logger.exception("report run %s can't be made", run.pk)
        if run.attempts >= MAKE_ATTEMPTS:
            _end(run, _("It could not be made: %(why)s") % {"why": type(error).__name__})
        else:
            again_at = timezone.now() + FIRST_PAUSE * 2**run.attempts
            mine.update(state=State.WAITING, step_at=Now(), next_try_at=again_at)
        return False
    kept = keeping.keep(made)
    if mine.update(state=State.SENDING, step_at=Now(), next_try_at=None, error="", **kept):
        return True
    keeping.discard(kept.values())
    return False


def _settle(run: Run) -> None:
    """End it when nobody waits any more, else say when to go on."""
    if (again_at := next_of(run)) is not None:
        Run.objects.filter(pk=run.pk, state=State.SENDING).update(next_try_at=again_at)
        return
    bad = run.sendings.filter(state__in=[Sending.State.FAILED, Sending.State.UNCLEAR])
    sent = run.sendings.filter(state=Sending.State.SENT)
    first_bad = bad.exclude(error="").first()
    _end(
        run,
        (first_bad.error if first_bad else _("It is not known whether it was sent.")) if bad.exists() else "",
        reached_somebody=sent.exists() or not bad.exists(),
    )


def _end(run: Run, why: str, *, reached_somebody: bool = False) -> None:
    """Close it and, where its schedule made it, count what failed; `why` is what went wrong, if anything."""
    with transaction.atomic():
        state = State.DONE if reached_somebody else State.FAILED
        ended = Run.objects.filter(pk=run.pk, state__in=Run.OPEN)
        if not ended.update(state=state, step_at=Now(), ended_at=Now(), next_try_at=None, error=why[:300]):
            return
        if why:
            raise_alert(
                Kind.REPORT_FAILED,
                cause_of(run),
                _("The report %(name)s was not sent to everybody") % {"name": run.name}
                if reached_somebody
                else _("The report %(name)s has failed") % {"name": run.name},
                detail=why,
                about=run,
            )
        else:
            resolve(cause_of(run))
        # One that is sent again has been counted; it can only make good what it failed at.
        if run.schedule_id and run.due_at and (reached_somebody or run.ended_at is None):
            _count(run.schedule_id, is_good=reached_somebody)


def cause_of(run: Run) -> str:
    return f"report:{run.schedule_id or run.pk}"


def _count(schedule_id: UUID, *, is_good: bool) -> None:
    schedules = Schedule.objects.filter(pk=schedule_id)
    if is_good:
        schedules.update(failed_in_row=0)
        return
    schedules.update(failed_in_row=F("failed_in_row") + 1)
    why = _("It failed %(count)d times in a row.") % {"count": PAUSE_AFTER}
    schedules.filter(failed_in_row__gte=PAUSE_AFTER).update(next_at=None, paused_because=why)
