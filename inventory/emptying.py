"""A spool that ran out."""

from decimal import Decimal

from django.db import transaction

from .keeping import archive
from .models import Spool
from .weighing import weigh


def mark_empty(spool: Spool) -> None:
    """Nothing is left on it: a line in its ledger says so, it leaves its slot and is archived."""
    with transaction.atomic():
        if spool.archived_at is None:
            weigh(spool, Decimal(0))
            archive(spool)
