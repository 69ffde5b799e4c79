"""Taking filament off spools."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F

from .models import Spool, Usage

CENTIGRAM = Decimal("0.01")


def consume(
    spool: Spool, grams: Decimal, reference: str, *, print_id: UUID | None = None, note: str = ""
) -> Usage:
    """Take `grams` off `spool`, once for each `reference`.

    The sum is done in the database, so two prints ending together both count. A repeat with the same
    reference returns the first usage and takes nothing, whatever its grams.
    """
    # Rounded here, or Python and PostgreSQL round halves differently and the ledger drifts from its sum.
    grams = grams.quantize(CENTIGRAM)
    with transaction.atomic():
        usage, is_new = Usage.objects.get_or_create(
            reference=reference, defaults={"spool": spool, "grams": grams, "print_id": print_id, "note": note}
        )
        if is_new:
            Spool.objects.filter(pk=spool.pk).update(used_g=F("used_g") + grams)
    return usage
