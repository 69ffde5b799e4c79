"""What slicers keep beside the model in their projects: printer, filaments, names of objects, plates."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from models3d.formats.archive import Archive
from models3d.formats.assembly import Skips
from models3d.formats.slicers import slic3r
from models3d.formats.slicers.comments import Comments
from models3d.formats.slicers.said import Said

PRUSA = "Metadata/Slic3r_PE.config"
PRUSA_MODEL = "Metadata/Slic3r_PE_model.config"
BAMBU = "Metadata/project_settings.config"
BAMBU_MODEL = "Metadata/model_settings.config"
MOST_PLATES = 64
LONGEST_VALUE = 4096
PRINTED_VOLUMES = {"", "ModelPart"}
PRINTED_PARTS = {"", "normal_part"}
APPLICATION = re.compile(r"(?P<name>\S.{0,39}?)(?:[ -]+v?(?P<version>\d[\w.+-]*))?")
NAMES = {"BambuStudio": "Bambu Studio"}


@dataclass(frozen=True, slots=True)
class ProjectPlate:
    """A plate of a project; `copies` are its objects with which of their copies, from 0, are on it."""

    number: int
    title: str
    picture: str
    copies: frozenset[tuple[str, int]]


@dataclass(slots=True)
class Settings:
    """`names` are those of objects by their ids in the main part."""

    said: Said = field(default_factory=Said)
    names: dict[str, str] = field(default_factory=dict)
    plates: tuple[ProjectPlate, ...] = ()
    skips: Skips = field(default_factory=Skips)


def read(archive: Archive) -> Settings:
    """What PrusaSlicer, Bambu Studio or OrcaSlicer wrote down; empty for all others."""
    if text := archive.content(PRUSA):
        settings = Settings(_said(text, PRUSA))
    else:
        settings = Settings(_said(_as_comments(archive.json(BAMBU)), BAMBU))
    _take_prusa_objects(settings, archive.xml(PRUSA_MODEL))
    _take_bambu_objects(settings, archive.xml(BAMBU_MODEL))
    return settings


def slicer(application: str) -> tuple[str, str]:
    """Name and version of a program that calls itself something like `PrusaSlicer-2.9.4`."""
    match = APPLICATION.fullmatch(application.strip())
    if match is None:
        return "", ""
    return NAMES.get(match["name"], match["name"]), match["version"] or ""


def plain(text: str) -> str:
    """Text that may be escaped more than once, and may hold HTML, as a person wrote it."""
    for _ in range(3):
        text, before = html.unescape(text), text
        if text == before:
            break
    return re.sub(r"</?[A-Za-z][^<>]{0,500}>", " ", text)


def _said(text: bytes, place: str) -> Said:
    """The configuration as the same slicers write it behind their G-code."""
    said = slic3r.read(Comments(b"", text))
    said.origins = {fact: f"{place}: {origin.partition(': ')[2]}" for fact, origin in said.origins.items()}
    if said.filaments:
        said.origins["filaments"] = f"{place}: filament_type"
    return said


def _as_comments(settings: dict[str, Any]) -> bytes:
    lines = []
    for key, value in settings.items():
        text = ";".join(map(str, value[:MOST_PLATES])) if isinstance(value, list) else str(value)
        if len(text) <= LONGEST_VALUE and not re.search(r"[\r\n]", text + key):
            lines.append(f"; {key} = {text}\n")
    return "".join(lines).encode("utf-8", "replace")


def _facts(element: Element) -> dict[str, str]:
    return {item.get("key", ""): item.get("value", "") for item in element.findall("metadata")}


def _take_prusa_objects(settings: Settings, root: Element | None) -> None:
    stretches: dict[str, list[tuple[int, int]]] = {}
    for element in root.iter("object") if root is not None else ():
        number = element.get("id", "")
        settings.names[number] = _facts(element).get("name", "")
        for volume in element.findall("volume"):
            facts = _facts(volume)
            first, last = (_whole(volume.get(key, "")) for key in ("firstid", "lastid"))
            printed = facts.get("volume_type", "") in PRINTED_VOLUMES and facts.get("modifier", "0") != "1"
            if not printed and first is not None and last is not None:
                stretches.setdefault(number, []).append((first, last))
    if stretches:
        settings.skips = Skips(stretches=stretches)


def _take_bambu_objects(settings: Settings, root: Element | None) -> None:
    if root is None:
        return
    skipped = set()
    for element in root.findall("object"):
        number = element.get("id", "")
        settings.names[number] = _facts(element).get("name", "")
        for part in element.findall("part"):
            if part.get("subtype", "") not in PRINTED_PARTS:
                skipped.add((number, part.get("id", "")))
    if skipped:
        settings.skips = Skips(components=frozenset(skipped), stretches=settings.skips.stretches)
    settings.plates = tuple(_plates(root))


def _plates(root: Element) -> Iterator[ProjectPlate]:
    for element in root.findall("plate")[:MOST_PLATES]:
        facts = _facts(element)
        number = _whole(facts.get("plater_id", ""))
        if number is None:
            continue
        instances = [_facts(instance) for instance in element.findall("model_instance")]
        copies = frozenset(
            (said.get("object_id", ""), _whole(said.get("instance_id", "")) or 0) for said in instances
        )
        yield ProjectPlate(
            number, plain(facts.get("plater_name", "")), facts.get("thumbnail_file", ""), copies
        )


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 9 else None
