"""What the owner of a printer keeps of a borrowed print: that it ran, whose it was, what it took."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.kinds import Kind
from alerts.raising import raise_alert
from inventory.consumption import consume
from inventory.models import Spool, Usage
from inventory.news import stock_changed
from jobs import facts
from jobs.models import Print
from orgs.current import current_org
from orgs.models import Org
from printers.drivers.driver import Outcome
from printers.models import Printer
from stations.models import Dispatch, Station

from .crossing import at_owner, is_borrowed
from .models import GuestPrint
from .saying import named

AFTER = {
    Outcome.COMPLETED: GuestPrint.Outcome.COMPLETED,
    Outcome.CANCELLED: GuestPrint.Outcome.CANCELLED,
    Outcome.FAILED: GuestPrint.Outcome.FAILED,
}


class Use(NamedTuple):
    """What one of the file's filaments used, and how that is known; `extruder` is its index in the file."""

    extruder: int
    grams: Decimal
    kind: Usage.Kind


def place_of(station: Station, dispatch: Dispatch) -> dict[str, Any]:
    """What a copy keeps of where it is printed; only a printer of ours is a row of ours."""
    if not is_borrowed(station, dispatch):
        place = {"printer_id": station.pk, "lent_id": None, "printer_name": station.name}
    else:
        name = named(station.name, dispatch.terms["owner"])[:80]
        place = {"printer_id": None, "lent_id": station.pk, "printer_name": name}
    return {**place, "dispatch_id": dispatch.pk}


def begin(station: Station, dispatch: Dispatch, one: Print) -> None:
    """Note at the owner's that a borrowed print is started there, with the spools that are to serve it.

    In the transaction of the start; a repeat changes nothing, and for a print of their own nothing is noted.
    """
    if not is_borrowed(station, dispatch):
        return
    uses = facts.used_filaments(facts.plates_of([one.job]).get(one.job_id))
    materials = {use["index"]: use.get("material") or "" for use in uses}
    slots, estimate_s = one.spools, one.estimate_s
    borrower = current_org().name
    with at_owner(station):
        spools = {
            index: str(pk)
            for index, pk in Spool.objects.filter(slot__printer=station.pk).values_list("slot__index", "pk")
        }
        filaments = [
            {
                "index": one["index"],
                "material": materials.get(one["index"], ""),
                "slot": one["slot"],
                "spool_id": spools.get(one["slot"]),
            }
            for one in slots
        ]
        GuestPrint.objects.get_or_create(
            dispatch_id=dispatch.pk,
            defaults={
                "printer": Printer.objects.filter(pk=station.pk).first(),
                "printer_name": station.name,
                "borrower_id": dispatch.org_id,
                "borrower_name": borrower,
                "size": dispatch.size,
                "material": " + ".join(dict.fromkeys(filter(None, materials.values())))[:200],
                "estimate_s": estimate_s,
                "filaments": filaments,
            },
        )


def forget(station: Station, dispatch: Dispatch) -> None:
    """The start came to nothing: there never was a print."""
    if is_borrowed(station, dispatch):
        with at_owner(station):
            GuestPrint.objects.filter(dispatch_id=dispatch.pk, ended_at=None).delete()


def close(
    station: Station, dispatch: Dispatch, outcome: Outcome, uses: Sequence[Use], printed_s: int
) -> None:
    """In the owner's schema: take the filament off its spools, close the record, tell people."""
    guest = GuestPrint.objects.filter(dispatch_id=dispatch.pk).first()
    served = {one["index"]: one["spool_id"] for one in guest.filaments} if guest else {}
    used = [one for one in uses if one.grams and served.get(one.extruder)]
    spools = Spool.objects.in_bulk([UUID(served[one.extruder]) for one in used])
    for one in used:
        if spool := spools.get(UUID(served[one.extruder])):
            reference = f"{dispatch.pk}:{one.extruder}"
            consume(spool, one.grams, reference, kind=one.kind, extruder=one.extruder)
    if used:
        stock_changed()
    grams = sum((one.grams for one in uses), Decimal(0))
    GuestPrint.objects.filter(dispatch_id=dispatch.pk).update(
        outcome=AFTER[outcome], ended_at=timezone.now(), printed_s=printed_s, grams=grams
    )
    _tell(station, dispatch, outcome)


def _tell(station: Station, dispatch: Dispatch, outcome: Outcome) -> None:
    org = Org.objects.values_list("name", flat=True).get(pk=dispatch.org_id)
    names = {"printer": station.name, "org": org}
    is_done = outcome is Outcome.COMPLETED
    title = _("%(printer)s: a print of %(org)s is done")
    if not is_done:
        title = _("%(printer)s: a print of %(org)s ended early")
    raise_alert(
        Kind.PRINT_DONE if is_done else Kind.PRINT_FAILED,
        f"guest.ended:{dispatch.pk}",
        title % names,
        detail=_("Take it off and clear the plate."),
        about=Printer.objects.filter(pk=station.pk).first(),
    )
