"""The machines, attempts to start on them, offers and charges, in Django's admin: to look at only."""

from django.contrib import admin

from odin_site.admin import ReadOnly, look_at, platform_admin

from .models import Charge, Dispatch, Offer, OfferOrg, Station


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


@admin.register(Offer, site=platform_admin)
class OfferAdmin(ReadOnly[Offer]):
    list_display = ("station", "state", "version", "to_all", "per_hour", "per_gram", "changed_at")
    list_filter = ("state", "to_all")
    list_select_related = ("station",)
    search_fields = ("station__name",)


@admin.register(Charge, site=platform_admin)
class ChargeAdmin(ReadOnly[Charge]):
    list_display = ("dispatch", "kind", "number", "amount", "currency", "grams", "seconds", "at")
    list_filter = ("kind", "currency")
    list_select_related = ("dispatch",)


look_at(platform_admin, OfferOrg, "offer", "org", "most_grams", "prints_per_week", "hours_per_week")
