"""What amounts of money an organisation has, for whoever wants to change its currency."""

from dataclasses import dataclass

from django.db.models import Q

from inventory.models import Filament, Spool
from maintenance.models import LogEntry
from orgs.current import current_org
from printers.models import Printer
from stations.models import Offer

from .models import ChargeLine, Job, Print, RateCard


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many: `spent` has been told to people in the currency, `prices` are counted with from now on."""

    spent: int
    prices: int


def amounts() -> Amounts:
    """Of the organisation in use."""
    spent = (
        Print.objects.filter(Q(material_cost__gt=0) | Q(machine_cost__gt=0)).count()
        + Job.objects.filter(cost__gt=0).count()
        + LogEntry.objects.filter(cost__gt=0).count()
        + ChargeLine.objects.exclude(amount=0).count()
    )
    prices = (
        Filament.objects.filter(price_per_kg__gt=0).count()
        + Spool.objects.filter(cost__gt=0).count()
        + Printer.objects.filter(rate_per_hour__gt=0).count()
        + RateCard.objects.count()
        + Offer.objects.by(current_org()).filter(Q(per_hour__gt=0) | Q(per_gram__gt=0)).count()
    )
    return Amounts(spent, prices)
