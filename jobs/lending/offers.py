"""Lending a printer: offering it, changing on what terms, and taking it back (rule 21)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.trail import record
from jobs.dispatching import drop
from orgs.current import current_org
from orgs.models import Org
from printers import live
from printers.models import Printer
from stations.models import WAITING_TO_START, Dispatch, Offer, OfferOrg, Station

from .crossing import at_home
from .waking import wake

LIMITS = ("most_grams", "prints_per_week", "hours_per_week")
FIELDS = ("to_all", "hours", "materials", *LIMITS, "per_hour", "per_gram", "owner_first")

# What an owner's prices and hours are said in.
SAID_IN = frozenset({"currency", "time_zone"})


class NotOffered(Exception):
    """There is nothing to take back; the message says so."""


def offer_of(printer: Printer) -> Offer | None:
    return Offer.objects.by(current_org()).filter(station=printer.pk).first()


def lend(
    printer: Printer, terms: Mapping[str, Any], borrowers: Mapping[UUID, Mapping[str, int | None]]
) -> Offer:
    """Offer a printer of ours, or change its offer: `terms` by FIELDS, `borrowers` with limits of their own.

    What waited to start on other terms is dropped and its copies wait again; what has started runs on.
    """
    with transaction.atomic():
        station = Station.objects.select_for_update(no_key=True).get(
            pk=printer.pk, owner=current_org(), deleted_at=None
        )
        old = Offer.objects.by(current_org()).filter(station=station).first()
        before = described(old) if old else {}
        fields = {name: terms[name] for name in FIELDS if name in terms} | {"state": Offer.State.OFFERED}
        offer = old or Offer(station=station)
        for name, value in fields.items():
            setattr(offer, name, value)
        offer.full_clean(exclude=["station"])
        offer.version = offer.version + 1 if old else 1
        offer.save()
        _set_borrowers(offer, borrowers)
        record("lending.offer", printer, before=before, after=described(offer))
        transaction.on_commit(lambda: _told(offer), robust=True)
    _drop_waiting(offer, _("its owner has changed on what terms the printer is lent"))
    offer.refresh_from_db()
    return offer


def withdraw(printer: Printer) -> Offer:
    """Lend a printer no more: what waits to start on it waits again elsewhere, what has started runs on.

    NotOffered if it is not lent.
    """
    with transaction.atomic():
        Station.objects.select_for_update(no_key=True).get(pk=printer.pk, owner=current_org())
        offer = offer_of(printer)
        if offer is None or not offer.is_offered:
            raise NotOffered(_("%(printer)s is not lent.") % {"printer": printer})
        Offer.objects.filter(pk=offer.pk).update(state=Offer.State.WITHDRAWN, version=F("version") + 1)
        record("lending.withdraw", printer, before=described(offer))
        transaction.on_commit(lambda: _told(offer), robust=True)
    _drop_waiting(offer, _("its owner lends the printer no more"))
    offer.refresh_from_db()
    return offer


def settings_changed(names: Iterable[str]) -> None:
    """After a change of our settings: no borrowed print starts on terms said in the old ones."""
    if SAID_IN & set(names):
        Offer.objects.by(current_org()).update(version=F("version") + 1)


def described(offer: Offer) -> dict[str, Any]:
    """An offer for the trail and for scripts, with the addresses of those it is made to."""
    said = {name: getattr(offer, name) for name in FIELDS}
    rows = OfferOrg.objects.filter(offer=offer).select_related("org").order_by("org__slug")
    named = [{"org": row.org.slug, **{name: getattr(row, name) for name in LIMITS}} for row in rows]
    return said | {"state": str(offer.state), "version": offer.version, "borrowers": named}


def borrowers_of(offer: Offer) -> dict[UUID, dict[str, int | None]]:
    """Those it is made to by name, as `lend` takes them."""
    rows = OfferOrg.objects.filter(offer=offer)
    return {row.org_id: {name: getattr(row, name) for name in LIMITS} for row in rows}


def orgs_at(addresses: Sequence[str]) -> dict[str, Org]:
    """The organisations at these addresses of this server that could borrow from the one in use."""
    rows = Org.objects.filter(slug__in=list(addresses), state=Org.State.ACTIVE)
    return {str(org.slug): org for org in rows.exclude(pk=current_org().pk)}


def _set_borrowers(offer: Offer, borrowers: Mapping[UUID, Mapping[str, int | None]]) -> None:
    OfferOrg.objects.filter(offer=offer).delete()
    OfferOrg.objects.bulk_create(
        OfferOrg(offer=offer, org_id=org_id, **{name: limits.get(name) for name in LIMITS})
        for org_id, limits in borrowers.items()
    )


def _told(offer: Offer) -> None:
    """Once it is committed: pages of the owner show it, and queues of borrowers look at it."""
    live.touch(offer.station.owner_id, [offer.station_id])
    wake([offer.station_id])


def _drop_waiting(offer: Offer, why: str) -> None:
    """Each in a transaction of its own, and after the commit: a start that came between was refused by it."""
    waiting = Dispatch.objects.filter(offer=offer, state__in=WAITING_TO_START).exclude(
        offer_version=Offer.objects.values_list("version", flat=True).get(pk=offer.pk)
    )
    for dispatch in waiting:
        with at_home(dispatch):
            drop(dispatch.pk, why)
