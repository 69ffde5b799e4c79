"""What Spoolman calls things, as lines of a table of spools.

Names are those of its REST API v1 (github.com/Donkie/Spoolman, spoolman/api/v1/models.py) and of its export,
which has them flat with dots: `filament.vendor.name`. The export has no `remaining_weight`: what is left is
worked out from the weights.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from .columns import ARCHIVED, EXTERNAL_ID, LEFT
from .reading import MOST_LINES, Line, Sheet, Unreadable, decoded, too_many_lines

PREFIX = "spoolman:"
# Our column: where Spoolman has it; the first that is there counts.
PLACES: dict[str, tuple[str, ...]] = {
    "material": ("filament.material",),
    "brand": ("filament.vendor.name",),
    "name": ("filament.name",),
    "density": ("filament.density",),
    "diameter_mm": ("filament.diameter",),
    "initial_g": ("initial_weight", "filament.weight"),
    "cost": ("price", "filament.price"),
    "lot": ("lot_nr",),
    "location": ("location",),
    "opened_at": ("first_used",),
    "notes": ("comment",),
    ARCHIVED: ("archived",),
}
WORKED_OUT = (EXTERNAL_ID, "color", "price_per_kg", LEFT)
UNNAMED = "PLA"
USUAL_G = 1000.0


def is_export(text: str) -> bool:
    """Whether a file is Spoolman's and not a table of our own columns."""
    first = text.lstrip().partition("\n")[0]
    return first.startswith(("[", "{")) or ("filament.id" in first and "used_weight" in first)


def read_export(data: bytes) -> Sheet:
    """The lines of Spoolman's export of spools, as JSON or CSV, or of what its API answers."""
    text, _is_sure = decoded(data)
    spools = _from_json(text) if text.lstrip().startswith(("[", "{")) else _from_csv(text)
    return sheet_of(spools)


def sheet_of(spools: Iterable[Any]) -> Sheet:
    """Spools as the API answers them, nested, or as the export has them, flat."""
    lines = []
    for number, spool in enumerate(spools, 1):
        flat = flattened(spool) if isinstance(spool, Mapping) else {}
        if not _text(flat.get("id")).isdecimal() or not any(key.startswith("filament.") for key in flat):
            raise Unreadable(
                _("Entry %(number)d is no spool of Spoolman. Export the spools, not filaments or vendors.")
                % {"number": number}
            )
        if number > MOST_LINES:
            raise too_many_lines()
        lines.append(Line(number, _cells(flat)))
    if not lines:
        raise Unreadable(_("There are no spools in it."))
    return Sheet(heads=(*PLACES, *WORKED_OUT), lines=lines, mark=".")


def flattened(thing: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """{"filament": {"name": …}} as {"filament.name": …}; at most three deep, as Spoolman is."""
    flat: dict[str, Any] = {}
    for key, value in thing.items():
        if isinstance(value, Mapping) and before.count(".") < 2:
            flat |= flattened(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = value
    return flat


def _cells(flat: Mapping[str, Any]) -> dict[str, str]:
    cells = {name: _first(flat, *places) for name, places in PLACES.items()}
    initial = _number(flat, "initial_weight") or _number(flat, "filament.weight") or USUAL_G
    left = _number(flat, "remaining_weight")
    if left is None:
        left = max(0.0, initial - (_number(flat, "used_weight") or 0.0))
    price, weight = _number(flat, "filament.price"), _number(flat, "filament.weight") or USUAL_G
    shades = _first(flat, "filament.color_hex", "filament.multi_color_hexes").split(",")
    return cells | {
        EXTERNAL_ID: f"{PREFIX}{_text(flat['id'])}",
        "material": cells["material"] or UNNAMED,
        "initial_g": f"{initial:.2f}",
        LEFT: f"{min(left, 10.0**9):.2f}",
        "price_per_kg": f"{price * 1000 / weight:.2f}" if price is not None else "",
        "color": shades[0],
    }


def _first(flat: Mapping[str, Any], *places: str) -> str:
    return next(filter(None, (_text(flat.get(place)) for place in places)), "")


def _text(value: Any) -> str:
    if value is None or isinstance(value, Mapping | list):
        return ""
    if isinstance(value, float):
        # As a person would write it: no 1e-05, no 0.1000000001.
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value).replace("\0", "").strip()


def _number(flat: Mapping[str, Any], place: str) -> float | None:
    """A number from 0 on, or None; what is none is found wrong where its cell is read."""
    try:
        number = float(_text(flat.get(place)) or "nan")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _from_json(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("This looks like JSON but breaks off or is damaged.")) from error
    if not isinstance(found, list):
        raise Unreadable(_("This JSON is no list of spools. Export the spools from Spoolman's settings."))
    return found


def _from_csv(text: str) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        if not {"id", "used_weight"} <= set(reader.fieldnames or ()):
            raise Unreadable(_("This is no export of Spoolman's spools: it names no “id” and “used_weight”."))
        rows = []
        for row in reader:
            rows.append({str(key): value for key, value in row.items() if isinstance(value, str)})
            if len(rows) > MOST_LINES:
                raise too_many_lines()
    except csv.Error as error:
        raise Unreadable(_("The file can't be read as CSV: %(error)s.") % {"error": error}) from error
    return rows
