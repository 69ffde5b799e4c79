"""Jobs in Django's admin: to look at only, for every move of a job has its rules."""

from django.contrib import admin

from odin_site.admin import ReadOnly, look_at, org_admin

from .models import (
    ChargeLine,
    Event,
    FailureReason,
    GuestPrint,
    Job,
    LedgerLine,
    MonthClose,
    Preset,
    Print,
    RateCard,
)
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
look_at(org_admin, RateCard, "valid_from", "currency", "per_hour", "per_kwh", "policy", "note")
look_at(
    org_admin, ChargeLine, "day", "kind", "amount", "currency", "department_name", "job_name", "reason", "by"
)
look_at(org_admin, MonthClose, "month", "at", "by")
look_at(
    org_admin,
    GuestPrint,
    "printer_name",
    "borrower_name",
    "outcome",
    "material",
    "began_at",
    "ended_at",
    "grams",
)
look_at(org_admin, LedgerLine, "at", "kind", "other_name", "printer_name", "amount", "currency", "note")
