"""G-code as text, of every slicer: one pass over the file for its comments, its picture and its moves."""

import re
from dataclasses import dataclass, replace

from models3d.formats import thumbnails
from models3d.formats.metadata import FilamentUse, Kind, Metadata, PlateFacts, Source, UnreadableFile
from models3d.formats.moves import MoveScan, Reach
from models3d.formats.recording import Recorder
from models3d.formats.slicers import checks, read_comments
from models3d.formats.slicers.comments import Comments, Pairs
from models3d.formats.slicers.said import Said
from models3d.formats.streaming import Stream, Text

MOVE = re.compile(rb"\n[ \t]*G0?[0-3](?![0-9.])[^\n]*", re.IGNORECASE)
# What these slicers always write behind the last move; without it the end of the file is missing.
ENDINGS = {
    "PrusaSlicer": rb"; (?:total )?filament |; estimated |_config = |; CONFIG_BLOCK|; EXECUTABLE_BLOCK_END",
    "SuperSlicer": rb"; (?:total )?filament |; estimated |_config = |; CONFIG_BLOCK",
    "OrcaSlicer": rb"; (?:total )?filament |; estimated |; CONFIG_BLOCK|; EXECUTABLE_BLOCK_END",
    "Bambu Studio": rb"; EXECUTABLE_BLOCK_END",
    "Cura": rb";End of Gcode|;SETTING_3|^M84|^M104 S0|^M140 S0",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one G-code says and does, before it is known which file it is a part of."""

    said: Said
    reach: Reach
    thumbnail: bytes
    warnings: tuple[str, ...]

    def plate(self, number: int) -> PlateFacts:
        said, reach = self.said, self.reach
        return PlateFacts(
            number=number,
            print_s=said.print_s,
            filaments=said.filaments,
            layers=said.layers,
            box=reach.printed,
            motion=reach.motion,
            box_estimated=reach.estimated,
        )


@dataclass(frozen=True, slots=True)
class Scanned:
    """A G-code that was read to its end."""

    text: Text
    moves: MoveScan

    def ends(self) -> tuple[bytes, bytes]:
        """Head and tail without the part that a small file has in both."""
        head, tail = self.text.head, self.text.tail
        if self.text.size == len(head):
            cut = _last_move(head)
            return head[:cut], head[cut:]
        return head, tail


def read(source: Source) -> Metadata:
    """The facts of a G-code file; UnreadableFile if it holds no print or only a part of one."""
    with source.path.open("rb") as stream:
        reading = read_stream(stream, recorder_of(source, 1))
    return record(Kind.GCODE, reading, (reading.plate(1),))


def record(kind: Kind, reading: Reading, plates: tuple[PlateFacts, ...]) -> Metadata:
    """The record of a file whose first, or only, G-code is `reading`."""
    said = reading.said
    return Metadata(
        kind=kind,
        slicer=said.slicer,
        slicer_version=said.slicer_version,
        printer_models=tuple(said.printer_models),
        nozzle_mm=said.nozzle_mm,
        layer_height_mm=said.layer_height_mm,
        first_layer_height_mm=said.first_layer_height_mm,
        bed_mm=said.bed_mm,
        flavor=said.flavor,
        abrasive=said.abrasive,
        profile=said.profile,
        nozzle_c=said.nozzle_c,
        bed_c=said.bed_c,
        chamber_c=said.chamber_c,
        bed_type=said.bed_type,
        support=said.support,
        max_z_mm=said.max_z_mm,
        excluded_mm=said.excluded_mm,
        plates=plates,
        thumbnail=reading.thumbnail,
        warnings=reading.warnings,
        origins=said.origins,
    )


def recorder_of(source: Source, plate: int) -> Recorder | None:
    """Who draws the layers of a plate; None where nobody asked for a preview."""
    return Recorder(source.preview, plate) if source.preview else None


def read_stream(
    stream: Stream,
    recorder: Recorder | None = None,
    *,
    before: dict[str, Pairs] | None = None,
    after: dict[str, Pairs] | None = None,
) -> Reading:
    """Read a G-code once from start to end, and draw its layers if there is a recorder.

    What stands beside it is believed before or after it.
    """
    scanned = scan(stream, recorder)
    head, tail = scanned.ends()
    said = read_comments(Comments(head, tail, before=before, after=after))
    _require_end(said.slicer, tail)
    reading = conclude(scanned, said)
    png = thumbnails.largest(scanned.text.head)
    if png:
        said.origins["thumbnail"] = "head: thumbnail"
    return replace(reading, thumbnail=png)


def scan(stream: Stream, recorder: Recorder | None = None) -> Scanned:
    """Follow all moves of a stream; UnreadableFile if there is none."""
    text, moves = Text(stream), MoveScan(recorder)
    for block in text.blocks():
        moves.feed(block)
    if recorder:
        recorder.finish()
    if moves.moves == 0:
        raise UnreadableFile("There is not one move in this file, so it is not a print.")
    return Scanned(text, moves)


def conclude(scanned: Scanned, said: Said) -> Reading:
    """What the moves did, now that it is known what was said of them."""
    bed = said.bed_mm[:2] if said.bed_mm else None
    reach = scanned.moves.finish(max(said.nozzle_mm, default=None), bed)
    differing = checks.compare(said, reach)
    _fill_from_moves(said, reach)
    return Reading(said, reach, b"", tuple(_warnings(said, reach, scanned.text) + differing))


def _last_move(data: bytes) -> int:
    """Where the last move ends, 0 if there is none."""
    last = 0
    for match in MOVE.finditer(data):
        last = match.end()
    return last


def _require_end(slicer: str, tail: bytes) -> None:
    ending = ENDINGS.get(slicer)
    if ending is None:
        return
    if re.search(ending, tail[_last_move(tail) :], re.MULTILINE) is None:
        raise UnreadableFile(f"The end of this {slicer} file is missing. Export or upload it again.")


def _fill_from_moves(said: Said, reach: Reach) -> None:
    if reach.printed:
        said.origins["box"] = "moves"
    if reach.motion:
        said.origins["motion"] = "moves"
    if said.layers is None and reach.layers:
        said.layers = reach.layers
        said.origins["layers"] = "layer marks"
    fed = round(reach.fed_mm, 2)
    # UltiGCode feeds by volume.
    if said.flavor == "ultigcode" or fed <= 0 or any(use.length_mm for use in said.filaments):
        return
    if len(said.filaments) <= 1:
        use = said.filaments[0] if said.filaments else FilamentUse(0)
        said.filaments = (replace(use, length_mm=fed, used=True),)
        said.origins["filaments"] = "moves"


def _warnings(said: Said, reach: Reach, text: Text) -> list[str]:
    warnings = [*said.warnings, *reach.warnings]
    if reach.estimated:
        warnings.append("The file marks no layers, so its size is estimated and may include a purge line.")
    if reach.printed is None:
        warnings.append("No extruding move was found, so the size of the print is unknown.")
    if text.long_lines:
        warnings.append("Lines of more than a megabyte were left out.")
    return warnings
