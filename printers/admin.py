"""Printers in Django's admin. How to reach one is changed on its page, which tries the connection."""

from django.contrib import admin

from odin_site.admin import Audited, ReadOnly, look_at, org_admin

from .models import Printer, Reading, SavedView, Slot, Stretch, Tag


@admin.register(Printer, site=org_admin)
class PrinterAdmin(Audited[Printer]):
    list_display = ("name", "protocol", "model", "address", "enabled", "auto_queue", "location")
    list_filter = ("protocol", "enabled", "auto_queue")
    search_fields = ("name", "model", "location")
    fields = (
        "name",
        "protocol",
        "model",
        "address",
        "serial",
        "location",
        "rate_per_hour",
        "notes",
        "created_at",
    )
    readonly_fields = ("name", "protocol", "model", "address", "serial", "created_at")

    def has_add_permission(self, request: object) -> bool:
        return False


@admin.register(Slot, site=org_admin)
class SlotAdmin(ReadOnly[Slot]):
    list_display = ("printer", "index", "material", "color")
    list_select_related = ("printer",)


@admin.register(Tag, site=org_admin)
class TagAdmin(Audited[Tag]):
    search_fields = ("name",)


look_at(org_admin, SavedView, "name", "user", "query", "opens")
look_at(org_admin, Stretch, "printer", "state", "since", "until")
look_at(org_admin, Reading, "printer", "at", "nozzle_c", "bed_c", "progress")
