"""The reasons for failures that an organisation chooses from."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit.trail import record

from .models import FailureReason

Fault = FailureReason.Fault
# What an organisation begins with, until it changes its list.
FIRST = (
    (gettext_noop("Came off the bed"), Fault.MACHINE),
    (gettext_noop("Spaghetti"), Fault.MACHINE),
    (gettext_noop("Clogged nozzle"), Fault.MACHINE),
    (gettext_noop("Layer shift"), Fault.MACHINE),
    (gettext_noop("Stringing"), Fault.MACHINE),
    (gettext_noop("Warping"), Fault.MACHINE),
    (gettext_noop("Filament ran out"), Fault.NOBODY),
    (gettext_noop("Filament tangled"), Fault.NOBODY),
    (gettext_noop("Power loss"), Fault.NOBODY),
    (gettext_noop("Firmware error"), Fault.MACHINE),
    (gettext_noop("Wrong file or settings"), Fault.PERSON),
    (gettext_noop("Cancelled by a person"), Fault.PERSON),
    (gettext_noop("Other"), Fault.NOBODY),
)


def all_reasons() -> "QuerySet[FailureReason]":
    """The list by name, retired ones last; an organisation that has none yet gets the first ones."""
    begin()
    return FailureReason.objects.order_by(F("retired_at").asc(nulls_first=True), "name")


def begin() -> None:
    """Give an organisation its first reasons. Two who come at once make them once: the names are unique."""
    if not FailureReason.objects.exists():
        made = [FailureReason(name=_(name), fault=fault) for name, fault in FIRST]
        FailureReason.objects.bulk_create(made, ignore_conflicts=True)


def in_use() -> "QuerySet[FailureReason]":
    """Those that may be chosen."""
    return all_reasons().filter(retired_at=None)


def add(name: str, fault: str) -> FailureReason:
    """A new reason; ValidationError for an empty name, or one that there is already."""
    reason = FailureReason(name=" ".join(name.split()), fault=fault)
    reason.clean_fields()
    begin()
    with transaction.atomic():
        _save(reason)
        record("reason.add", reason, after=_told(reason))
    return reason


def edit(reason: FailureReason, name: str, fault: str) -> None:
    """Call it otherwise or give the fault to another; prints that have it show it so from now on."""
    before = _told(reason)
    reason.name, reason.fault = " ".join(name.split()), fault
    reason.clean_fields()
    if before == _told(reason):
        return
    with transaction.atomic():
        _save(reason)
        record("reason.edit", reason, before=before, after=_told(reason))


def retire(reason: FailureReason) -> None:
    """No longer to be chosen; the last one in use stays, as something must be left to choose."""
    with transaction.atomic():
        active = FailureReason.objects.select_for_update().filter(retired_at=None)
        if {one.pk for one in active} <= {reason.pk}:
            raise ValidationError(_("This is the last reason. Add another one first."))
        if FailureReason.objects.filter(pk=reason.pk, retired_at=None).update(retired_at=timezone.now()):
            record("reason.retire", reason)


def bring_back(reason: FailureReason) -> None:
    with transaction.atomic():
        if FailureReason.objects.filter(pk=reason.pk).exclude(retired_at=None).update(retired_at=None):
            record("reason.restore", reason)


def _save(reason: FailureReason) -> None:
    try:
        with transaction.atomic():
            reason.save()
    except IntegrityError as error:
        words = _("There is a reason of this name already: change that one, or bring it back.")
        raise ValidationError({"name": words}) from error


def _told(reason: FailureReason) -> dict[str, str]:
    return {"name": reason.name, "fault": reason.fault}
