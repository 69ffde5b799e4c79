"""Filaments and spools as the API shows them, built by hand from plain rows: a list may have thousands."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from orgs.current import current_org

from .models import Filament, Spool, Usage

OF_SPOOL = (
    "pk", "number", "initial_g", "used_g", "cost", "lot", "location", "slot__printer_id", "slot__index",
    "opened_at", "archived_at", "notes", "external_id", "created_at",
    "filament_id", "filament__material", "filament__brand", "filament__name", "filament__color",
    "filament__color_name",
)  # fmt: skip
OF_FILAMENT = (
    "pk", "material", "brand", "name", "color", "color_name", "density", "diameter_mm", "price_per_kg",
    "created_at", "kept", "left",
)  # fmt: skip
OF_USAGE = ("pk", "at", "grams", "note", "reference", "print_id")
Row = tuple[Any, ...]


def spool_rows(spools: "QuerySet[Spool]") -> Any:
    """`spools` as the rows that `describe_spools` takes."""
    return spools.values_list(*OF_SPOOL)


def describe_spool(spool: UUID) -> dict[str, Any]:
    """One spool; it must exist in the current organisation."""
    return describe_spools(list(spool_rows(Spool.objects.filter(pk=spool))))[0]


def describe_spools(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Without any query of its own."""
    currency = current_org().currency
    return [_spool(row, currency) for row in rows]


def _spool(row: Row, currency: str) -> dict[str, Any]:
    (
        pk, number, initial_g, used_g, cost, lot, location, printer, slot, opened_at, archived_at, notes,
        external_id, created_at, filament, material, brand, name, color, color_name,
    ) = row  # fmt: skip
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
        "cost": str(cost),
        "currency": currency,
        "lot": lot,
        "location": location,
        "printer_id": printer,
        "slot": slot,
        "opened_at": opened_at,
        "archived_at": archived_at,
        "notes": notes,
        "external_id": external_id,
        "created_at": created_at,
    }


def filament_rows(filaments: "QuerySet[Filament]") -> Any:
    """`filaments` as the rows that `describe_filaments` takes: with their unarchived spools."""
    left = Greatest(Decimal(0), F("spools__initial_g") - F("spools__used_g"))
    kept = Q(spools__archived_at=None, spools__pk__isnull=False)
    return filaments.annotate(
        kept=Count("spools", filter=kept), left=Coalesce(Sum(left, filter=kept), Decimal(0))
    ).values_list(*OF_FILAMENT)


def describe_filament(filament: UUID) -> dict[str, Any]:
    """One filament; it must exist in the current organisation."""
    return describe_filaments(list(filament_rows(Filament.objects.filter(pk=filament))))[0]


def describe_filaments(rows: Sequence[Row]) -> list[dict[str, Any]]:
    currency = current_org().currency
    return [_filament(dict(zip(OF_FILAMENT, row, strict=True)), currency) for row in rows]


def _filament(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
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
        "spools": row["kept"],
        "grams_left": float(row["left"]),
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
            "note": note,
            "reference": reference,
            "print_id": print_id,
            "job_id": jobs.get(print_id),
        }
        for pk, at, grams, note, reference, print_id in rows
    ]
