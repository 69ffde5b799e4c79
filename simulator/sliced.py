"""What a sliced file says of its print: time, layers and grams, read from its two ends."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

_END_BYTES = 1 << 18
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_TIME = re.compile(
    r"^;\s*(?:estimated printing time \(normal mode\)\s*=|TIME:|.*?total estimated time:)\s*([^\r\n;]+)", re.M
)
_LAYERS = re.compile(r"^;\s*(?:total layers count\s*=|total layer number:|LAYER_COUNT:)\s*(\d+)", re.M)
_GRAMS = re.compile(
    r"^;\s*(?:(?:total )?filament used \[g\]\s*=|total filament weight \[g\]\s*:)\s*([\d., ]+)",
    re.M,
)
_LENGTH = re.compile(r"^;\s*(?:filament used \[mm\]\s*=|total filament length \[mm\]\s*:)\s*([\d., ]+)", re.M)


@dataclass(frozen=True, slots=True)
class Sliced:
    """`filaments` counts the project's filaments in a Bambu file, 1 elsewhere."""

    duration_s: float
    layers: int
    grams: float
    length_mm: float
    filaments: int = 1


class Unprintable(Exception):
    """The bytes are not a whole printable file."""


def seconds(text: str) -> float:
    """The length a slicer wrote ("1h 2m 3s" or "6666") in seconds, 0 if it is none."""
    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        return float(text)
    return sum(
        float(count) * _SECONDS[unit] for count, unit in re.findall(r"(\d+(?:\.\d+)?)\s*([dhms])", text)
    )


def read_gcode(path: Path) -> Sliced:
    """What the comments at the head and tail of a G-code say; without any, a print of ten minutes."""
    size = path.stat().st_size
    with path.open("rb") as source:
        head = source.read(_END_BYTES)
        source.seek(max(len(head), size - _END_BYTES))
        ends = (head + b"\n" + source.read()).decode("utf-8", "replace")
    return _from_comments(ends)


def read_plate(path: Path, plate: int) -> Sliced:
    """What one plate of a sliced 3MF says; Unprintable if the archive or the plate is not whole."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if f"Metadata/plate_{plate}.gcode" not in names:
                raise Unprintable(f"no plate {plate}")
            with archive.open(f"Metadata/plate_{plate}.gcode") as source:
                said = _from_comments(source.read(_END_BYTES).decode("utf-8", "replace"))
            if "Metadata/slice_info.config" not in names:
                return said
            return _from_slice_info(archive.read("Metadata/slice_info.config"), plate, said)
    except (zipfile.BadZipFile, OSError, ElementTree.ParseError, EOFError) as error:
        raise Unprintable(str(error)) from error


def _from_comments(ends: str) -> Sliced:
    layers = _LAYERS.search(ends)
    time = _TIME.search(ends)
    count = int(layers.group(1)) if layers else ends.count(";LAYER_CHANGE")
    return Sliced(
        duration_s=(seconds(time.group(1)) if time else 0) or 600.0,
        layers=count or 100,
        grams=_total(_GRAMS.search(ends)),
        length_mm=_total(_LENGTH.search(ends)),
    )


def _total(found: re.Match[str] | None) -> float:
    return sum(float(part) for part in re.findall(r"\d+(?:\.\d+)?", found.group(1))) if found else 0.0


def _from_slice_info(document: bytes, number: int, said: Sliced) -> Sliced:
    for plate in fromstring(document).iter("plate"):
        facts = {entry.get("key"): entry.get("value", "") for entry in plate.iter("metadata")}
        if facts.get("index") != str(number):
            continue
        spools = list(plate.iter("filament"))
        return Sliced(
            duration_s=float(facts.get("prediction") or 0) or said.duration_s,
            layers=said.layers,
            grams=float(facts.get("weight") or 0) or said.grams,
            length_mm=sum(float(spool.get("used_m", 0)) for spool in spools) * 1000 or said.length_mm,
            filaments=max([int(spool.get("id", 1)) for spool in spools], default=1),
        )
    return said
