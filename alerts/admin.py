"""Alerts in Django's admin: to look at only."""

from django.contrib import admin

from odin_site.admin import ReadOnly, org_admin

from .models import Alert


@admin.register(Alert, site=org_admin)
class AlertAdmin(ReadOnly[Alert]):
    list_display = ("at", "kind", "severity", "title", "count", "resolved_at", "acknowledged_by")
    list_filter = ("kind", "severity")
    list_select_related = ("acknowledged_by",)
    search_fields = ("title", "detail")
