"""Alerts as messages tell them: read from the database, with addresses and the reader's clock."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from orgs.addresses import org_url, whole
from orgs.current import current_org

from .digest import Letterhead, Told, isolated, one_line
from .models import Alert
from .targets import TARGETS


def letterhead(zone: ZoneInfo) -> Letterhead:
    org = current_org()
    url = whole(org_url(org, "alerts:list"))
    return Letterhead(org.name, org.slug or "", url, org.language, zone, org.accent, org.logo)


def told_of(alerts: Iterable[Alert], zone: ZoneInfo) -> list[Told]:
    """With `acknowledged_by` fetched, no query."""
    return [
        Told(
            kind=alert.kind,
            severity=alert.severity,
            title=alert.title,
            detail=alert.detail,
            at=alert.at,
            last_at=alert.last_at,
            count=alert.count,
            thing=f"{alert.target_type}:{alert.target_id}" if alert.target_id else "",
            url=_url(alert.target_type, alert.target_id),
            over=_over(alert, zone),
        )
        for alert in alerts
    ]


def _over(alert: Alert, zone: ZoneInfo) -> str:
    if alert.resolved_at:
        return _("Over since %(time)s.") % {"time": _clock(alert.resolved_at, zone)}
    if alert.acknowledged_at:
        time = _clock(alert.acknowledged_at, zone)
        if alert.acknowledged_by is None:
            return _("Acknowledged at %(time)s.") % {"time": time}
        person = isolated(one_line(str(alert.acknowledged_by)))
        return _("Acknowledged by %(person)s at %(time)s.") % {"person": person, "time": time}
    return ""


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return formats.time_format(at.astimezone(zone), "H:i")


def _url(target_type: str, target_id: UUID | None) -> str:
    """The page of what an alert is about, else that of all alerts."""
    org = current_org()
    target = TARGETS.get(target_type)
    if target is None or target_id is None:
        return whole(org_url(org, "alerts:list"))
    return whole(org_url(org, target.page, target_id))
