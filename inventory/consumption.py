"""Taking filament off spools."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Value, When

from .models import Spool, Usage

CENTIGRAM = Decimal("0.01")
Source = Spool.Source
# What the grams left rest on after a line of each kind; what was estimated once stays so until it is weighed.
COUNTED = Case(When(left_source=Source.ESTIMATED, then=F("left_source")), default=Value(Source.PRINTED))
SOURCES = {
    Usage.Kind.MEASURED: COUNTED,
    Usage.Kind.SLICED: COUNTED,
    Usage.Kind.ESTIMATED: Value(Source.ESTIMATED),
    Usage.Kind.BEFORE: Value(Source.ESTIMATED),
    Usage.Kind.IMPORTED: Value(Source.ESTIMATED),
    Usage.Kind.WEIGHED: Value(Source.WEIGHED),
}


def consume(
    spool: Spool,
    grams: Decimal,
    reference: str,
    *,
    kind: Usage.Kind = Usage.Kind.SLICED,
    extruder: int | None = None,
    print_id: UUID | None = None,
    note: str = "",
) -> Usage:
    """Take `grams` off `spool`, once for each `reference`; `kind` says how they are known.

    The sum is done in the database, so two prints ending together both count. A repeat with the same
    reference returns the first usage and takes nothing, whatever its grams.
    """
    # Rounded here, or Python and PostgreSQL round halves differently and the ledger drifts from its sum.
    grams = grams.quantize(CENTIGRAM)
    with transaction.atomic():
        fields = {
            "spool": spool, "grams": grams, "kind": kind, "extruder": extruder, "print_id": print_id,
            "note": note,
        }  # fmt: skip
        usage, is_new = Usage.objects.get_or_create(reference=reference, defaults=fields)
        if is_new:
            source = SOURCES[kind]
            Spool.objects.filter(pk=spool.pk).update(used_g=F("used_g") + grams, left_source=source)
    return usage
