"""What can be done to many alerts at once."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.trail import actor
from bulk.actions import BulkAction, Kind, Memory, Refused, Values
from orgs.models import Membership

from .models import Alert
from .reading import acknowledge, reopen, visible_alerts


def _is_open(alert: Alert) -> bool:
    return alert.is_open


def _not_open(alert: Alert, values: Values | None) -> str:
    if alert.resolved_at:
        return _("It is resolved.")
    return _("It is acknowledged already.") if alert.acknowledged_at else ""


def _acknowledge(alert: Alert, values: Values) -> Memory | None:
    person = actor().id
    if person is None or not acknowledge(Alert.objects.filter(pk=alert.pk), person):
        raise Refused(_("It is not open any more."))
    return {}


def _reopen(alert: Alert, memory: Memory) -> None:
    if not reopen(alert):
        raise Refused(_("It is resolved by now, or has come again."))


ACKNOWLEDGE = BulkAction(
    label=gettext_lazy("Acknowledge"),
    ask=gettext_lazy("Acknowledge %(rows)s"),
    done=gettext_lazy("acknowledged"),
    icon="check",
    required="alert.edit",
    is_for=_is_open,
    why_not=_not_open,
    run=_acknowledge,
    undo=_reopen,
)


def rows_for(membership: Membership) -> "QuerySet[Alert]":
    return visible_alerts(membership).select_related("acknowledged_by")


def counted(number: int) -> str:
    return ngettext("%(number)d alert", "%(number)d alerts", number) % {"number": number}


ALERTS = Kind(
    model=Alert,
    view="alert.view",
    place="alerts:list",
    counted=counted,
    rows=rows_for,
    actions={"acknowledge": ACKNOWLEDGE},
)
KINDS = {"alert": ALERTS}
