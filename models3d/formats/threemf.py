"""Sliced 3MF of Bambu Studio and OrcaSlicer: the plates' G-code and what the slicer says beside it."""

import hashlib
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree.ElementTree import Element

from models3d.formats import gcode, thumbnails
from models3d.formats.archive import Archive, Member
from models3d.formats.metadata import FilamentUse, Kind, Metadata, PlateFacts, Source, UnreadableFile
from models3d.formats.recording import Recorder
from models3d.formats.slicers.comments import Found
from models3d.formats.slicers.said import Said, bed, color, length, numbers, texts
from models3d.formats.sniffing import plates_in

MOST_PLATES = 64
SLICE_INFO = "Metadata/slice_info.config"
SETTINGS = "Metadata/project_settings.config"
MODEL_SETTINGS = "Metadata/model_settings.config"


@dataclass(frozen=True, slots=True)
class Sliced:
    """What slice_info.config says of one plate: its metadata by key, and its used filaments."""

    facts: dict[str, str] = field(default_factory=dict)
    filaments: tuple[FilamentUse, ...] = ()


class Hashed:
    """A stream that takes the MD5 of what passes."""

    def __init__(self, stream: Member) -> None:
        self._stream = stream
        self.md5 = hashlib.md5(usedforsecurity=False)

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self.md5.update(data)
        return data


def read(source: Source) -> Metadata:
    """The facts of all plates; UnreadableFile if any is damaged, since the person may choose any."""
    with Archive(source.path) as archive:
        members = plates_in(archive.names)
        if not members or len(members) > MOST_PLATES:
            raise UnreadableFile("The file holds no sliced plate, or more than a slicer makes.")
        settings, sliced = archive.json(SETTINGS), _slice_info(archive.xml(SLICE_INFO))
        titles, pictures = _model_settings(archive.xml(MODEL_SETTINGS))
        readings, plates = [], []
        for number, member in members.items():
            reading, md5 = _read_plate(archive, member, gcode.recorder_of(source, number))
            readings.append(reading)
            told = sliced.get(number, Sliced())
            plate = replace(reading.plate(number), title=titles.get(number, ""), md5=md5, member=member)
            plates.append(_merged(plate, told, reading.said))
        thumbnail = _thumbnail(archive, next(iter(members)), pictures)
    warnings = [text for reading in readings for text in reading.warnings]
    beyond = _leaving(sliced, members)
    warnings += [f"Plate {number}: the slicer says the tool path leaves the bed." for number in beyond]
    said = _with_settings(readings[0].said, settings, [told.facts for told in sliced.values()])
    if thumbnail:
        said.origins["thumbnail"] = "plate picture"
    return Metadata(
        kind=Kind.GCODE_3MF,
        slicer=said.slicer,
        slicer_version=said.slicer_version,
        printer_models=tuple(said.printer_models),
        nozzle_mm=said.nozzle_mm,
        layer_height_mm=said.layer_height_mm,
        first_layer_height_mm=said.first_layer_height_mm,
        bed_mm=said.bed_mm,
        flavor=said.flavor,
        abrasive=_abrasive(readings),
        plates=tuple(plates),
        thumbnail=thumbnail or readings[0].thumbnail,
        leaves_bed=beyond,
        warnings=tuple(dict.fromkeys(warnings)),
        origins=said.origins,
    )


@contextmanager
def plate_gcode(source: Source, number: int) -> Iterator[Member]:
    """The G-code of one plate as a stream with `read(size)`; UnreadableFile if there is no such plate."""
    with Archive(source.path) as archive:
        member = plates_in(archive.names).get(number)
        if member is None:
            raise UnreadableFile(f"The file has no plate {number}.")
        with archive.open(member) as stream:
            yield stream


def _read_plate(archive: Archive, member: str, recorder: Recorder | None) -> tuple[gcode.Reading, str]:
    """The plate's G-code and the MD5 that the file gives for it, which must be right."""
    with archive.open(member) as stream:
        hashed = Hashed(stream)
        reading = gcode.read_stream(hashed, recorder)
    given = archive.content(f"{member}.md5", most=1024).decode("ascii", "replace").strip()
    given = given if re.fullmatch(r"[0-9A-Fa-f]{32}", given) else ""
    if given and given.lower() != hashed.md5.hexdigest():
        raise UnreadableFile(
            f"{member} does not match its own checksum: the file is damaged. Export it again."
        )
    return reading, given


def _slice_info(root: Element | None) -> dict[int, Sliced]:
    plates: dict[int, Sliced] = {}
    for element in root.iter("plate") if root is not None else ():
        facts = {item.get("key", ""): item.get("value", "") for item in element.iter("metadata")}
        index = facts.get("index", "")
        if index.isdecimal() and len(index) <= 4:
            found = (_filament(item) for item in element.iter("filament"))
            plates[int(index)] = Sliced(facts, tuple(use for use in found if use is not None))
    return plates


