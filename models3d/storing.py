"""Keeps uploaded bytes once per SHA-256 in each organisation, through Django's storage."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.current import current_org

from .models import Model3D, Revision, StoredFile

CHUNK_BYTES = 1024 * 1024
# An upload makes its revision within this time, or its bytes belong to nothing.
UNUSED_FOR = timedelta(hours=1)


class CannotStore(Exception):
    """These bytes are not kept; the message tells the person why."""


class TooLarge(CannotStore):
    """Larger than MODEL_MAX_BYTES."""


def store(file: "File[Any]") -> StoredFile:
    """Keep the bytes of `file` in the current organisation and return their row. Raises CannotStore.

    The same bytes are kept once, also when they come twice at once. `file` may be moved: don't read it after.
    """
    digest, size = measured(file)
    if StoredFile.objects.filter(pk=digest).update(stored_at=timezone.now()):
        stored = StoredFile.objects.get(pk=digest)
        if default_storage.exists(stored.path):
            return stored
    file.seek(0)
    path = default_storage.save(_place(digest, "files"), file)
    stored, is_new = StoredFile.objects.get_or_create(pk=digest, defaults={"size": size, "path": path})
    if not is_new and stored.path != path:
        _settle(stored, path)
    return stored


def open_stored(stored: StoredFile) -> "File[Any]":
    """The bytes, for reading; FileNotFoundError if the storage lost them."""
    return default_storage.open(stored.path, "rb")


class DamagedFile(Exception):
    """The storage no longer has the bytes that were uploaded; the message tells the person."""


def check_bytes(path: Path, sha256: str) -> None:
    """DamagedFile unless the file at `path` still is what was uploaded."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DamagedFile(_("The file is no longer in the farm's storage. Upload it again.")) from error
    if found != sha256:
        raise DamagedFile(
            _("The file in the farm's storage is not the one that was uploaded. Upload it again.")
        )


@contextmanager
def path_of(stored: StoredFile) -> Iterator[Path]:
    """A local path of the bytes, for programs that want one: of the file itself, or of a copy for now."""
    try:
        path = Path(default_storage.path(stored.path))
    except NotImplementedError:
        with (
            tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy,
            open_stored(stored) as source,
        ):
            for chunk in source.chunks(CHUNK_BYTES):
                copy.write(chunk)
            copy.flush()
            yield Path(copy.name)
    else:
        yield path


def store_thumbnail(stored: StoredFile, picture: "File[Any]") -> None:
    """Keep a PNG beside the bytes it shows, in place of an earlier one."""
    earlier = stored.thumbnail_path
    stored.thumbnail_path = default_storage.save(f"{_place(stored.sha256, 'thumbnails')}.png", picture)
    stored.save(update_fields=["thumbnail_path"])
    if earlier:
        transaction.on_commit(lambda: default_storage.delete(earlier))


def store_layers(stored: StoredFile, preview: "File[Any]") -> None:
    """Keep the preview of the bytes' layers beside them, in place of an earlier one."""
    earlier = stored.layers_path
    stored.layers_path = default_storage.save(f"{_place(stored.sha256, 'layers')}.layers", preview)
    stored.save(update_fields=["layers_path"])
    if earlier:
        transaction.on_commit(lambda: default_storage.delete(earlier))


def duplicates_of(sha256: str, besides: UUID) -> "QuerySet[Model3D]":
    """The other models of this organisation with a revision of these bytes, the oldest first."""
    same = Revision.objects.filter(model=OuterRef("pk"), stored=sha256)
    return Model3D.objects.filter(Exists(same), deleted_at=None).exclude(pk=besides).order_by("pk")


def forget_unused() -> int:
    """Delete stored files that no revision uses and that nobody is just uploading; return how many."""
    with transaction.atomic():
        used = Revision.objects.filter(stored=OuterRef("pk"))
        old = StoredFile.objects.filter(~Exists(used), stored_at__lt=timezone.now() - UNUSED_FOR)
        unused = list(old.select_for_update(skip_locked=True))
        StoredFile.objects.filter(pk__in=[stored.pk for stored in unused]).delete()
        paths = [
            path
            for stored in unused
            for path in (stored.path, stored.thumbnail_path, stored.layers_path)
            if path
        ]
        # Only after the rows are gone: a row must never point at nothing.
        for path in paths:
            transaction.on_commit(partial(default_storage.delete, path))
    return len(unused)


def measured(file: "File[Any]") -> tuple[str, int]:
    """The SHA-256 and the true size of `file`, left as it is; CannotStore for an empty or too large one."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        if size > settings.MODEL_MAX_BYTES:
            raise TooLarge(too_large_words())
    if not size:
        raise CannotStore(_("The file is empty."))
    return digest.hexdigest(), size


def too_large_words() -> str:
    most = settings.MODEL_MAX_BYTES / 1024**2
    return _("The file is larger than %(most)d MB, the most that is kept.") % {"most": most}


def _place(digest: str, kind: str) -> str:
    return f"orgs/{current_org().pk}/{kind}/{digest[:2]}/{digest}"


def _settle(stored: StoredFile, path: str) -> None:
    """Somebody stored the same bytes meanwhile: keep theirs, unless the storage lost them."""
    if default_storage.exists(stored.path):
        default_storage.delete(path)
    else:
        stored.path = path
        stored.save(update_fields=["path"])
