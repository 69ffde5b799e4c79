"""What the commands before the first layer ask of the machine: its model, its nozzle, its temperatures."""

import re

from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import Said, temperature

MODEL = re.compile(r'^[ \t]*M862\.3[ \t]*P[ \t]*"([^"\r\n]{1,80})"', re.MULTILINE)
NOZZLE = re.compile(r"^[ \t]*M862\.1(?:[ \t]*T\d+)?[ \t]*P[ \t]*(\d{1,3}(?:\.\d{1,6})?)", re.MULTILINE)
FIRST_LAYER = re.compile(
    r"^(?:;LAYER_CHANGE|; CHANGE_LAYER|;LAYER:-?\d|; layer \d+,|; BEGIN_LAYER)", re.MULTILINE | re.IGNORECASE
)
HEATS = {
    "nozzle_c": re.compile(r"^[ \t]*(M10[49])(?:[ \t]*T\d+)?[ \t]*S(\d{1,4}(?:\.\d+)?)", re.MULTILINE),
    "bed_c": re.compile(r"^[ \t]*(M1[49]0)[ \t]*S(\d{1,4}(?:\.\d+)?)", re.MULTILINE),
    "chamber_c": re.compile(r"^[ \t]*(M1[49]1)[ \t]*S(\d{1,4}(?:\.\d+)?)", re.MULTILINE),
}


def read(said: Said, comments: Comments) -> None:
    """Add to what the settings say."""
    layer = FIRST_LAYER.search(comments.head)
    _guards(said, comments.head[: layer.start()] if layer else comments.head)
    _temperatures(said, comments.head[: layer.start()] if layer else "")


def _guards(said: Said, start: str) -> None:
    """Add the model that the file insists on, and its nozzles where the settings name none."""
    model = MODEL.search(start)
    if model:
        said.add_printer_model(Found(model[1], "head: M862.3"))
    sizes = tuple(float(size) for size in NOZZLE.findall(start)[:64] if 0 < float(size) < 10)
    if sizes and not said.nozzle_mm:
        said.nozzle_mm = sizes
        said.note("nozzle_mm", Found("", "head: M862.1"))


def _temperatures(said: Said, start: str) -> None:
    """What is ordered last before the first layer, where the settings say nothing of it."""
    for fact, order in HEATS.items():
        ordered = [
            (match[1], heat) for match in order.finditer(start) if (heat := temperature(float(match[2])))
        ]
        if not ordered or getattr(said, fact):
            continue
        command, heat = ordered[-1]
        setattr(said, fact, (heat,) if fact == "nozzle_c" else heat)
        said.note(fact, Found("", f"head: {command}"))
