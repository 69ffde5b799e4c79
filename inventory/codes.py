"""What a scanner reads or a person types, and the spool that is meant."""

import re

from django.http import Http404
from django.shortcuts import get_object_or_404

from orgs.current import current_org

from .models import Spool

LONGEST = 300
NUMBER = re.compile(r"#?\s*(\d{1,9})")
# On our labels: the address of the spool's page, and the short code below it.
ADDRESS = re.compile(r"(?:(?:.*/)?o/)?([a-z0-9-]+)/(?:s/)?(\d{1,9})/?", re.IGNORECASE)
# The address as a keyboard scanner types it that believes in another keyboard: - or & or ! for a slash.
MISTYPED = re.compile(r"\w+[^\w\s]{2,3}.+[-&!]s[-&!](\d{1,9})[-&!]?", re.IGNORECASE)
PAGE = re.compile(r".*/filament/([0-9a-f-]{36})/?.*", re.IGNORECASE)
# On the labels that Spoolman prints.
SPOOLMAN = re.compile(r"(?:web\+spoolman:s-|.*/spool/show/)(\d{1,9})/?", re.IGNORECASE)


def spool_meant(said: str) -> Spool | None:
    """The spool of this organisation that `said` names: by number, our code, Spoolman's, or external id."""
    text = said.replace("\0", "").strip()[:LONGEST]
    spools = Spool.objects.select_related("filament")
    if found := SPOOLMAN.fullmatch(text):
        return spools.filter(external_id=f"spoolman:{found[1]}").first()
    if found := PAGE.fullmatch(text):
        return spools.filter(pk=found[1]).first() if len(found[1].replace("-", "")) == 32 else None
    if (number := _number_in(text)) is not None:
        return spools.filter(number=number).first()
    return spools.filter(external_id=text).first() if text else None


def is_a_code(said: str) -> bool:
    """Whether it can only be meant as a code, and not as words to search for."""
    text = said.strip()
    return any(known.fullmatch(text) for known in (ADDRESS, MISTYPED, SPOOLMAN))


def numbered(code: int) -> Spool:
    """The spool behind a label; Http404 for none."""
    if code >= 2**31:
        raise Http404
    return get_object_or_404(Spool.objects.select_related("filament", "slot__printer"), number=code)


def short_code(spool: Spool) -> str:
    return f"{current_org().slug}/{spool.number}"


def _number_in(text: str) -> int | None:
    if found := NUMBER.fullmatch(text):
        return int(found[1])
    if found := ADDRESS.fullmatch(text):
        # A label of another organisation is no spool of this one.
        return int(found[2]) if found[1].lower() == current_org().slug else None
    found = MISTYPED.fullmatch(text)
    return int(found[1]) if found else None
