"""Scheduled reports in Django's admin: to look at only."""

from odin_site.admin import look_at, org_admin

from .models import Recipient, Run, Schedule, Sending

look_at(org_admin, Schedule, "name", "kind", "every", "next_at", "paused_because", search=["name"])
look_at(org_admin, Recipient, "schedule", "email", "confirmed_at", "unsubscribed_at", search=["email"])
look_at(org_admin, Run, "name", "kind", "state", "at", "ended_at", "error", search=["name"])
look_at(org_admin, Sending, "run", "email", "state", "attempts", "step_at", "error", search=["email"])
