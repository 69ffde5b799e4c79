"""Changing an organisation's settings."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.trail import record

from . import agenda
from .models import Org

SETTINGS = (
    "name", "time_zone", "currency", "auto_queue", "approval", "heat_at_once", "hold_after_failures",
    "working_hours", "fair_share", "semester_starts",
    "default_material", "default_color",
)  # fmt: skip
# What starts, the order of the queue and its forecast rest on.
OF_THE_QUEUE = frozenset(
    {"auto_queue", "heat_at_once", "time_zone", "working_hours", "fair_share", "semester_starts"}
)
# What is waited for by the clock on the wall.
BY_THE_CLOCK = ("alerts.hold_anew", "reports.set_times")


def change_settings(org: Org, values: Mapping[str, Any]) -> list[str]:
    """Store the checked `values` of SETTINGS; return the names of those that changed."""
    before = {name: getattr(org, name) for name in SETTINGS}
    changed = [name for name in SETTINGS if name in values and values[name] != before[name]]
    if changed:
        for name in changed:
            setattr(org, name, values[name])
        with transaction.atomic():
            org.save(update_fields=changed)  # type: ignore[no-untyped-call]
            if "time_zone" in changed:
                for task in BY_THE_CLOCK:
                    agenda.due_now(task)
            if OF_THE_QUEUE & set(changed):
                agenda.due_now("jobs.match")
            record("org.settings", org, before=before, after={name: getattr(org, name) for name in SETTINGS})
    return changed
