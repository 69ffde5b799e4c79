"""What people do to a model: add, revise, revert, edit. Each is one audited transaction."""

from collections.abc import Iterable
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit.trail import record
from orgs import agenda

from .models import Favourite, Model3D, Revision, StoredFile
from .naming import clean_name, clean_text, model_name
from .reading import adopt_twin
from .shelving import collection_named
from .storing import store
from .tagging import set_tags


def add_model(
    file: "File[Any]",
    *,
    by: User | None,
    name: str = "",
    notes: str = "",
    tags: Iterable[str] = (),
    collection: str = "",
) -> Model3D:
    """A new model whose first revision is `file`; named after it if `name` is empty. Raises CannotStore.

    `collection` is a name, of one that is made if there is none yet.
    """
    given = clean_name(file.name or "")
    stored = store(file)
    with transaction.atomic():
        given_name = clean_text(name) or model_name(given)
        model = Model3D.objects.create(name=given_name, by=by, collection=collection_named(collection))
        set_tags(model, tags)
        revision = _add(model, stored, given, by, notes=notes)
        record("model.add", model, after={"name": model.name, "file": given, "sha256": stored.sha256})
        _hand_on(revision)
    return model


def add_revision(model: Model3D, file: "File[Any]", *, by: User | None, notes: str = "") -> Revision:
    """Make `file` the model's next revision, now the current one. Raises CannotStore."""
    given = clean_name(file.name or "")
    stored = store(file)
    with transaction.atomic():
        locked = locked_model(model)
        revision = _add(locked, stored, given, by, notes=notes)
        record(
            "model.revise",
            locked,
            after={"revision": revision.number, "file": given, "sha256": stored.sha256},
        )
        _hand_on(revision)
    return revision


def revert(model: Model3D, number: int, *, by: User | None) -> Revision:
    """Make revision `number` current again, as a new revision of the same bytes; Revision.DoesNotExist.

    A second click is no second revision: if it is current already, or was just brought back, that stays.
    """
    with transaction.atomic():
        locked = locked_model(model)
        old = locked.revisions.select_related("stored").get(number=number)
        if locked.current and number in {locked.current.number, locked.current.back_to}:
            return locked.current
        revision = _add(locked, old.stored, old.original_name, by, notes=old.notes, back_to=number)
        record("model.revert", locked, after={"revision": revision.number, "from": number})
        _hand_on(revision)
    return revision


def edit(
    model: Model3D,
    *,
    name: str | None = None,
    notes: str | None = None,
    tags: Iterable[str] | None = None,
    collection: str | None = None,
) -> None:
    """Change what is not None; `notes` are those of the current revision, an empty `collection` is none."""
    with transaction.atomic():
        locked = locked_model(model)
        before = _told(locked)
        if name is not None:
            locked.name = clean_text(name)
        if collection is not None:
            locked.collection = collection_named(collection)
        locked.save(update_fields=["name", "collection"])
        if notes is not None and locked.current:
            locked.current.notes = notes
            locked.current.save(update_fields=["notes"])
        if tags is not None:
            set_tags(locked, tags)
        record("model.edit", locked, before=before, after=_told(locked))


def star(model: Model3D, user: User, wanted: bool) -> None:
    """Star `model` for `user`, or take the star off. A person's own; the audit trail does not tell of it."""
    if wanted:
        Favourite.objects.bulk_create([Favourite(model=model, user=user)], ignore_conflicts=True)
    else:
        Favourite.objects.filter(model=model, user=user).delete()


def locked_model(model: Model3D) -> Model3D:
    """The row, held until this transaction ends, so that revisions are numbered one after another.

    Model3D.DoesNotExist for one in the trash.
    """
    return Model3D.objects.select_for_update(no_key=True).get(pk=model.pk, deleted_at=None)


def _add(
    model: Model3D,
    stored: StoredFile,
    name: str,
    by: User | None,
    *,
    notes: str = "",
    back_to: int | None = None,
) -> Revision:
    last = model.revisions.aggregate(last=Max("number"))["last"] or 0
    revision = Revision.objects.create(
        model=model, number=last + 1, stored=stored, original_name=name, notes=notes, by=by, back_to=back_to
    )
    model.current = revision
    model.save(update_fields=["current"])
    return revision


def _hand_on(revision: Revision) -> None:
    """Bytes that were read before are not read again; others are read as soon as this is committed."""
    if not adopt_twin(revision):
        agenda.due_now("models3d.read")


def _told(model: Model3D) -> dict[str, Any]:
    tags = sorted(model.tags.values_list("name", flat=True))
    return {
        "name": model.name,
        "notes": model.current.notes if model.current else "",
        "tags": tags,
        "collection": model.collection.name if model.collection else "",
    }
