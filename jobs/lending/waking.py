"""Waking the queues of those who may borrow what has just become free."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from orgs import agenda
from orgs.current import current_org
from orgs.keys import org_key, redis_client
from orgs.models import Org
from stations.models import OPEN, Dispatch, DispatchState, Offer, OfferOrg, Plate, Station

MATCH = "jobs.match"


def wake(station_ids: Collection[UUID]) -> None:
    """Let organisations that wait for a printer, and may borrow one of these, look at their queues again.

    Only those whose queue has jobs are due some time anyway; the others are not disturbed.
    """
    offers = Offer.objects.filter(station__in=station_ids)
    orgs = Org.objects.filter(state=Org.State.ACTIVE)
    if not offers.filter(to_all=True).exists():
        orgs = orgs.filter(pk__in=OfferOrg.objects.filter(offer__in=offers).values("org"))
    agenda.hasten(MATCH, orgs, timezone.now())


def wake_for_free() -> None:
    """After a match of an owner: wake borrowers for lent printers that were not free at the match before.

    Only for new ones, or two organisations that lend to each other would wake each other for ever.
    """
    org = current_org()
    lent = Offer.objects.by(org).filter(state=Offer.State.OFFERED).values("station")
    # A borrower's file that is there already waits for nothing else.
    waits = ~Q(org=org) & Q(state=DispatchState.STAGED, by_hand=False)
    opened = Dispatch.objects.filter(state__in=OPEN, station__owner=org).exclude(waits).values("station")
    rows = Station.objects.filter(pk__in=lent, hold=None, plate=Plate.CLEAR, enabled=True).exclude(
        pk__in=opened
    )
    free = {str(pk): pk for pk in rows.values_list("pk", flat=True)}
    key = org_key(org.pk, "lent-free")
    known = {raw.decode() for raw in redis_client().smembers(key)}  # type: ignore[union-attr]
    if free.keys() == known:
        return
    with redis_client().pipeline() as pipe:
        pipe.delete(key)
        if free:
            pipe.sadd(key, *free)
        pipe.execute()
    if new := [pk for text, pk in free.items() if text not in known]:
        wake(new)
