"""Reads what stored files say, in a process of its own, and writes it down once."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext as _

from orgs import agenda
from orgs.current import current_org, release_connection
from orgs.keys import org_key, redis_client

from .child import ask_reader
from .formats.layers import is_preview
from .formats.metadata import Metadata, PlateFacts, UnreadableFile
from .formats.serialising import to_json
from .models import Plate, Revision, StoredFile
from .spending import spent_by_plate
from .storing import path_of, store_layers, store_thumbnail

LEAST_S, BYTES_PER_S = 120, 2 * 1000 * 1000
LARGEST_INTEGER = 2**31 - 1
LARGEST_GRAMS = 9_999_999
PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_THUMBNAIL = 4 * 1024 * 1024


def read_revision(pk: UUID) -> None:
    """Read the file of a revision that waits to be read, unless somebody else is just doing that."""
    revision = Revision.objects.select_related("stored").filter(pk=pk, status=Revision.Status.READING).first()
    if revision is None or adopt_twin(revision):
        return
    limit_s = LEAST_S + revision.stored.size // BYTES_PER_S
    key, client = _key(pk), redis_client()
    if not client.set(key, b"0", nx=True, ex=limit_s + 10):
        return

    def tell(share: float) -> None:
        client.set(key, f"{share:.3f}", xx=True, keepttl=True)

    release_connection()
    try:
        # Without a name in the folder, so that it goes with this process however that ends.
        with (
            path_of(revision.stored) as path,
            tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as preview,
        ):
            metadata = ask_reader(path, revision.original_name, limit_s, preview=preview, tell=tell)
            take_in(pk, metadata, preview)
    except UnreadableFile as problem:
        _write_problem(pk, str(problem))
    finally:
        client.delete(key)


def progress_of(revisions: Iterable[UUID]) -> dict[UUID, float]:
    """How far the files that are being read have been read, 0 to 1; nothing of those that still wait."""
    asked = list(revisions)
    found = redis_client().mget([_key(pk) for pk in asked]) if asked else []
    return {pk: float(share) for pk, share in zip(asked, found, strict=True) if share is not None}


def _key(revision: UUID) -> str:
    """Held in Redis by whoever reads the revision's file; its value is how far that has come."""
    return org_key(current_org().pk, "reading", revision)


def adopt_twin(revision: Revision) -> bool:
    """Take over what an earlier revision of the same bytes was found to say; False if there is none."""
    twin = (
        Revision.objects.filter(stored=revision.stored, status=Revision.Status.READY)
        .prefetch_related("plates")
        .order_by("-pk")
        .first()
    )
    if twin is None:
        return False
    with transaction.atomic():
        if _settle(revision.pk, status=twin.status, kind=twin.kind, metadata=twin.metadata):
            for plate in twin.plates.all():
                plate.pk, plate.revision = Plate._meta.pk.get_default(), revision
                plate.save(force_insert=True)
            agenda.due_now("jobs.match")
    return True


def take_in(pk: UUID, metadata: Metadata, preview: IO[bytes] | None = None) -> None:
    """Write down what the file of revision `pk` was found to say, and keep the preview of its layers."""
    said = _sound(to_json(metadata))
    said.pop("plates", None)
    said.pop("thumbnail", None)
    spent = spent_by_plate(preview) if preview else {}
    with transaction.atomic():
        if not _settle(pk, status=Revision.Status.READY, kind=metadata.kind, metadata=said):
            return
        plates = [_plate(pk, facts, spent.get(facts.number, [])) for facts in metadata.plates]
        Plate.objects.bulk_create(plates, batch_size=500)
        picture = metadata.thumbnail
        if picture.startswith(PNG) and len(picture) <= LARGEST_THUMBNAIL:
            store_thumbnail(_stored(pk), ContentFile(picture))
        if preview and is_preview(preview):
            store_layers(_stored(pk), File(preview))
        agenda.due_now("jobs.match")


def _stored(revision: UUID) -> StoredFile:
    return Revision.objects.select_related("stored").get(pk=revision).stored


def _write_problem(pk: UUID, problem: str) -> None:
    words = _sound(problem)[:300] or _("The file could not be read.")
    _settle(pk, status=Revision.Status.UNREADABLE, problem=words)


def _settle(pk: UUID, **changes: Any) -> bool:
    """Whether this is the reading that counts: the first to end is."""
    return bool(Revision.objects.filter(pk=pk, status=Revision.Status.READING).update(**changes))


def _plate(revision: UUID, facts: PlateFacts, spent: list[float]) -> Plate:
    filaments = [asdict(use) for use in facts.filaments]
    grams = sum(use.grams for use in facts.filaments if use.used)
    box = {"min": list(facts.box.min), "max": list(facts.box.max)} if facts.box else None
    return Plate(
        revision_id=revision,
        number=facts.number,
        title=_sound(facts.title)[:160],
        print_s=_counted(facts.print_s),
        layers=_counted(facts.layers),
        filaments=_sound(filaments),
        grams=round(Decimal(grams), 2) if 0 <= grams <= LARGEST_GRAMS else Decimal(0),
        box=_sound(box),
        box_estimated=facts.box_estimated,
        md5=_sound(facts.md5)[:32],
        spent=spent,
    )


def _counted(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= LARGEST_INTEGER else None


def _sound(value: Any) -> Any:
    """`value` as PostgreSQL can keep it: no NUL, no half characters, no infinity."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, Mapping):
        return {str(key): _sound(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(item) for item in value]
    return value
