"""Another nozzle: the printer has it from then on, and its hours begin anew."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from printers import adding
from printers.models import Printer
from stations.models import Station

from .models import LogEntry, Meter
from .refusing import Refused


def fit(
    printer: Printer,
    by: User | None,
    *,
    nozzle_mm: float,
    hardened: bool,
    cost: Decimal = Decimal(0),
    note: str = "",
    seen: str | None = None,
) -> LogEntry:
    """Note that a new nozzle is on `printer`; the printer itself says the same from then on.

    Refused if `seen`, the `fitted` of before, is no longer so. Locks in the order of a print's end: station,
    meter, printer.
    """
    with transaction.atomic():
        Station.objects.select_for_update(no_key=True).filter(pk=printer.pk).first()
        Meter.objects.get_or_create(printer=printer)
        meter = Meter.objects.select_for_update(no_key=True).get(printer=printer)
        if seen is not None and seen != fitted(meter):
            raise Refused(_("Somebody has noted another nozzle meanwhile. Look at the log."))
        now, kept = timezone.now(), Printer.objects.get(pk=printer.pk)
        entry = LogEntry.objects.create(
            kind=LogEntry.Kind.NOZZLE,
            printer=kept,
            printer_name=kept.name,
            what=words_of(nozzle_mm, hardened=hardened),
            at=now,
            by=by,
            printed_s=meter.printed_s,
            used_s=used_s(meter),
            cost=cost,
            note=note.strip()[:500],
            before=_as_it_is(kept, meter),
        )
        Meter.objects.filter(printer=printer).update(nozzle_since_s=F("printed_s"), nozzle_fitted_at=now)
        _let_have(kept, nozzle_mm, hardened=hardened)
    return entry


def _as_it_is(printer: Printer, meter: Meter) -> dict[str, Any]:
    """What `put_back` restores."""
    return {
        "used_s": meter.printed_s - meter.nozzle_since_s,
        "nozzle_mm": printer.nozzle_mm,
        "hardened": printer.hardened_nozzle,
        "fitted_at": fitted(meter),
    }


def put_back(entry: LogEntry) -> None:
    """Undo what `fit` wrote into printer and meter, in the transaction that takes its entry back."""
    printer, before = entry.printer, entry.before
    assert printer is not None  # noqa: S101  # `doing.why_not` has asked
    Station.objects.select_for_update(no_key=True).filter(pk=printer.pk).first()
    Meter.objects.filter(printer=printer).update(
        # By difference: the meter may have been corrected since.
        nozzle_since_s=F("nozzle_since_s") - before["used_s"],
        nozzle_fitted_at=parse_datetime(before["fitted_at"]) if before["fitted_at"] else None,
    )
    _let_have(Printer.objects.get(pk=printer.pk), before["nozzle_mm"], hardened=before["hardened"])


def _let_have(printer: Printer, nozzle_mm: float | None, *, hardened: bool) -> None:
    printer.nozzle_mm, printer.hardened_nozzle = nozzle_mm, hardened
    adding.change(printer)


def words_of(nozzle_mm: float, *, hardened: bool) -> str:
    words = _("Nozzle of %(size)g mm, hardened") if hardened else _("Nozzle of %(size)g mm")
    return words % {"size": nozzle_mm}


def used_s(meter: Meter) -> int:
    """How long the nozzle has printed, as far as it is known."""
    return max(0, meter.printed_s - meter.nozzle_since_s)


def fitted(meter: Meter) -> str:
    """When its nozzle was fitted, as a page says it back; empty if that was never noted."""
    return meter.nozzle_fitted_at.isoformat() if meter.nozzle_fitted_at else ""
