"""What each side of a borrowed print keeps in its own schema."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from printers.models import Printer

if TYPE_CHECKING:
    from jobs.models import Job  # noqa: F401


class GuestPrint(models.Model):
    """In the owner's schema: another organisation's print on a printer of ours, without its file or people.

    `filaments` say which spool of ours served it: [{"index", "material", "slot", "spool_id"}].
    """

    class Outcome(models.TextChoices):
        PRINTING = "printing", _("printing")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dispatch_id = models.UUIDField(unique=True)
    printer = models.ForeignKey(Printer, models.SET_NULL, null=True, related_name="guest_prints")
    printer_name = models.CharField(max_length=80)
    borrower_id = models.UUIDField()
    borrower_name = models.CharField(max_length=120)
    size = models.BigIntegerField()
    material = models.CharField(max_length=200, blank=True)
    estimate_s = models.PositiveIntegerField(null=True)
    filaments = models.JSONField(default=list)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.PRINTING)
    began_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    printed_s = models.PositiveIntegerField(null=True)
    grams = models.DecimalField(max_digits=9, decimal_places=2, null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["printer", "-began_at"], name="jobs_guestprint_of_printer")
        ]

    def __str__(self) -> str:
        return f"{self.printer_name}: {self.borrower_name}"


class LedgerLine(models.Model):
    """What a borrowed print earned (above 0, the owner's) or cost (below 0, the borrower's), in the owner's
    currency. The other side has the line of the same charge with the opposite sign. `job` is the borrower's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    charge_id = models.UUIDField(unique=True)
    dispatch_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10)
    other_id = models.UUIDField()
    other_name = models.CharField(max_length=120)
    printer_name = models.CharField(max_length=80)
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, related_name="ledger")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    grams = models.DecimalField(max_digits=9, decimal_places=2, default=Decimal(0))
    seconds = models.IntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-at"], name="jobs_ledgerline_at")]

    def __str__(self) -> str:
        return f"{self.other_name}: {self.amount} {self.currency}"
