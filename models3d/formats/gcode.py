"""G-code as text, of every slicer: one pass over the file for its comments, its picture and its moves."""

import re
from dataclasses import dataclass, replace

from models3d.formats import thumbnails
from models3d.formats.metadata import FilamentUse, Kind, Metadata, PlateFacts, Source, UnreadableFile
from models3d.formats.moves import MoveScan, Reach
from models3d.formats.recording import Recorder
from models3d.formats.slicers import read_comments
from models3d.formats.slicers.comments import Comments
from models3d.formats.slicers.said import Said
from models3d.formats.streaming import Stream, Text

MOVE = re.compile(rb"\n[ \t]*G[0-3][ \t][^\n]*", re.IGNORECASE)
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


def read(source: Source) -> Metadata:
    """The facts of a G-code file; UnreadableFile if it holds no print or only a part of one."""
    with source.path.open("rb") as stream:
        reading = read_stream(stream, recorder_of(source, 1))
    said = reading.said
    return Metadata(
        kind=Kind.GCODE,
        slicer=said.slicer,
        slicer_version=said.slicer_version,
        printer_models=tuple(said.printer_models),
        nozzle_mm=said.nozzle_mm,
        layer_height_mm=said.layer_height_mm,
        first_layer_height_mm=said.first_layer_height_mm,
        bed_mm=said.bed_mm,
        flavor=said.flavor,
        abrasive=said.abrasive,
        plates=(reading.plate(1),),
        thumbnail=reading.thumbnail,
        warnings=reading.warnings,
        origins=said.origins,
    )


def recorder_of(source: Source, plate: int) -> Recorder | None:
    """Who draws the layers of a plate; None where nobody asked for a preview."""
    return Recorder(source.preview, plate) if source.preview else None


def read_stream(stream: Stream, recorder: Recorder | None = None) -> Reading:
    """Read a G-code once from start to end, and draw its layers if there is a recorder."""
    text, scan = Text(stream), MoveScan(recorder)
    for block in text.blocks():
        scan.feed(block)
    if recorder:
        recorder.finish()
    if scan.moves == 0:
        raise UnreadableFile("There is not one move in this file, so it is not a print.")
    head, tail = _ends(text)
    said = read_comments(Comments(head, tail))
    _require_end(said.slicer, tail)
    bed = said.bed_mm[:2] if said.bed_mm else None
    reach = scan.finish(max(said.nozzle_mm, default=None), bed)
    _fill_from_moves(said, reach)
    return Reading(said, reach, _thumbnail(said, text), tuple(_warnings(said, reach, text)))


def _ends(text: Text) -> tuple[bytes, bytes]:
    """Head and tail without the part that a small file has in both."""
    head, tail = text.head, text.tail
    if text.size == len(head):
        cut = _last_move(head)
        return head[:cut], head[cut:]
    return head, tail


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
    if said.layers is None and reach.layers:
        said.layers = reach.layers
        said.origins["layers"] = "layer marks"
    fed = round(reach.fed_mm, 2)
    if len(said.filaments) <= 1 and fed > 0 and not any(use.length_mm for use in said.filaments):
        use = said.filaments[0] if said.filaments else FilamentUse(0)
        said.filaments = (replace(use, length_mm=fed, used=True),)
        said.origins["filaments"] = "moves"


def _thumbnail(said: Said, text: Text) -> bytes:
    png = thumbnails.largest(text.head)
    if png:
        said.origins["thumbnail"] = "head: thumbnail"
    return png


def _warnings(said: Said, reach: Reach, text: Text) -> list[str]:
    warnings = [*said.warnings, *reach.warnings]
    if reach.estimated:
        warnings.append("The file marks no layers, so its size is estimated and may include a purge line.")
    if reach.printed is None:
        warnings.append("No extruding move was found, so the size of the print is unknown.")
    if text.long_lines:
        warnings.append("Lines of more than a megabyte were left out.")
    return warnings
