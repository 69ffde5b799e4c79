"""Logos: checked, drawn anew with nothing else in the file, and kept below the organisation's folder."""

import io
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageStat

from .models import Org
from .photos import BROKEN

ACCEPTED = "image/png,image/jpeg,image/webp"
FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 4 * 1024 * 1024
# Decoded whole: 4096 by 4096 take 64 MB.
MOST_PIXELS = 4096 * 4096
MOST_WIDE_PX, MOST_HIGH_PX = 640, 160
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
# Brighter than this on average, the visible part would vanish on white.
BRIGHT = 190


def taken_in(file: "File[Any]") -> bytes:
    """The logo as an opaque PNG of at most 640 by 160 px; ValidationError says what is wrong.

    It lies on its own ground, white or black, so that it is seen in both themes, in mails and on paper.
    """
    if (file.size or 0) > MOST_BYTES:
        most = MOST_BYTES // 1024**2
        raise ValidationError(_("The logo is larger than %(most)d MB. Send a smaller one.") % {"most": most})
    file.seek(0)
    if b"<svg" in (file.read(2048) or b"").lower():
        raise ValidationError(_("An SVG may hold programs, so it is not taken. Export the logo as a PNG."))
    try:
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height <= MOST_PIXELS:
                return _drawn_anew(image)
    except BROKEN as error:
        raise ValidationError(_("This is no picture that can be read: send a PNG, JPEG or WebP.")) from error
    raise ValidationError(
        _("The logo has more than %(most)d megapixels. Send a smaller one.")
        % {"most": MOST_PIXELS // 1_000_000}
    )


def _drawn_anew(image: Image.Image) -> bytes:
    seen = ImageOps.exif_transpose(image).convert("RGBA")
    seen.thumbnail((MOST_WIDE_PX, MOST_HIGH_PX))
    visible = seen.getchannel("A").point(lambda alpha: 255 if alpha > 32 else 0)
    if visible.getbbox() is None:
        raise ValueError("nothing to see")
    has_holes = seen.getchannel("A").getextrema()[0] < 250  # type: ignore[operator]  # one band: a pair
    brightness = ImageStat.Stat(seen.convert("L"), visible).mean[0]
    clean = Image.new("RGB", seen.size, BLACK if has_holes and brightness > BRIGHT else WHITE)
    clean.paste(seen, mask=seen.getchannel("A"))
    written = io.BytesIO()
    clean.save(written, "PNG", optimize=True)
    return written.getvalue()


def keep(org: Org, png: bytes) -> str:
    """Store it under a name nobody can guess; return its path."""
    return default_storage.save(f"orgs/{org.pk}/brand/{uuid4().hex}.png", ContentFile(png))
