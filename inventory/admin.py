"""Filament in Django's admin. What was taken off a spool is a ledger, to look at only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from odin_site.admin import Audited, ReadOnly, look_at, org_admin

from .locations import named
from .models import Drying, DryingRule, Filament, Location, Reel, Spool, SpoolImport, SpoolTag, Usage


@admin.register(Filament, site=org_admin)
class FilamentAdmin(Audited[Filament]):
    list_display = ("material", "brand", "name", "color_name", "price_per_kg")
    list_filter = ("material",)
    search_fields = ("material", "brand", "name", "color_name")


@admin.register(Spool, site=org_admin)
class SpoolAdmin(Audited[Spool]):
    list_display = ("number", "filament", "initial_g", "used_g", "location", "archived_at")
    list_select_related = ("filament",)
    search_fields = ("=number", "lot", "location")
    fields = (
        "number", "filament", "initial_g", "used_g", "cost", "reel_g", "supplier", "lot", "location", "notes",
    )  # fmt: skip
    readonly_fields = ("number", "used_g")

    def save_model(self, request: HttpRequest, obj: Spool, form: Any, change: bool) -> None:
        obj.location = named(obj.location)
        super().save_model(request, obj, form, change)

    def get_fields(self, request: HttpRequest, obj: Spool | None = None) -> Any:
        # A new spool gets its number from the database when it is saved.
        return [name for name in self.fields or () if obj is not None or name != "number"]


@admin.register(Usage, site=org_admin)
class UsageAdmin(ReadOnly[Usage]):
    list_display = ("at", "spool", "grams", "kind", "note", "reference")
    list_select_related = ("spool__filament",)
    search_fields = ("reference", "note")


look_at(org_admin, Location, "name", "is_dry_box", "humidity_percent", search=["name"])
look_at(org_admin, Drying, "spool", "at", "temperature_c", "hours", "by")
look_at(org_admin, DryingRule, "material", "temperature_c", "hours", "valid_days")
look_at(org_admin, Reel, "brand", "name", "grams", search=["brand", "name"])
look_at(org_admin, SpoolTag, "name", "hue")
look_at(org_admin, SpoolImport, "name", "source", "by", "created_at", "done_at")
