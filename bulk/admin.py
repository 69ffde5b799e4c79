"""Bulk runs in Django's admin: to look at only."""

from django.contrib import admin

from odin_site.admin import ReadOnly, look_at, org_admin

from .models import Item, Run


@admin.register(Run, site=org_admin)
class RunAdmin(ReadOnly[Run]):
    list_display = ("at", "model", "action", "by", "ended_at")
    list_filter = ("model", "action")
    list_select_related = ("by",)


look_at(org_admin, Item, "run", "name", "state", "reason", search=["name"])
