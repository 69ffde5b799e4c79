"""Spools coming, changing and going."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import record
from orgs.current import current_org

from . import locations, rfid
from .consumption import CENTIGRAM, consume
from .loading import unload
from .models import Filament, Spool, Usage
from .news import loaded_changed, stock_changed
from .refusing import Refused

EDITED = (
    "filament", "initial_g", "cost", "reel_g", "tag_uid", "supplier", "lot", "location", "opened_at", "notes",
    "external_id",
)  # fmt: skip
MOST_AT_ONCE = 100


def usual_filament() -> Filament | None:
    """A known product of the organisation's usual material and, if one is named, of its very colour."""
    org = current_org()
    if not org.default_material:
        return None
    rows = Filament.objects.filter(material__iexact=org.default_material)
    if org.default_color:
        rows = rows.filter(color__iexact=org.default_color)
    return rows.order_by("brand", "name", "pk").first()


def cost_of(filament: Filament, initial_g: Decimal) -> Decimal:
    """What a new spool costs by its filament's price."""
    return (filament.price_per_kg * initial_g / 1000).quantize(Decimal("0.01"))


def add(
    filament: Filament,
    count: int = 1,
    *,
    initial_g: Decimal = Decimal(1000),
    used_g: Decimal = Decimal(0),
    **fields: Any,
) -> list[Spool]:
    """Put `count` equal spools on the shelf. Without a `cost` they cost what the filament usually does.

    What was used before is a line in the ledger, so that the ledger's sum is always what is used.
    """
    with transaction.atomic():
        # Held, so that the filament is not deleted under its new spools.
        filament = Filament.objects.select_for_update().get(pk=filament.pk)
        if fields.get("cost") is None:
            fields["cost"] = cost_of(filament, initial_g)
        fields = _sound({**fields, "initial_g": initial_g})
        stock_changed()
        return [_add_one(filament, used_g, fields) for _number in range(count)]


def _add_one(filament: Filament, used_g: Decimal, fields: Mapping[str, Any]) -> Spool:
    with rfid.once_tagged(fields):
        spool = Spool.objects.create(filament=filament, **fields)
    spool.refresh_from_db()
    if used_g:
        consume(spool, used_g, f"before:{spool.pk}", kind=Usage.Kind.BEFORE)
        spool.used_g = used_g.quantize(CENTIGRAM)
    record("spool.add", spool, after={**_told(spool), "used_g": used_g})
    rfid.load_where_seen(spool)
    return spool


def edit(spool: Spool, fields: Mapping[str, Any]) -> None:
    """Change some of EDITED; the sums of the ledger stay. Refused for a tag that another spool has."""
    with transaction.atomic():
        locked = _held(spool)
        before = _told(locked)
        for name, value in _sound(fields).items():
            setattr(locked, name, value)
        with rfid.once_tagged(fields):
            locked.save(update_fields=list(fields))
        after = _told(locked)
        if before == after:
            return
        record("spool.edit", locked, before=before, after=after)
        if locked.slot:
            loaded_changed([locked.slot.printer_id])
        if before["tag_uid"] != after["tag_uid"]:
            rfid.load_where_seen(locked)


def archive(spool: Spool) -> None:
    """Out of the way but not forgotten: its ledger stays. A loaded one is unloaded."""
    with transaction.atomic():
        locked = _held(spool)
        if locked.archived_at is None:
            unload(locked)
            now = timezone.now()
            Spool.objects.filter(pk=locked.pk).update(archived_at=now)
            record("spool.archive", locked, before={"archived_at": None}, after={"archived_at": now})
            stock_changed()


def restore(spool: Spool) -> None:
    with transaction.atomic():
        locked = _held(spool)
        if locked.archived_at is not None:
            Spool.objects.filter(pk=locked.pk).update(archived_at=None)
            record(
                "spool.restore",
                locked,
                before={"archived_at": locked.archived_at},
                after={"archived_at": None},
            )
            stock_changed()


def delete(spool: Spool) -> None:
    """Only a spool that was never used nor is loaded; Refused otherwise."""
    with transaction.atomic():
        locked = Spool.objects.select_for_update(of=("self",)).select_related("filament").get(pk=spool.pk)
        if Usage.objects.filter(spool=locked).exists():
            raise Refused(_("Spool #%(number)d was used. Archive it instead.") % {"number": locked.number})
        if locked.slot_id is not None:
            raise Refused(_("Spool #%(number)d is loaded. Unload it first.") % {"number": locked.number})
        record("spool.delete", locked, before=_told(locked))
        locked.delete()


def _sound(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` as they are kept: a location by its name, a tag in capitals."""
    fields = dict(fields)
    if "location" in fields:
        fields["location"] = locations.named(fields["location"])
    if "tag_uid" in fields:
        fields["tag_uid"] = rfid.tag_of(fields["tag_uid"])
    return fields


def _held(spool: Spool) -> Spool:
    held = Spool.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("filament", "slot__printer").get(pk=spool.pk)


def _told(spool: Spool) -> dict[str, Any]:
    return {name: str(spool.filament) if name == "filament" else getattr(spool, name) for name in EDITED}