def _filament(item: Element) -> FilamentUse | None:
    slot = item.get("id", "")
    if not slot.isdecimal() or not 1 <= int(slot[:4]) <= MOST_PLATES:
        return None
    metres, grams = (next(iter(numbers(item.get(key, ""))), 0.0) for key in ("used_m", "used_g"))
    return FilamentUse(
        int(slot) - 1,
        max(0.0, grams),
        round(max(0.0, metres) * 1000, 3),
        item.get("type", ""),
        color(item.get("color", "")),
    )


def _model_settings(root: Element | None) -> tuple[dict[int, str], dict[int, str]]:
    """Each plate's title and the member with its picture."""
    titles: dict[int, str] = {}
    pictures: dict[int, str] = {}
    for element in root.iter("plate") if root is not None else ():
        facts = {item.get("key", ""): item.get("value", "") for item in element.findall("metadata")}
        number = facts.get("plater_id", "")
        if number.isdecimal() and len(number) <= 4:
            titles[int(number)] = html.unescape(facts.get("plater_name", ""))
            pictures[int(number)] = facts.get("thumbnail_file", "")
    return titles, pictures


def _merged(plate: PlateFacts, told: Sliced, said: Said) -> PlateFacts:
    """The slicer's result beside the G-code wins over the G-code's head; all slots are kept."""
    seconds = numbers(told.facts.get("prediction", ""))
    if seconds and 0 < seconds[0] < 1e8:
        plate = replace(plate, print_s=round(seconds[0]))
        said.origins["print_s"] = f"{SLICE_INFO}: prediction"
    if not told.filaments:
        return plate
    uses = {use.index: replace(use, used=False, grams=0.0, length_mm=0.0) for use in plate.filaments}
    for use in told.filaments:
        slot = uses.get(use.index, use)
        shade, material = use.color or slot.color, use.material or slot.material
        exact = next((one.length_mm for one in plate.filaments if one.index == use.index), 0.0)
        # slice_info rounds to centimetres; the G-code's own length is kept where both mean the same.
        length_mm = exact if abs(exact - use.length_mm) <= 10 else use.length_mm
        uses[use.index] = replace(use, color=shade, material=material, length_mm=length_mm)
    said.origins["filaments"] = f"{SLICE_INFO}: filament"
    slots = range(max(uses) + 1)
    return replace(plate, filaments=tuple(uses.get(slot, FilamentUse(slot, used=False)) for slot in slots))


def _with_settings(said: Said, settings: dict[str, Any], plates: list[dict[str, str]]) -> Said:
    """The project's configuration where the G-code is silent, and the printer's names in order."""

    def setting(key: str) -> str:
        value = settings.get(key, "")
        return ";".join(map(str, value[:64])) if isinstance(value, list) else str(value)

    names = said.printer_models
    said.printer_models = []
    for key in ("printer_model", "printer_settings_id"):
        said.add_printer_model(Found(setting(key), f"{SETTINGS}: {key}"))
    for facts in plates:
        said.add_printer_model(Found(facts.get("printer_model_id", ""), f"{SLICE_INFO}: printer_model_id"))
    for name in names:
        said.add_printer_model(Found(name, "G-code"))
    if said.bed_mm is None:
        said.bed_mm = bed(setting("printable_area"), setting("printable_height"))
        said.origins["bed_mm"] = f"{SETTINGS}: printable_area"
    if not said.nozzle_mm:
        said.nozzle_mm = tuple(size for size in numbers(setting("nozzle_diameter")) if 0 < size < 10)
        said.origins["nozzle_mm"] = f"{SETTINGS}: nozzle_diameter"
    for fact, key in (
        ("layer_height_mm", "layer_height"),
        ("first_layer_height_mm", "initial_layer_print_height"),
    ):
        if getattr(said, fact) is None and not setting(key).endswith("%"):
            setattr(said, fact, length(setting(key)))
            said.origins[fact] = f"{SETTINGS}: {key}"
    said.flavor = said.flavor or next(iter(texts(setting("gcode_flavor"))), "")
    return said


def _leaving(sliced: dict[int, Sliced], members: dict[int, str]) -> tuple[int, ...]:
    return tuple(
        number for number in members if sliced.get(number, Sliced()).facts.get("outside", "") == "true"
    )


def _thumbnail(archive: Archive, first: int, pictures: dict[int, str]) -> bytes:
    candidates = (pictures.get(first, ""), f"Metadata/plate_{first}.png", "Metadata/thumbnail.png")
    names = set(archive.names)
    for name in candidates:
        if name in names and (png := thumbnails.as_png(archive.content(name))):
            return png
    return b""


def _abrasive(readings: list[gcode.Reading]) -> bool | None:
    answers = {reading.said.abrasive for reading in readings}
    if True in answers:
        return True
    return None if None in answers else False
