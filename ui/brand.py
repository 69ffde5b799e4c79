"""What mails and PDFs show of whose they are. Plain values, so that threads and renderers may hold it."""

from dataclasses import dataclass

from .contrast import LIGHT, tokens


@dataclass(frozen=True, slots=True)
class Brand:
    """`accent` is "#rrggbb", the platform's own where there is none; `logo` is a PNG, empty for none."""

    name: str = ""
    accent: str = ""
    logo: bytes = b""

    @property
    def colour(self) -> str:
        """The colour of links and lines on white."""
        return self.accent or tokens(LIGHT)["accent"]
