"""Staggered heating: automatic starts wait while as many printers heat up as may at once."""

import time
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orgs.current import current_org
from orgs.keys import org_key, redis_client
from orgs.models import Org
from printers import live
from printers.drivers.driver import MachineState
from printers.models import Printer
from stations.models import Dispatch, DispatchState

S = DispatchState
# The note of a staged dispatch that waits for others to be warm.
WAITS = "waits for printers that heat up"
# A large bed takes a quarter of an hour; what takes longer has stopped heating, or tells of it wrongly.
LONGEST = timedelta(minutes=20)
WARM = frozenset(
    {MachineState.PRINTING, MachineState.PAUSED, MachineState.FINISHED, MachineState.IDLE, MachineState.ERROR}
)


def at_once() -> int:
    """How many may heat up at once, as it is set now; 0 for any number."""
    return Org.objects.values_list("heat_at_once", flat=True).get(pk=current_org().pk)


def room() -> int | None:
    """How many more printers may begin to heat up; None where there is no limit."""
    most = at_once()
    return max(0, most - len(heating())) if most else None


def has_room() -> bool:
    """Like `room`, under a lock held to the end of the transaction: of two claims the later sees the first.

    Ask before any station is locked.
    """
    most = at_once()
    if not most:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"heating {current_org().schema_name}"])
    return len(heating()) < most


def heating() -> set[UUID]:
    """The printers of this organisation that heat up, or were told to start and are not known to be warm.

    By the time limit none counts for ever.
    """
    told = Dispatch.objects.filter(station__owner=current_org(), state__in=(S.HELD, S.STARTING, S.CONFIRMED))
    began = dict(told.filter(step_at__gt=Now() - LONGEST).values_list("station_id", "state"))
    ids = list(Printer.objects.filter(enabled=True).values_list("pk", flat=True))
    known = live.read(current_org().pk, ids)
    preparing = {pk for pk, one in known.items() if one.status.state is MachineState.PREPARING}
    started = {
        pk
        for pk, state in began.items()
        if state != S.CONFIRMED or pk not in known or known[pk].status.state not in WARM
    }
    ours = set(told.values_list("station_id", flat=True))
    return started | _lately(preparing - ours)


def _lately(printer_ids: Collection[UUID]) -> set[UUID]:
    """Those of prints that are not ours which were first seen heating within the limit."""
    if not printer_ids:
        return set()
    ids, now = list(printer_ids), time.time()
    with redis_client().pipeline() as pipe:
        for pk in ids:
            key = org_key(current_org().pk, "heats-since", pk)
            pipe.set(key, str(now), nx=True, ex=int(2 * LONGEST.total_seconds()))
            pipe.get(key)
        since = pipe.execute()[1::2]
    return {pk for pk, at in zip(ids, since, strict=True) if now - float(at) < LONGEST.total_seconds()}


def forget(printer_id: UUID) -> None:
    """It no longer heats up; the next time counts from its own beginning."""
    redis_client().delete(org_key(current_org().pk, "heats-since", printer_id))


def why(count: int, printer: str = "", owner: str = "") -> str:
    """The sentence for a job whose file is on a printer that may not start yet; `owner` lends us the printer.

    How many of its owner's printers heat up is the owner's affair.
    """
    if owner:
        lent = _("Its file is on %(printer)s; it waits while other printers of %(owner)s heat up.")
        return lent % {"printer": printer, "owner": owner}
    text = ngettext(
        "Its file is on the printer; it waits because %(n)d printer is heating up.",
        "Its file is on the printer; it waits because %(n)d printers are heating up.",
        count,
    )
    return text % {"n": count}
