"""Charges for borrowed prints, mirrored: a line in each ledger, with opposite signs, in one transaction."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.trail import record
from jobs.charging import correcting
from jobs.charging.rules import Borrowed, Unit
from jobs.charging.writing import write_lent
from orgs.current import current_org
from orgs.models import Org
from stations.models import Charge, Dispatch, Station
from stations.terms import CENT, terms_in

from .crossing import at_home, at_owner, within
from .models import GuestPrint, LedgerLine
from .saying import named

MOST = Decimal(1_000_000)
# Corrections are parts of a print's charge after the two prices of its terms.
FIRST_PART = 10


class CannotCorrect(Exception):
    """There is nothing to correct, or not by that much; the message says so."""


def charge_print(
    station: Station, dispatch: Dispatch, grams: Decimal, seconds: int, job_id: UUID
) -> tuple[Decimal, Decimal]:
    """Charge a borrowed print that ended, by the terms it was started on: what grams and hours come to.

    In the transaction of its end, which happens once.
    """
    terms = terms_in(dispatch.terms)
    material, machine = terms.price(grams, seconds)
    charge = Charge.objects.create(
        dispatch=dispatch, grams=grams, seconds=seconds, amount=material + machine, currency=terms.currency
    )
    _mirror(station, dispatch, charge, job_id=job_id)
    return material, machine


def correct(guest: GuestPrint, amount: Decimal, note: str, pk: UUID | None = None) -> Charge:
    """The owner gives back (below 0) or asks for more (above 0) of a print that was charged.

    With the `pk` of one that was made of it already, as by a second click, it is that one. CannotCorrect if
    it was not charged, or for an amount that is nothing or absurd.
    """
    if not amount.is_finite() or not CENT <= abs(amount) <= MOST or amount != amount.quantize(CENT):
        raise CannotCorrect(_("Give an amount in whole cents, above 0 to charge more or below to give back."))
    with transaction.atomic():
        station_id = Dispatch.objects.values_list("station_id", flat=True).get(pk=guest.dispatch_id)
        station = Station.objects.select_for_update(no_key=True).get(pk=station_id, owner=current_org())
        dispatch = Dispatch.objects.select_for_update(no_key=True).get(pk=guest.dispatch_id)
        first = Charge.objects.filter(dispatch=dispatch, kind=Charge.Kind.PRINT).first()
        if first is None:
            raise CannotCorrect(_("This print was not charged."))
        known = Charge.objects.filter(pk=pk).first() if pk else None
        if known and (known.dispatch_id, known.kind) == (dispatch.pk, Charge.Kind.CORRECTION):
            return known
        number = Charge.objects.filter(dispatch=dispatch).count()
        charge = Charge.objects.create(
            pk=uuid7() if known or not pk else pk, dispatch=dispatch, kind=Charge.Kind.CORRECTION,
            number=number, grams=Decimal(0), seconds=0, amount=amount, currency=first.currency,
        )  # fmt: skip
        _mirror(station, dispatch, charge, note=note[:300])
        _book(station, dispatch, charge, note[:300])
        after = {"amount": str(amount), "currency": charge.currency, "note": note[:300]}
        record("lending.correct", guest, after=after)
    return charge


def _book(station: Station, dispatch: Dispatch, charge: Charge, note: str) -> None:
    """A correction in both sides' chargebacks."""
    part = FIRST_PART + charge.number
    asked = [Borrowed(Decimal(1), Unit.ENTRY, charge.amount, charge.currency)]
    borrower = Org.objects.values_list("name", flat=True).get(pk=dispatch.org_id)
    with at_owner(station):
        write_lent(dispatch.print_id, charge.at, station.pk, asked, borrower, part)
    with at_home(dispatch):
        correcting.of_owner(dispatch.print_id, charge.amount, charge.currency, part, note)


def _mirror(
    station: Station, dispatch: Dispatch, charge: Charge, *, job_id: UUID | None = None, note: str = ""
) -> None:
    """Write the charge's line on both sides, in the order of the organisations' ids (rule 20)."""
    names = dict(Org.objects.filter(pk__in=(station.owner_id, dispatch.org_id)).values_list("pk", "name"))
    for org_id in sorted(names):
        is_owner = org_id == station.owner_id
        other = dispatch.org_id if is_owner else station.owner_id
        with within(org_id):
            if not is_owner and job_id is None:
                before = LedgerLine.objects.filter(dispatch_id=dispatch.pk).order_by("at").first()
                job_id = before.job_id if before else None
            LedgerLine.objects.create(
                charge_id=charge.pk,
                dispatch_id=dispatch.pk,
                kind=charge.kind,
                other_id=other,
                other_name=names[other],
                printer_name=station.name if is_owner else named(station.name, names[other])[:80],
                job_id=None if is_owner else job_id,
                amount=charge.amount if is_owner else -charge.amount,
                currency=charge.currency,
                grams=charge.grams,
                seconds=charge.seconds,
                note=note,
                at=charge.at,
            )
