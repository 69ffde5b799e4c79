"""The labels one can buy, in millimetres. Pure."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

A4, LETTER = (210.0, 297.0), (215.9, 279.4)
CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Format:
    """Labels of `width` × `height`. On sheets, `left` and `top` are the first one's distances from the
    edges, `right` and `down` the steps to the next ones; a single label is a page of its own."""

    name: str
    label: str | Promise
    width: float
    height: float
    page: tuple[float, float] | None = None
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    right: float = 0
    down: float = 0

    @property
    def on_a_page(self) -> int:
        return self.columns * self.rows

    @property
    def page_size(self) -> tuple[float, float]:
        return self.page or (self.width, self.height)

    def corner(self, place: int) -> tuple[float, float]:
        """The distances of the `place`-th label (from 0, line by line) from the page's left and top."""
        row, column = divmod(place, self.columns)
        return self.left + column * self.right, self.top + row * self.down


SINGLES = tuple(
    Format(f"{width}x{height}", f"{width} × {height} mm", width, height)
    for width, height in ((62, 29), (50, 30), (40, 30), (57, 32), (54, 25), (100, 50))
)
# Sizes and margins as the makers' own templates give them.
SHEETS = (
    Format("a4-21", _("A4, 21 of 63.5 × 38.1 mm (Avery L7160, Herma 4677)"), 63.5, 38.1,
           A4, 3, 7, 7.25, 15.15, 66.04, 38.1),
    Format("a4-24", _("A4, 24 of 63.5 × 33.9 mm (Avery L7159, Herma 5026)"), 63.5, 33.9,
           A4, 3, 8, 7.25, 12.9, 66.04, 33.9),
    Format("a4-24-full", _("A4, 24 of 70 × 37 mm (Avery 3474, Herma 4464)"), 70, 37,
           A4, 3, 8, 0, 0.5, 70, 37),
    Format("a4-14", _("A4, 14 of 99.1 × 38.1 mm (Avery L7163, Herma 4678)"), 99.1, 38.1,
           A4, 2, 7, 4.65, 15.15, 101.6, 38.1),
    Format("a4-65", _("A4, 65 of 38.1 × 21.2 mm (Avery L7651, Herma 4606)"), 38.1, 21.2,
           A4, 5, 13, 4.75, 10.7, 40.6, 21.2),
    Format("letter-30", _("Letter, 30 of 2⅝ × 1 in (Avery 5160)"), 66.675, 25.4,
           LETTER, 3, 10, 4.7625, 12.7, 69.85, 25.4),
    Format("letter-10", _("Letter, 10 of 4 × 2 in (Avery 5163)"), 101.6, 50.8,
           LETTER, 2, 5, 3.96875, 12.7, 106.3625, 50.8),
)  # fmt: skip
FORMATS = {one.name: one for one in (*SINGLES, *SHEETS)}


def custom(width: float, height: float) -> Format:
    return Format(CUSTOM, _("another size"), width, height)
