"""Filaments and spools as the API shows them, built by hand from plain rows: a list may have thousands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from orgs.current import current_org

from .drying.due import standing
from .drying.reckoning import Rules
from .models import Filament, Spool, Usage
from .stock import days_of, used_per_day, with_stock

OF_SPOOL = (
    "pk", "number", "initial_g", "used_g", "left_source", "reel_g", "tag_uid", "cost", "supplier", "lot",
    "location", "slot__printer_id", "slot__index",
    "opened_at", "dried_at", "archived_at", "notes", "external_id", "created_at",
    "filament_id", "filament__material", "filament__brand", "filament__name", "filament__color",
    "filament__color_name",
)  # fmt: skip
OF_FILAMENT = (
    "pk", "material", "brand", "name", "color", "color_name", "density", "diameter_mm", "price_per_kg",
    "nozzle_c", "bed_c", "low_g", "reorder_url", "created_at", "kept", "left_g",
)  # fmt: skip
OF_USAGE = ("pk", "at", "grams", "kind", "extruder", "note", "reference", "print_id")
Row = tuple[Any, ...]


def spool_rows(spools: "QuerySet[Spool]") -> Any:
    """`spools` as the rows that `describe_spools` takes."""
    return spools.values_list(*OF_SPOOL)


def describe_spool(spool: UUID) -> dict[str, Any]:
    """One spool; it must exist in the current organisation."""
    return describe_spools(list(spool_rows(Spool.objects.filter(pk=spool))))[0]


def describe_spools(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """With two queries however many: the rules of drying, and the tags."""
    currency, rules, now = current_org().currency, Rules(), timezone.now()
    tags = _tags([row[0] for row in rows])
    return [_spool(row, currency, rules, now) | {"tags": tags.get(row[0], [])} for row in rows]


def _tags(spools: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = Spool.tags.through.objects.filter(spool__in=spools).order_by("spooltag__name")
    for spool, name in rows.values_list("spool_id", "spooltag__name"):
        found.setdefault(spool, []).append(name)
    return found


def _spool(row: Row, currency: str, rules: Rules, now: datetime) -> dict[str, Any]:
    (
        pk, number, initial_g, used_g, left_source, reel_g, tag_uid, cost, supplier, lot, location, printer,
        slot, opened_at, dried_at, archived_at, notes, external_id, created_at, filament, material, brand,
        name, color, color_name,
    ) = row  # fmt: skip
    is_boxed = printer is None and rules.is_boxed(None, location)
    drying = standing(rules.of(material), opened_at, dried_at, now, is_boxed=is_boxed)
    initial, used = float(initial_g), float(used_g)
    return {
        "id": pk,
        "number": number,
        "filament": {
            "id": filament,
            "material": material,
            "brand": brand,
            "name": name,
            "color": color,
            "color_name": color_name,
        },
        "initial_g": initial,
        "used_g": used,
        "grams_left": round(initial - used, 2) if used < initial else 0.0,
        "left_source": left_source,
        "reel_g": None if reel_g is None else float(reel_g),
        "tag_uid": tag_uid,
        "cost": str(cost),
        "currency": currency,
        "supplier": supplier,
        "lot": lot,
        "location": location,
        "printer_id": printer,
        "slot": slot,
        "opened_at": opened_at,
        "dried_at": dried_at,
        "dry_until": drying.until,
        "needs_drying": drying.is_due and archived_at is None,
        "archived_at": archived_at,
        "notes": notes,
        "external_id": external_id,
        "created_at": created_at,
    }


def filament_rows(filaments: "QuerySet[Filament]") -> Any:
    """`filaments` as the rows that `describe_filaments` takes: with their unarchived spools."""
    return with_stock(filaments).values_list(*OF_FILAMENT)


def describe_filament(filament: UUID) -> dict[str, Any]:
    """One filament; it must exist in the current organisation."""
    return describe_filaments(list(filament_rows(Filament.objects.filter(pk=filament))))[0]


def describe_filaments(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """With one query of their own, for what is used of them."""
    currency = current_org().currency
    named = [dict(zip(OF_FILAMENT, row, strict=True)) for row in rows]
    rates = used_per_day([row["pk"] for row in named]) if named else {}
    return [_filament(row, rates.get(row["pk"], Decimal(0)), currency) for row in named]


def _filament(row: Mapping[str, Any], per_day_g: Decimal, currency: str) -> dict[str, Any]:
    days = days_of(row["left_g"], per_day_g)
    return {
        "id": row["pk"],
        "material": row["material"],
        "brand": row["brand"],
        "name": row["name"],
        "color": row["color"],
        "color_name": row["color_name"],
        "density": float(row["density"]),
        "diameter_mm": float(row["diameter_mm"]),
        "price_per_kg": str(row["price_per_kg"]),
        "currency": currency,
        "nozzle_c": row["nozzle_c"],
        "bed_c": row["bed_c"],
        "low_g": None if row["low_g"] is None else float(row["low_g"]),
        "reorder_url": row["reorder_url"],
        "spools": row["kept"],
        "grams_left": float(row["left_g"]),
        "grams_per_day": round(float(per_day_g), 2),
        "days_left": None if days is None else round(float(days), 1),
        "is_low": row["low_g"] is not None and row["left_g"] < row["low_g"],
        "created_at": row["created_at"],
    }


def usage_rows(usages: "QuerySet[Usage]") -> Any:
    """`usages` as the rows that `describe_usages` takes."""
    return usages.values_list(*OF_USAGE)


def describe_usages(rows: Sequence[Row], jobs: Mapping[UUID, UUID]) -> list[dict[str, Any]]:
    """`jobs` are the jobs of the prints, as far as the asker may see them."""
    return [
        {
            "id": pk,
            "at": at,
            "grams": float(grams),
            "kind": kind,
            "extruder": extruder,
            "note": note,
            "reference": reference,
            "print_id": print_id,
            "job_id": jobs.get(print_id),
        }
        for pk, at, grams, kind, extruder, note, reference, print_id in rows
    ]
