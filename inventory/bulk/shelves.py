"""Archiving and restoring many spools."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Values
from inventory import keeping
from inventory.models import Spool

CHANGED = gettext_lazy("It was changed since.")
ARCHIVED = gettext_lazy("It is archived. Restore it first.")


def in_use(spool: Spool) -> bool:
    return spool.archived_at is None


def put_away(spool: Spool) -> bool:
    return spool.archived_at is not None


def why_archived(spool: Spool) -> str:
    return str(ARCHIVED) if spool.archived_at else ""


def _not_archived(spool: Spool, values: Values | None) -> str:
    return _("It is archived already.") if spool.archived_at else ""


def _archive(spool: Spool, values: Values) -> Memory:
    keeping.archive(spool)
    return {}


def _unarchive(spool: Spool, memory: Memory) -> None:
    if spool.archived_at is None:
        raise Refused(str(CHANGED))
    keeping.restore(spool)


def _not_restored(spool: Spool, values: Values | None) -> str:
    return "" if spool.archived_at else _("It is not archived.")


def _restore(spool: Spool, values: Values) -> Memory:
    keeping.restore(spool)
    return {}


def _archive_again(spool: Spool, memory: Memory) -> None:
    # Whoever loaded it meanwhile wants it.
    if spool.archived_at is not None or spool.slot_id is not None:
        raise Refused(str(CHANGED))
    keeping.archive(spool)


ARCHIVE = BulkAction(
    label=gettext_lazy("Archive"),
    ask=gettext_lazy("Archive %(rows)s"),
    consequence=gettext_lazy(
        "Loaded ones leave their slots, also when this is taken back. Their ledgers stay."
    ),
    done=gettext_lazy("archived"),
    icon="archive",
    required="spool.edit",
    is_for=in_use,
    why_not=_not_archived,
    run=_archive,
    undo=_unarchive,
    destructive=True,
)
RESTORE = BulkAction(
    label=gettext_lazy("Restore"),
    ask=gettext_lazy("Restore %(rows)s"),
    consequence=gettext_lazy("They are on the shelf again."),
    done=gettext_lazy("restored"),
    icon="archive-restore",
    required="spool.edit",
    is_for=put_away,
    why_not=_not_restored,
    run=_restore,
    undo=_archive_again,
)
