"""Alerts in Django's admin: to look at only."""

from django.contrib import admin

from odin_site.admin import ReadOnly, look_at, org_admin

from .models import Alert, Delivery, Endpoint, Parcel, Preference, QuietHours, RoleDefault


@admin.register(Alert, site=org_admin)
class AlertAdmin(ReadOnly[Alert]):
    list_display = ("at", "kind", "severity", "title", "count", "resolved_at", "acknowledged_by")
    list_filter = ("kind", "severity")
    list_select_related = ("acknowledged_by",)
    search_fields = ("title", "detail")


# The address of a chat or a webhook often is its secret.
OF_ENDPOINTS = ["address", "secret"]
look_at(
    org_admin,
    Endpoint,
    "name",
    "channel",
    "user",
    "is_enabled",
    "last_sent_at",
    "last_error",
    hides=OF_ENDPOINTS,
)
look_at(
    org_admin, Parcel, "due_at", "channel", "user", "state", "attempts", "sent_at", "error", hides=["address"]
)
look_at(org_admin, Delivery, "alert", "channel", "user", "state", "not_before")
look_at(org_admin, Preference, "user", "kind", "channel", "is_wanted")
look_at(org_admin, RoleDefault, "role", "kind", "channel", "is_wanted")
look_at(org_admin, QuietHours, "user", "start", "end", "time_zone", "critical_passes")
