"""Photos that people add: checked, drawn anew without what the camera wrote into them, and kept."""

import io
import struct
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from .current import current_org

MOST_BYTES = 20 * 1024 * 1024
# A JPEG is decoded at a fraction of its size, so that a telephone's 50 megapixels take little memory; others
# are decoded whole.
MOST_PIXELS = {"JPEG": 50_500_000, "MPO": 50_500_000, "PNG": 16_800_000, "WEBP": 16_800_000}
SIDE_PX, QUALITY = 1920, 85
ACCEPTED = "image/jpeg,image/png,image/webp"
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, OverflowError, KeyError, IndexError, TypeError,
    ZeroDivisionError, struct.error, Image.DecompressionBombError,
)  # fmt: skip


def taken_in(file: "File[Any]") -> bytes:
    """The picture as a JPEG of at most 1920 px, nothing else in it. ValidationError says what is wrong."""
    if (file.size or 0) > MOST_BYTES:
        most = MOST_BYTES // 1024**2
        raise ValidationError(_("The photo is larger than %(most)d MB. Send a smaller one.") % {"most": most})
    try:
        file.seek(0)
        with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as image:
            most_pixels = MOST_PIXELS.get(image.format or "", 0)
            if image.width * image.height <= most_pixels:
                return _drawn_anew(image)
    except BROKEN as error:
        raise ValidationError(_("This is no photo that can be read: send a JPEG, PNG or WebP.")) from error
    raise ValidationError(
        _("The photo has more than %(most)d megapixels. Send a smaller one.")
        % {"most": most_pixels // 1_000_000}
    )


def _drawn_anew(image: Image.Image) -> bytes:
    image.draft("RGB", (SIDE_PX, SIDE_PX))
    image.thumbnail((SIDE_PX, SIDE_PX))
    turned = ImageOps.exif_transpose(image)
    # A new picture has no place for position, serial numbers, comments or colour profiles.
    clean = Image.new("RGB", turned.size, "white")
    has_holes = "A" in turned.getbands() or "transparency" in turned.info
    seen = turned.convert("RGBA" if has_holes else "RGB")
    clean.paste(seen, mask=seen.getchannel("A") if has_holes else None)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def keep(jpeg: bytes) -> str:
    """Store it below the organisation's own folder, under a name nobody can guess; return its path."""
    return default_storage.save(f"orgs/{current_org().pk}/photos/{uuid4().hex}.jpg", ContentFile(jpeg))


def discard(path: str) -> None:
    """Delete the file at once: what it was stored for did not come about."""
    if path:
        default_storage.delete(path)


def forget(*paths: str) -> None:
    """Delete the files once the transaction that gave them up is committed."""
    for path in filter(None, paths):
        transaction.on_commit(partial(default_storage.delete, path), robust=True)
