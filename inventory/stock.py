"""What is on the shelf, loaded, nearly empty or put away, as conditions of a query."""

from decimal import Decimal

from django.db.models import DecimalField, F, Q, QuerySet, Value
from django.db.models.functions import Greatest

from .models import LOW_SHARE, Spool

ARCHIVED = Q(archived_at__isnull=False)
LOADED = Q(archived_at=None, slot__isnull=False)
FREE = Q(archived_at=None, slot=None)
LOW = Q(archived_at=None, used_g__gt=F("initial_g") * (1 - LOW_SHARE))

STANDS = {"loaded": LOADED, "free": FREE, "low": LOW, "archived": ARCHIVED}


def with_left(spools: "QuerySet[Spool]") -> "QuerySet[Spool]":
    """`spools` with `grams_left`, to sort by; never below zero."""
    zero = Value(Decimal(0), DecimalField(max_digits=9, decimal_places=2))
    return spools.annotate(grams_left=Greatest(zero, F("initial_g") - F("used_g")))
