"""Files of spools that wait for somebody to look through them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from inventory.models import SpoolImport
from orgs.current import current_org

from . import spoolman
from .reading import Sheet, Unreadable, decoded, read_csv

KEPT = timedelta(days=2)
LONGEST_NAME = 200


def source_of(data: bytes) -> str:
    """Whose file it is."""
    text, _is_sure = decoded(data)
    return SpoolImport.Source.SPOOLMAN if spoolman.is_export(text) else SpoolImport.Source.CSV


def keep(data: bytes, source: str, name: str, by: User, **wishes: Any) -> SpoolImport:
    """Keep what can be read, for two days; Unreadable for the rest, which is not kept.

    `wishes` are the import's `sets_left` and `with_archived`.
    """
    _read(data, source)
    forget_old()
    path = default_storage.save(f"orgs/{current_org().pk}/imports/{uuid4().hex}", ContentFile(data))
    try:
        return SpoolImport.objects.create(
            source=source, name=name.replace("\0", "")[-LONGEST_NAME:], path=path, by=by, **wishes
        )
    except BaseException:
        default_storage.delete(path)
        raise


def sheet_of(draft: SpoolImport) -> Sheet:
    """The lines of what was kept; Unreadable where it was forgotten meanwhile."""
    try:
        with default_storage.open(draft.path) as file:
            data = file.read()
    except (OSError, ValueError) as error:
        raise Unreadable(_("The file is no longer kept. Send it again.")) from error
    return _read(data, draft.source)


def forget_old() -> None:
    """Files that nobody took in go, and so do their rows."""
    old = SpoolImport.objects.filter(done_at=None, created_at__lt=timezone.now() - KEPT)
    for draft in old:
        default_storage.delete(draft.path)
        draft.delete()


def _read(data: bytes, source: str) -> Sheet:
    return spoolman.read_export(data) if source == SpoolImport.Source.SPOOLMAN else read_csv(data)
