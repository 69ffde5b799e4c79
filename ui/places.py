"""The places of the app: side bar, phone bar, palette and `g` keys are made from this one list."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Place:
    """`key` is the letter after g; `action` the least one a member must be allowed (see orgs/roles.py)."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    action: str
    is_daily: bool = True
    is_on_phones: bool = False


PLACES = (
    Place("d", _("Dashboard"), "gauge", "reports:dashboard", "report.view", is_on_phones=True),
    Place("p", _("Printers"), "printer", "printers:list", "printer.view", is_on_phones=True),
    Place("q", _("Queue"), "list-ordered", "jobs:list", "job.view", is_on_phones=True),
    Place("m", _("Models"), "box", "models:list", "model.view", is_on_phones=True),
    Place("f", _("Filament"), "disc-3", "spools:list", "spool.view"),
    Place("w", _("Maintenance"), "wrench", "maintenance:list", "maintenance.view"),
    Place("a", _("Alerts"), "bell", "alerts:list", "alert.view"),
    Place("r", _("Reports"), "chart-no-axes-combined", "reports:list", "report.view"),
    Place("t", _("Quotas"), "chart-pie", "quotas:list", "job.view", is_daily=False),
    Place("l", _("Lending"), "handshake", "lending:list", "lending.view", is_daily=False),
    Place("c", _("Chargebacks"), "receipt-text", "charges:month", "charge.view", is_daily=False),
    Place("e", _("Members"), "users", "orgs:members", "member.manage", is_daily=False),
    Place("u", _("Audit"), "scroll-text", "audit:list", "audit.view", is_daily=False),
    Place("s", _("Settings"), "settings", "orgs:settings", "org.settings", is_daily=False),
)
