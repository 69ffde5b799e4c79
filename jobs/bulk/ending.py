"""Cancelling and deleting many jobs."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Values
from jobs import editing, stopping
from jobs.models import Job

from .words import is_open, is_over, why_over


def _cancel(job: Job, values: Values) -> None:
    stopping.cancel(job)


def _why_not_deleted(job: Job, values: Values | None) -> str:
    return "" if is_over(job) else _("It is not over. Cancel it first.")


def _delete(job: Job, values: Values) -> None:
    editing.delete(job)


# Not an edit of a row: it gives up attempts to start, each of them a transaction that locks a station, and
# none of it may be lost with the power.
CANCEL = BulkAction(
    label=gettext_lazy("Cancel"),
    ask=gettext_lazy("Cancel %(rows)s"),
    consequence=gettext_lazy("What prints is stopped at the printer, and its plate must be cleared."),
    done=gettext_lazy("cancelled"),
    icon="ban",
    required="job.cancel",
    is_for=is_open,
    why_not=why_over,
    run=_cancel,
    destructive=True,
    touches_machines=True,
)
DELETE = BulkAction(
    label=gettext_lazy("Delete"),
    ask=gettext_lazy("Delete %(rows)s"),
    consequence=gettext_lazy(
        "Their history goes too. What they used and cost stays in the ledgers. This can't be taken back."
    ),
    done=gettext_lazy("deleted"),
    icon="trash-2",
    required="job.manage",
    is_for=is_over,
    why_not=_why_not_deleted,
    run=_delete,
    destructive=True,
)
