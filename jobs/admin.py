"""Jobs in Django's admin: to look at only, for every move of a job has its rules."""

from django.contrib import admin

from odin_site.admin import ReadOnly, look_at, org_admin

from .models import Event, FailureReason, Job, Preset, Print
from .quotas.models import Quota, QuotaShare


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


look_at(org_admin, Event, "job", "state", "at", "by", "note")
look_at(org_admin, FailureReason, "name", "fault", "retired_at")
look_at(org_admin, Preset, "name", "owner", "copies", "target", search=["name"])
look_at(org_admin, Quota, "who", "person", "department", "measure", "amount", "span")
look_at(org_admin, QuotaShare, "job", "by", "department", "at", "grams", "seconds")
