"""What the dashboard shows beside the fleet: the head of the queue, the latest alerts, today's figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from alerts.kinds import PERSONAL, Channel
from alerts.models import Alert
from jobs.models import Job, Print
from jobs.order import QUEUE_ORDER
from jobs.states import JobState, PrintState
from orgs.models import Membership
from printers.models import Printer
from printers.visible import visible_printers

QUEUE_HEAD, LATEST_ALERTS = 6, 6
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Today:
    """Prints that ended since midnight in the organisation's zone; `cost` is all that they are charged."""

    done: int
    failed: int
    grams: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Panels:
    queue: Sequence[Job]
    queued: int
    alerts: Sequence[Alert]
    today: Today


def panels(membership: Membership, *, sees_all: bool) -> Panels:
    """Four queries. Who does not run the farm sees their own jobs and alerts only."""
    jobs = Job.objects.filter(state=JobState.QUEUED)
    alerts = Alert.objects.filter(resolved_at=None, acknowledged_at=None)
    if sees_all:
        # All who run the farm share these.
        alerts = alerts.exclude(kind__in=PERSONAL)
    else:
        jobs = jobs.filter(by=membership.user_id)
        alerts = alerts.filter(deliveries__user=membership.user_id, deliveries__channel=Channel.APP)
    first = jobs.order_by(*QUEUE_ORDER)
    head = list(first.defer("filaments", "notes")[:QUEUE_HEAD])
    day = today(timezone.now(), visible_printers(membership) if membership.limited_to is not None else None)
    queued = len(head) if len(head) < QUEUE_HEAD else jobs.count()
    return Panels(head, queued, list(alerts.order_by("-last_at")[:LATEST_ALERTS]), day)


def today(now: datetime, only: "QuerySet[Printer] | None" = None) -> Today:
    """Of all printers, or of `only` these."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    ended = Print.objects.filter(ended_at__gte=midnight)
    if only is not None:
        ended = ended.filter(printer__in=only.values("pk"))
    sums = ended.aggregate(
        done=Count("pk", filter=Q(state=PrintState.COMPLETED)),
        failed=Count("pk", filter=Q(state=PrintState.FAILED)),
        grams=Coalesce(Sum("grams"), NOTHING),
        material=Coalesce(Sum("material_cost"), NOTHING),
        machine=Coalesce(Sum("machine_cost"), NOTHING),
        energy=Coalesce(Sum("energy_cost"), NOTHING),
        extra=Coalesce(Sum("extra_cost"), NOTHING),
    )
    cost = sums["material"] + sums["machine"] + sums["energy"] + sums["extra"]
    return Today(sums["done"], sums["failed"], sums["grams"], cost)
