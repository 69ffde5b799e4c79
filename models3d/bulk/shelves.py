"""Archiving, restoring and deleting many models."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Values
from models3d import shelving
from models3d.models import Model3D

from .words import CHANGED, NOT_IN_TRASH, not_in_trash

Shelf = Model3D.Shelf


def _in_library(model: Model3D) -> bool:
    return model.shelf == Shelf.LIBRARY


def _put_away(model: Model3D) -> bool:
    return model.shelf != Shelf.LIBRARY


def _in_trash(model: Model3D) -> bool:
    return model.shelf == Shelf.TRASH


def _not_archived(model: Model3D, values: Values | None) -> str:
    if model.shelf == Shelf.TRASH:
        return str(NOT_IN_TRASH)
    return _("It is in the archive already.") if model.shelf == Shelf.ARCHIVE else ""


def _archive(model: Model3D, values: Values) -> Memory:
    shelving.archive(model)
    return {"shelf": Shelf.ARCHIVE.value}


def _unarchive(model: Model3D, memory: Memory) -> None:
    if model.shelf != Shelf.ARCHIVE:
        raise Refused(str(CHANGED))
    shelving.restore(model)


def _not_restored(model: Model3D, values: Values | None) -> str:
    return _("It is in the library already.") if model.shelf == Shelf.LIBRARY else ""


def _restore(model: Model3D, values: Values) -> Memory:
    was = model.shelf
    to = Shelf.ARCHIVE if was == Shelf.TRASH and model.archived_at else Shelf.LIBRARY
    shelving.restore(model)
    return {"from": was.value, "to": to.value}


def _shelve_again(model: Model3D, memory: Memory) -> None:
    if model.shelf != memory["to"]:
        raise Refused(str(CHANGED))
    shelving.delete(model) if memory["from"] == Shelf.TRASH else shelving.archive(model)


def _not_deleted(model: Model3D, values: Values | None) -> str:
    if model.shelf == Shelf.TRASH:
        return _("It is in the trash already.")
    if model.has_open_jobs:  # type: ignore[attr-defined]  # of with_jobs
        return _("A job of this model is waiting or printing. Cancel it first.")
    return ""


def _delete(model: Model3D, values: Values) -> Memory:
    shelving.delete(model)
    return {"shelf": Shelf.TRASH.value}


def _undelete(model: Model3D, memory: Memory) -> None:
    if model.shelf != Shelf.TRASH:
        raise Refused(str(CHANGED))
    shelving.restore(model)


def _not_purged(model: Model3D, values: Values | None) -> str:
    if model.shelf != Shelf.TRASH:
        return _("Only what is in the trash can be deleted for ever.")
    if model.has_jobs:  # type: ignore[attr-defined]  # of with_jobs
        return _("Jobs were printed from it, and keep their exact file.")
    return ""


def _purge(model: Model3D, values: Values) -> None:
    shelving.purge(model)


ARCHIVE = BulkAction(
    label=gettext_lazy("Archive"),
    ask=gettext_lazy("Archive %(rows)s"),
    consequence=gettext_lazy("They leave the library. Their jobs go on, and they can be restored."),
    done=gettext_lazy("archived"),
    icon="archive",
    required="model.upload",
    is_for=_in_library,
    why_not=_not_archived,
    run=_archive,
    undo=_unarchive,
)
RESTORE = BulkAction(
    label=gettext_lazy("Restore"),
    ask=gettext_lazy("Restore %(rows)s"),
    consequence=gettext_lazy("They go back to where they were."),
    done=gettext_lazy("restored"),
    icon="archive-restore",
    required="model.upload",
    is_for=_put_away,
    why_not=_not_restored,
    run=_restore,
    undo=_shelve_again,
)
DELETE = BulkAction(
    label=gettext_lazy("Delete"),
    ask=gettext_lazy("Put %(rows)s into the trash"),
    consequence=gettext_lazy("Their files and finished jobs stay, and they can be restored."),
    done=gettext_lazy("put into the trash"),
    icon="trash-2",
    required="model.upload",
    is_for=not_in_trash,
    why_not=_not_deleted,
    run=_delete,
    undo=_undelete,
    destructive=True,
)
PURGE = BulkAction(
    label=gettext_lazy("Delete for ever"),
    ask=gettext_lazy("Delete %(rows)s for ever"),
    consequence=gettext_lazy("All their revisions and files are gone then. This can't be taken back."),
    done=gettext_lazy("deleted for ever"),
    icon="trash-2",
    required="model.upload",
    is_for=_in_trash,
    why_not=_not_purged,
    run=_purge,
    destructive=True,
)
