"""Maintenance in Django's admin: to look at only, as each change there is goes with others."""

from django.contrib import admin

from odin_site.admin import ReadOnly, look_at, org_admin

from .models import ForeignPrint, LogEntry, Meter, Task, TaskTemplate


@admin.register(TaskTemplate, site=org_admin)
class TaskTemplateAdmin(ReadOnly[TaskTemplate]):
    list_display = ("name", "model", "every_hours", "every_days", "holds")
    search_fields = ("name", "model")


@admin.register(Task, site=org_admin)
class TaskAdmin(ReadOnly[Task]):
    list_display = ("name", "printer", "every_hours", "every_days", "holds", "since_on")
    list_select_related = ("printer",)
    search_fields = ("name", "printer__name")


@admin.register(LogEntry, site=org_admin)
class LogEntryAdmin(ReadOnly[LogEntry]):
    list_display = ("at", "printer_name", "what", "by", "cost")
    list_select_related = ("by",)
    search_fields = ("printer_name", "what", "note")


look_at(org_admin, Meter, "printer", "printed_s", "nozzle_since_s", "nozzle_fitted_at")
look_at(org_admin, ForeignPrint, "printer", "since", "ended_at", "counted_s")
