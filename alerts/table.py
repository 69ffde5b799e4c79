"""The list of alerts: its columns and filters."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ui.tables import Column, Filter, Table

from .kinds import Kind, Severity
from .models import OPEN, Alert

STATES = {
    "open": Q(**OPEN),
    "unread": Q(is_unread=True),
    "acknowledged": Q(acknowledged_at__isnull=False),
    "resolved": Q(resolved_at__isnull=False),
}


class AlertTable(Table[Alert]):
    id = "alerts"
    columns = (
        Column("alert", _("Alert")),
        Column("severity", _("Severity"), sort="severity"),
        Column("about", _("About")),
        Column("times", _("Times"), sort="count", kind="number extra"),
        Column("last", _("Last"), sort="last_at"),
        Column("state", _("State")),
    )
    filters = (
        Filter(
            "state",
            _("State"),
            [
                ("open", _("open")),
                ("unread", _("unread by me")),
                ("acknowledged", _("acknowledged")),
                ("resolved", _("resolved")),
            ],
            lambda value: STATES[value],
        ),
        Filter("kind", _("Kind"), Kind.choices),
        Filter("severity", _("Severity"), Severity.choices),
    )
    search = ("title", "detail")
    order = ("-last_at",)
