"""The machines and the attempts to start on them, in Django's admin: to look at only."""

from django.contrib import admin

from odin_site.admin import ReadOnly, platform_admin

from .models import Dispatch, Station


@admin.register(Station, site=platform_admin)
class StationAdmin(ReadOnly[Station]):
    list_display = ("name", "owner", "protocol", "enabled", "plate", "hold", "deleted_at")
    list_filter = ("protocol", "plate", "enabled")
    list_select_related = ("owner", "hold")
    search_fields = ("name", "machine_key")


@admin.register(Dispatch, site=platform_admin)
class DispatchAdmin(ReadOnly[Dispatch]):
    list_display = ("id", "station", "org", "state", "attempt", "step_at", "by_hand", "note")
    list_filter = ("state", "by_hand")
    list_select_related = ("station", "org")
    search_fields = ("remote_name", "station__name")
