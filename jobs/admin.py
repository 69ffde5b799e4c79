"""Jobs in Django's admin: to look at only, for every move of a job has its rules."""

from django.contrib import admin

from odin_site.admin import ReadOnly, org_admin

from .models import Job, Print


@admin.register(Job, site=org_admin)
class JobAdmin(ReadOnly[Job]):
    list_display = ("number", "name", "state", "copies", "copies_done", "by")
    list_filter = ("state",)
    list_select_related = ("by",)
    search_fields = ("name",)


@admin.register(Print, site=org_admin)
class PrintAdmin(ReadOnly[Print]):
    list_display = ("job", "copy", "state", "printer_name", "started_at", "ended_at", "grams")
    list_filter = ("state",)
    list_select_related = ("job",)
    search_fields = ("job__name", "printer_name")
