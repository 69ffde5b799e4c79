"""Alerts as the API shows them, built by hand from plain rows."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from .models import Alert
from .targets import TARGETS

OF_ALERT = (
    "pk", "kind", "severity", "title", "detail", "count", "at", "last_at", "resolved_at", "acknowledged_at",
    "acknowledged_by__name", "is_unread", "target_type", "target_id",
)  # fmt: skip
Row = tuple[Any, ...]


def alert_rows(alerts: "QuerySet[Alert]") -> Any:
    """Visible alerts as the rows that `describe_alerts` takes."""
    return alerts.values_list(*OF_ALERT)


def describe_alerts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [_alert(dict(zip(OF_ALERT, row, strict=True))) for row in rows]


def _alert(row: dict[str, Any]) -> dict[str, Any]:
    target = TARGETS.get(row["target_type"])
    return {
        "id": row["pk"],
        "kind": row["kind"],
        "severity": row["severity"],
        "title": row["title"],
        "detail": row["detail"],
        "count": row["count"],
        "at": row["at"],
        "last_at": row["last_at"],
        "resolved_at": row["resolved_at"],
        "acknowledged_at": row["acknowledged_at"],
        "acknowledged_by": row["acknowledged_by__name"],
        "read": not row["is_unread"],
        "target": {"type": target.name, "id": row["target_id"]} if target and row["target_id"] else None,
    }
