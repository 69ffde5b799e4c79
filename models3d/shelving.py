"""Where models lie: collections, the archive and the trash. Each change is one audited transaction."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import record

from .models import Collection, Model3D
from .naming import LONGEST_COLLECTION, clean_text


class CannotShelve(Exception):
    """Something still needs the model where it is, or it is elsewhere already; the message says what."""


def move(model: Model3D, collection: Collection | None) -> Collection | None:
    """Put the model into `collection`, or out of any; return where it was."""
    with transaction.atomic():
        locked = _locked(model)
        before = locked.collection
        if before != collection:
            locked.collection = collection
            locked.save(update_fields=["collection"])
            record(
                "model.move",
                locked,
                before={"collection": before.name if before else ""},
                after={"collection": collection.name if collection else ""},
            )
    return before


def archive(model: Model3D) -> None:
    """Take the model out of the way; its jobs go on. CannotShelve if it is not in the library."""
    with transaction.atomic():
        locked = _locked(model)
        if locked.shelf != Model3D.Shelf.LIBRARY:
            raise CannotShelve(_("It is not in the library."))
        locked.archived_at = timezone.now()
        locked.save(update_fields=["archived_at"])
        record("model.archive", locked)


def delete(model: Model3D) -> None:
    """Put the model into the trash; files and finished jobs stay. CannotShelve while a job is open."""
    with transaction.atomic():
        locked = _locked(model)
        if locked.shelf == Model3D.Shelf.TRASH:
            raise CannotShelve(_("It is in the trash already."))
        if locked.revisions.filter(jobs__isnull=False, jobs__ended_at=None).exists():
            raise CannotShelve(_("A job of this model is waiting or printing. Cancel it first."))
        locked.deleted_at = timezone.now()
        locked.save(update_fields=["deleted_at"])
        record("model.delete", locked, before={"name": locked.name})


def restore(model: Model3D) -> None:
    """Bring the model back from the trash to where it was, or from the archive into the library."""
    with transaction.atomic():
        locked = _locked(model)
        shelf = locked.shelf
        if shelf == Model3D.Shelf.LIBRARY:
            raise CannotShelve(_("It is in the library already."))
        if shelf == Model3D.Shelf.TRASH:
            locked.deleted_at = None
        else:
            locked.archived_at = None
        locked.save(update_fields=["deleted_at", "archived_at"])
        record("model.restore", locked, before={"shelf": shelf}, after={"shelf": locked.shelf})


def purge(model: Model3D) -> None:
    """Delete a model in the trash for ever, with all revisions. CannotShelve if jobs were printed from it.

    Its bytes go with the next clean-up, unless another model has the same.
    """
    with transaction.atomic():
        locked = _locked(model)
        if locked.shelf != Model3D.Shelf.TRASH:
            raise CannotShelve(_("Only what is in the trash can be deleted for ever."))
        if locked.revisions.filter(jobs__isnull=False).exists():
            raise CannotShelve(_("Jobs were printed from it, and keep their exact file."))
        record("model.purge", locked, before={"name": locked.name})
        locked.delete()


def collection_named(name: str) -> Collection | None:
    """The collection of that name, made if there is none yet; None for an empty name."""
    bare = clean_text(name)[:LONGEST_COLLECTION].strip()
    if not bare:
        return None
    # Two who make the same one at once end with one.
    Collection.objects.bulk_create([Collection(name=bare)], ignore_conflicts=True)
    return Collection.objects.get(name__iexact=bare)


def rename_collection(collection: Collection, name: str) -> None:
    """CannotShelve if another one is called so."""
    bare = clean_text(name)[:LONGEST_COLLECTION].strip()
    with transaction.atomic():
        if Collection.objects.filter(name__iexact=bare).exclude(pk=collection.pk).exists():
            raise CannotShelve(_("There is a collection of this name already."))
        record("collection.rename", collection, before={"name": collection.name}, after={"name": bare})
        collection.name = bare
        collection.save(update_fields=["name"])


def delete_collection(collection: Collection) -> None:
    """Its models stay, in no collection."""
    with transaction.atomic():
        record("collection.delete", collection, before={"name": collection.name})
        collection.delete()


def _locked(model: Model3D) -> Model3D:
    """The row on whichever shelf, held until this transaction ends."""
    return (
        Model3D.objects.select_for_update(no_key=True, of=("self",))
        .select_related("collection")
        .get(pk=model.pk)
    )
