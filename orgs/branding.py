"""What an organisation looks like: its name, its logo, and an accent that can be read in both themes."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.mailing import brand_of as brand_stored
from audit.trail import record
from ui.brand import Brand
from ui.contrast import DARK, HEX, LIGHT, TEXT, Weakest, contrast, hovered, nearest, text_on, told, weakest

from . import logos, photos
from .models import Org

FIELDS = ("name", "accent", "accent_dark", "logo")
THEME_WORDS = {LIGHT: gettext_lazy("light theme"), DARK: gettext_lazy("dark theme")}


@dataclass(frozen=True, slots=True)
class Accent:
    """A colour as one theme shows it, with its two contrasts."""

    theme: str
    colour: str
    hover: str
    text: str
    on_page: Weakest
    on_text: float

    @property
    def words(self) -> str:
        return str(THEME_WORDS[self.theme])

    @property
    def text_told(self) -> str:
        return told(self.on_text)

    @property
    def nearest(self) -> str:
        return nearest(self.colour, self.theme)

    @property
    def is_readable(self) -> bool:
        return self.on_page.is_enough and self.on_text >= TEXT


class Unreadable(Exception):
    """An accent that can't be read; says where, and the `nearest` shade that can."""

    def __init__(self, theme: str, accent: Accent) -> None:
        self.theme, self.nearest = theme, accent.nearest
        words = _(
            "In the %(theme)s it has only %(contrast)s:1 on the page's background; text needs 4.5:1. "
            "The nearest shade that can be read is %(nearest)s."
        )
        super().__init__(
            words
            % {
                "theme": THEME_WORDS[theme],
                "contrast": accent.on_page.told,
                "nearest": self.nearest,
            }
        )


def accent_in(theme: str, colour: str) -> Accent:
    text = text_on(colour)
    return Accent(theme, colour, hovered(colour, theme), text, weakest(colour, theme), contrast(text, colour))


def accents_of(light: str, dark: str) -> tuple[Accent, Accent]:
    """Both themes'; without a `dark` one it is the nearest shade of `light` that can be read there."""
    return accent_in(LIGHT, light), accent_in(DARK, dark or nearest(light, DARK))


def check(theme: str, colour: str) -> None:
    """Unreadable unless text can be read on it, and it on every background of the theme."""
    accent = accent_in(theme, colour)
    if not accent.is_readable:
        raise Unreadable(theme, accent)


def sheet_of(org: Org) -> str:
    """The organisation's style sheet: the tokens of the accent, and nothing else."""
    return _sheet(org.accent, org.accent_dark) if HEX.match(org.accent) else ""


# Every page names its version, and to look for a readable shade takes milliseconds.
@lru_cache(maxsize=1024)
def _sheet(accent: str, accent_dark: str) -> str:
    light, dark = accents_of(accent, accent_dark)
    return (
        "@layer tokens{:root{"
        f"--accent:light-dark({light.colour},{dark.colour});"
        f"--accent-hover:light-dark({light.hover},{dark.hover});"
        f"--on-accent:light-dark({light.text},{dark.text})"
        "}}"
    )


def version_of(org: Org) -> str:
    """Changes with the sheet, so that browsers may keep one for ever; empty where there is none."""
    sheet = sheet_of(org)
    return blake2b(sheet.encode(), digest_size=6).hexdigest() if sheet else ""


def logo_version(org: Org) -> str:
    return org.logo.rpartition("/")[2].removesuffix(".png")[:12]


def brand_of(org: Org) -> Brand:
    """For mails and PDFs; reads the logo's file."""
    return brand_stored(**stored_of(org))


def stored_of(org: Org) -> dict[str, str]:
    """The same as a message can hold it: the logo by its path."""
    return {"name": org.name, "accent": org.accent, "logo": org.logo}


def save(
    org: Org, name: str, accent: str, accent_dark: str, *, logo: bytes = b"", no_logo: bool = False
) -> list[str]:
    """Store what was checked; return the names of what changed. `logo` is a new PNG, if any."""
    before = {field: getattr(org, field) for field in FIELDS}
    after = {"name": name, "accent": accent, "accent_dark": accent_dark, "logo": before["logo"]}
    if logo:
        after["logo"] = logos.keep(org, logo)
    elif no_logo:
        after["logo"] = ""
    changed = [field for field in FIELDS if before[field] != after[field]]
    if not changed:
        return []
    try:
        with transaction.atomic():
            for field in changed:
                setattr(org, field, after[field])
            org.save(update_fields=changed)  # type: ignore[no-untyped-call]
            record("org.branding", org, before=before, after=after)
            if "logo" in changed:
                photos.forget(before["logo"])
    except BaseException:
        if logo:
            default_storage.delete(after["logo"])
        raise
    return changed
