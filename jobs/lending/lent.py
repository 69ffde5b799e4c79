"""Printers that others lend to the organisation in use, as the gates see them: without what is their owner's.

No model instance of the owner leaves: only frozen values do, without tags, spools' numbers, faults in the
machine's words or the names of maintenance tasks.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import facts
from jobs.gates import Machine, blocking, fit
from jobs.quotas.holding import all_held
from jobs.waiting import Reader, each_needs, waiting_jobs
from orgs.current import current_org
from printers import live
from printers.drivers.driver import Status
from printers.live import Live
from stations.models import Charge, Dispatch, DispatchState, Offer, OfferOrg, Station
from stations.terms import Lent, Terms, week_of

from .crossing import within
from .saying import named

S = DispatchState
# What counts as had: a hold alone may come to nothing, and a machine has one at a time.
STARTED = (S.STARTING, S.CONFIRMED, S.UNCLEAR, S.ENDED)


class Offered(NamedTuple):
    """An offer as plain values."""

    station_id: UUID
    owner_id: UUID
    terms: Terms


def offered(only: Iterable[UUID] | None = None) -> list[Offered]:
    """What is lent to the organisation in use now; two queries."""
    org = current_org()
    offers = Offer.objects.to(org)
    if only is not None:
        offers = offers.filter(station__in=list(only))
    rows = list(offers.order_by("station__owner", "station"))
    if not rows:
        return []
    own = {one.offer_id: one for one in OfferOrg.objects.filter(org=org, offer__in=rows)}
    return [Offered(row.station_id, row.station.owner_id, row.terms(own.get(row.pk))) for row in rows]


def terms_for(station_id: UUID) -> Terms | None:
    """On what terms that machine is lent to the organisation in use; None if it is not."""
    return next((one.terms for one in offered([station_id])), None)


def name_of(station_id: UUID) -> str:
    """What a lent printer is called with its owner; empty where it is lent to us no more."""
    found = offered([station_id])
    name = Station.objects.values_list("name", flat=True).filter(pk=station_id).first() or ""
    return named(name, found[0].terms.owner) if found else ""


def heard_of(station_ids: Iterable[UUID]) -> dict[UUID, Live]:
    """What lent printers that run prints of ours last told; nothing is asked where there are none."""
    ids = list(station_ids)
    owners: dict[UUID, list[UUID]] = defaultdict(list)
    held = Station.objects.filter(pk__in=ids, hold__org=current_org()) if ids else Station.objects.none()
    for pk, owner in held.values_list("pk", "owner"):
        owners[owner].append(pk)
    return {pk: one for owner, of in owners.items() for pk, one in live.read(owner, of).items()}


def machines(only: Iterable[UUID] | None = None, fresh: Mapping[UUID, Status] | None = None) -> list[Machine]:
    """The machines that are lent to the organisation in use, each named with its owner."""
    found = offered(only)
    if not found:
        return []
    had = _had_this_week(found)
    by_owner: dict[UUID, list[Offered]] = defaultdict(list)
    for one in found:
        by_owner[one.owner_id].append(one)
    return [machine for owner, rows in by_owner.items() for machine in _of(owner, rows, had, fresh)]


def machine(station_id: UUID, fresh: Mapping[UUID, Status] | None = None) -> Machine | None:
    """That printer, of ours or lent to us; None for any other."""
    own = facts.machines([station_id], fresh)
    return next(iter(own or machines([station_id], fresh)), None)


def all_machines() -> list[Machine]:
    """Ours, then those lent to us."""
    return [*facts.machines(), *machines()]


def _of(
    owner_id: UUID,
    rows: Sequence[Offered],
    had: Mapping[UUID, tuple[int, int]],
    fresh: Mapping[UUID, Status] | None,
) -> list[Machine]:
    terms = {one.station_id: one.terms for one in rows}
    with within(owner_id) as owner:
        seen = facts.machines(list(terms), fresh)
        wanted = _wanted_by_owner([one for one in seen if terms[one.id].owner_first])
    # What starts by itself on a printer needs its owner's whole say, as the owner's own jobs do.
    seen = [replace(one, auto_queue=one.auto_queue and owner.auto_queue) for one in seen]
    return [_veiled(one, Lent(terms[one.id], *had.get(one.id, (0, 0)), one.id in wanted)) for one in seen]


def _veiled(machine: Machine, lent: Lent) -> Machine:
    return replace(
        machine,
        name=named(machine.name, lent.terms.owner),
        tags=frozenset(),
        slots=tuple(replace(slot, spool_id=None) for slot in machine.slots),
        faults=(_("it reports a problem"),) if machine.faults else (),
        overdue=_("its owner looks after it") if machine.overdue else "",
        lent=lent,
    )


def _wanted_by_owner(machines: Sequence[Machine]) -> set[UUID]:
    """Of these, in their owner's schema, those on which a job of the owner's that waits could be printed."""
    if not machines:
        return set()
    now = timezone.now()
    due = waiting_jobs().filter(Q(not_before=None) | Q(not_before__lte=now)).exclude(pk__in=list(all_held()))
    # Equal jobs share one object.
    wishes = {id(needs): needs for _revision, needs in each_needs(due, Reader())}.values()
    return {one.id for one in machines if any(not blocking(fit(needs, one)) for needs in wishes)}


def _had_this_week(found: Iterable[Offered]) -> dict[UUID, tuple[int, int]]:
    """Of each machine, how many prints and seconds the organisation in use has had of it this week."""
    since: dict[datetime, list[UUID]] = defaultdict(list)
    for one in found:
        if one.terms.prints_per_week or one.terms.hours_per_week:
            since[week_of(timezone.now(), ZoneInfo(one.terms.zone))].append(one.station_id)
    had: dict[UUID, tuple[int, int]] = {}
    # As many turns as the owners' zones have beginnings of the week.
    for began, stations in since.items():
        ours = Dispatch.objects.filter(station__in=stations, org=current_org(), state__in=STARTED)
        prints = dict(ours.filter(step_at__gte=began).values_list("station").annotate(Count("pk")))
        charges = Charge.objects.filter(dispatch__station__in=stations, dispatch__org=current_org())
        of_week = charges.filter(at__gte=began).values_list("dispatch__station")
        seconds = dict(of_week.annotate(Sum("seconds")))
        had |= {pk: (prints.get(pk, 0), seconds.get(pk) or 0) for pk in stations}
    return had
