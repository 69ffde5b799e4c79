"""Runs over many rows: each row is done once or refused with a reason, whatever dies meanwhile."""

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import actor, plain, record
from orgs import agenda
from orgs.models import Membership

from . import rushing, talking
from .actions import Refused
from .choosing import Choice, Told
from .editing import do_chunk
from .models import Item, Run
from .outcomes import LOST, close

logger = logging.getLogger(__name__)
# That many rows of our own database are edited while the person waits.
AT_ONCE = 200
# A turn of the worker; then the work of others comes in between. Less than the agenda's lease.
TURN_S = 20.0
# What a process left lying when it died is taken up after this long.
LEFT_LYING = timedelta(seconds=15)
UNDO_WITHIN = timedelta(minutes=5)
KEPT = timedelta(days=30)


def start(choice: Choice, name: str, values: Mapping[str, Any], told: Told | None = None) -> Run:
    """Begin a run of the action `name` over the chosen rows, for the person who chose them.

    `told` is what pages told them of the rows; without it, they go by what the rows are now. Few rows of our
    own database are done when this returns; others are done by workers. Raises Refused if too many are
    chosen.
    """
    rows = choice.load(choice.rows().prefetch_related(None))
    action = choice.kind.actions[name]
    if action.goes_by_what_was_seen:
        choice.kind.look_up(rows)
    run = _new_run(choice.kind.label, name, plain(values), choice.membership)
    seen = {row.pk: action.note(row, (told or {}).get(row.pk)) for row in rows}
    items = [Item(run=run, row=row.pk, name=str(row)[:200], seen=seen[row.pk]) for row in rows]
    gone = {"state": Item.State.REFUSED, "reason": _("is gone")}
    items += [Item(run=run, row=pk, **gone) for pk in choice.missing(rows)]
    with transaction.atomic():
        is_now = _write_down(run, items)
    if is_now:
        _do_now(run)
    return run


def undo(run: Run, membership: Membership) -> Run:
    """Take back what `run` did, as a run of its own. Once, soon, by the same person; else Refused."""
    with transaction.atomic():
        held = Run.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
        if why := why_no_undo(held, membership):
            raise Refused(why)
        back = _new_run(held.model, held.action, held.values, membership, undo_of=held)
        done = held.items.filter(state=Item.State.DONE, memory__isnull=False).order_by("row")
        is_now = _write_down(
            back, [Item(run=back, row=one.row, name=one.name, memory=one.memory) for one in done]
        )
    if is_now:
        _do_now(back)
    return back


def why_no_undo(run: Run, membership: Membership) -> str:
    """Why `membership` can't take `run` back; "" if they can."""
    if not run.definition.can_undo or run.undo_of_id or run.by_id != membership.user_id:
        return _("This can't be taken back.")
    if run.ended_at is None:
        return _("It is still going on.")
    if run.ended_at < timezone.now() - UNDO_WITHIN:
        return _("It is too late to take this back.")
    if Run.objects.filter(undo_of=run).exists():
        return _("This was taken back already.")
    return ""


def work() -> datetime | None:
    """Go on with the open runs of this organisation by turns; when to come back, None if all are over."""
    Run.objects.filter(ended_at__lt=timezone.now() - KEPT).delete()
    ends = time.monotonic() + TURN_S
    is_getting_on = True
    while is_getting_on and time.monotonic() < ends:
        is_getting_on = False
        for run in Run.objects.filter(ended_at=None).select_related("by").order_by("pk"):
            is_getting_on |= _go_on(run)
    if not Run.objects.filter(ended_at=None).exists():
        return None
    # Either there was too much for one turn, or another worker has the rest, and may die of it.
    return timezone.now() + (timedelta(0) if is_getting_on else LEFT_LYING)


def _go_on(run: Run) -> bool:
    """Do some of the run; whether anything was done."""
    try:
        if run.definition.rush:
            is_done = bool(rushing.rush_on(run))
        elif run.definition.touches_machines:
            is_done = bool(talking.settle_doubt(run)) | talking.do_next(run)
        else:
            is_done = bool(do_chunk(run))
    except LOST as error:
        logger.warning("bulk run %s is tried again: %s", run.pk, error)
        return False
    close(run)
    return is_done


def _new_run(label: str, name: str, values: dict[str, Any], who: Membership, **fields: Any) -> Run:
    via, address = actor().via, actor().address
    return Run(model=label, action=name, values=values, by=who.user, via=via, address=address, **fields)


def _write_down(run: Run, items: list[Item]) -> bool:
    """Save the run and have it done; whether the caller is to do it, right after the transaction."""
    waiting = sum(item.state == Item.State.WAITING for item in items)
    is_slow = run.definition.touches_machines or bool(run.definition.rush)
    run.save(force_insert=True)
    Item.objects.bulk_create(items, batch_size=1000)
    name = "bulk.undo" if run.undo_of_id else f"bulk.{run.action}"
    record(name, run, after={"rows": len(items), **run.values})
    if run.definition.rush:
        rushing.call(run)
    elif is_slow:
        talking.call_hands(run, waiting)
    is_now = not is_slow and waiting <= AT_ONCE
    if is_now or is_slow:
        agenda.due_at("bulk.work", timezone.now() + LEFT_LYING)
    else:
        agenda.due_now("bulk.work")
    return is_now


def _do_now(run: Run) -> None:
    while _go_on(run):
        pass
    run.refresh_from_db(fields=["ended_at"])
