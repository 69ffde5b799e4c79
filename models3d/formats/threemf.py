"""Sliced 3MF of Bambu Studio and OrcaSlicer: the plates' G-code and what the slicer says beside it."""

import hashlib
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from models3d.formats import gcode, slicing, thumbnails
from models3d.formats.archive import Archive, Member
from models3d.formats.metadata import Kind, Metadata, Source, UnreadableFile
from models3d.formats.recording import Recorder
from models3d.formats.slicers.comments import Found, Pairs
from models3d.formats.slicers.said import Said, quoted_list
from models3d.formats.slicing import SLICE_INFO, Sliced
from models3d.formats.sniffing import plates_in

MOST_PLATES = 64
SETTINGS = "Metadata/project_settings.config"
MODEL_SETTINGS = "Metadata/model_settings.config"


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
        if len(members) > MOST_PLATES:
            raise UnreadableFile(
                f"The file has {len(members)} plates; more than {MOST_PLATES} can't be read. Export fewer."
            )
        settings, sliced = _settings(archive.json(SETTINGS)), slicing.plates(archive.xml(SLICE_INFO))
        titles, pictures = _model_settings(archive.xml(MODEL_SETTINGS))
        readings, plates = [], []
        for number, member in members.items():
            told = sliced.get(number, Sliced())
            recorder = gcode.recorder_of(source, number)
            reading, md5 = _read_plate(archive, member, recorder, told.pairs, settings)
            readings.append(reading)
            plate = replace(reading.plate(number), title=titles.get(number, ""), md5=md5, member=member)
            plates.append(slicing.merged(plate, told, reading.said))
        thumbnail = _thumbnail(archive, next(iter(members)), pictures)
    said = readings[0].said
    _names(said, settings, sliced)
    beyond = tuple(number for number in members if number in sliced and sliced[number].leaves_bed)
    if beyond:
        said.origins["leaves_bed"] = f"{SLICE_INFO}: outside"
    if thumbnail:
        said.origins["thumbnail"] = "plate picture"
    warnings = [text for reading in readings for text in reading.warnings]
    warnings += slicing.warnings(sliced, plates)
    _abrasive(said, readings)
    return replace(
        gcode.record(Kind.GCODE_3MF, readings[0], tuple(plates)),
        thumbnail=thumbnail or readings[0].thumbnail,
        leaves_bed=beyond,
        warnings=tuple(dict.fromkeys(warnings)),
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


def _read_plate(
    archive: Archive, member: str, recorder: Recorder | None, told: Pairs, settings: Pairs
) -> tuple[gcode.Reading, str]:
    """The plate's G-code and the MD5 that the file gives for it, which must be right."""
    with archive.open(member) as stream:
        hashed = Hashed(stream)
        reading = gcode.read_stream(hashed, recorder, before={SLICE_INFO: told}, after={SETTINGS: settings})
    given = archive.content(f"{member}.md5", most=1024).decode("ascii", "replace").strip()
    given = given if re.fullmatch(r"[0-9A-Fa-f]{32}", given) else ""
    if given and given.lower() != hashed.md5.hexdigest():
        raise UnreadableFile(
            f"{member} does not match its own checksum: the file is damaged. Export it again."
        )
    return reading, given


def _settings(read: dict[str, Any]) -> Pairs:
    """The project's configuration in the form in which G-code has it."""
    return {
        (str(key).lower(), "="): quoted_list(value) if isinstance(value, list) else str(value)
        for key, value in read.items()
    }


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


def _names(said: Said, settings: Pairs, sliced: dict[int, Sliced]) -> None:
    """The printer's names in order: the project's, Bambu's code, and what the G-code adds to them."""
    names, origin = said.printer_models, said.origins.pop("printer_models", "")
    said.printer_models = []
    for key in ("printer_model", "printer_settings_id"):
        said.add_printer_model(Found(settings.get((key, "="), ""), f"{SETTINGS}: {key}"))
    for plate in sliced.values():
        code = plate.facts.get("printer_model_id", "")
        said.add_printer_model(Found(code, f"{SLICE_INFO}: printer_model_id"))
    for name in names:
        said.add_printer_model(Found(name, origin))


def _thumbnail(archive: Archive, first: int, pictures: dict[int, str]) -> bytes:
    candidates = (pictures.get(first, ""), f"Metadata/plate_{first}.png", "Metadata/thumbnail.png")
    names = set(archive.names)
    for name in candidates:
        if name in names and (png := thumbnails.as_png(archive.content(name))):
            return png
    return b""


def _abrasive(said: Said, readings: list[gcode.Reading]) -> None:
    """The file wears the nozzle if one plate does, and is known not to if none does."""
    answers = [reading.said.abrasive for reading in readings]
    said.abrasive = True if True in answers else None if None in answers else False
    if said.abrasive is None:
        said.origins.pop("abrasive", None)
    else:
        telling = readings[answers.index(said.abrasive)].said
        said.origins["abrasive"] = telling.origins["abrasive"]
