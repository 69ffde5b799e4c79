"""Writing down what was dried, correcting it, and taking it back."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import record
from inventory.models import Drying, Spool
from inventory.refusing import Refused

from .models import MOST_H

SAID = ("at", "temperature_c", "hours", "humidity_before", "humidity_after", "device", "note")
MOST_AT_ONCE = 200


def add(spools: Iterable[Spool], said: Mapping[str, Any], by: User | None) -> list[Drying]:
    """One session of several spools in one dryer: all of them, or none.

    `said` has some of SAID; without `at` it has ended just now. ValidationError names the field that can't be
    true. Refused where a spool is archived or was in a dryer at that time already, as by a second click.
    """
    fields = {"at": timezone.now(), **said}
    with transaction.atomic():
        return [_add_one(spool, fields, by) for spool in held(spools)]


def edit(drying: Drying, said: Mapping[str, Any]) -> Drying:
    """Change some of SAID; ValidationError and Refused as in `add`, Refused too if it is gone."""
    with transaction.atomic():
        (spool,) = held([drying.spool])
        kept = Drying.objects.filter(pk=drying.pk).first()
        if kept is None:
            raise Refused(_("Somebody has deleted this session already."))
        before = _told(kept)
        for name, value in said.items():
            setattr(kept, name, value)
        kept.full_clean(exclude=["spool", "by"])
        _refuse_overlap(spool, kept)
        kept.save(update_fields=list(SAID))
        after = _told(kept)
        if before != after:
            _count(spool)
            record("drying.edit", kept, before=before, after=after)
    return kept


def delete(drying: Drying) -> None:
    """As if it had never been written down; the audit trail keeps it. A repeat changes nothing."""
    with transaction.atomic():
        (spool,) = held([drying.spool])
        kept = Drying.objects.filter(pk=drying.pk).first()
        if kept is not None:
            record("drying.delete", kept, before=_told(kept))
            kept.delete()
            _count(spool)


def held(spools: Iterable[Spool]) -> list[Spool]:
    """Locked in one order, so that two sessions written down at once take turns."""
    rows = Spool.objects.select_for_update(of=("self",), no_key=True).select_related("filament")
    return list(rows.filter(pk__in=[spool.pk for spool in spools]).order_by("pk"))


def used_devices() -> list[str]:
    """For choosing one while typing."""
    rows = Drying.objects.exclude(device="").order_by("device")
    return list(rows.values_list("device", flat=True).distinct()[:100])


def _add_one(spool: Spool, fields: Mapping[str, Any], by: User | None) -> Drying:
    if spool.archived_at:
        raise Refused(_("Spool #%(number)d is archived. Restore it first.") % {"number": spool.number})
    drying = Drying(spool=spool, by=by, **fields)
    drying.full_clean(exclude=["spool", "by"])
    _refuse_overlap(spool, drying)
    drying.save(force_insert=True)
    _count(spool)
    record("drying.add", drying, after=_told(drying))
    return drying


def _refuse_overlap(spool: Spool, drying: Drying) -> None:
    near = spool.dryings.exclude(pk=drying.pk).filter(
        at__gt=drying.began_at, at__lt=drying.at + timedelta(hours=float(MOST_H))
    )
    if any(other.began_at < drying.at for other in near):
        words = _("Spool #%(number)d was in a dryer at that time already: look at its sessions.")
        raise Refused(words % {"number": spool.number})


def _count(spool: Spool) -> None:
    latest = spool.dryings.aggregate(latest=Max("at"))["latest"]
    Spool.objects.filter(pk=spool.pk).update(dried_at=latest)


def _told(drying: Drying) -> dict[str, Any]:
    return {name: getattr(drying, name) for name in SAID}
