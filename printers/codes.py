"""QR codes that lead from a printer to its page."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString

from ui import codes


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a printer: whose it is, where its code leads, and the code as SVG."""

    name: str
    location: str
    url: str
    code: SafeString


@lru_cache(maxsize=500)
def code_of(url: str) -> SafeString:
    """The code of an address, which is drawn once for the many who look at it."""
    return codes.code_of(url)
