"""Inline icons from the lucide package, read once each."""

from functools import cache

import lucide
from django.utils.safestring import SafeString, mark_safe


@cache
def icon(name: str, size: int = 18) -> SafeString:
    """Decorative inline SVG in the colour of its text; lucide.IconDoesNotExist for a wrong name."""
    drawn = lucide._render_icon(
        name, size, **{"class": "icon", "aria_hidden": "true", "stroke_width": "1.75"}
    )
    return mark_safe(" ".join(drawn.split()))  # noqa: S308  # from the package's own files
