"""Makes print files that look sliced because they are: walls and infill, with each slicer's comments."""

import base64
import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from demo import packaging
from demo.dialects import DIALECTS, Dialect, Job
from demo.pictures import picture
from demo.shapes import part_for
from demo.toolpaths import Layer, layers

DENSITY = {"PLA": 1.24, "PETG": 1.27, "ABS": 1.04, "ASA": 1.07, "TPU": 1.21, "PC": 1.2, "PA-CF": 1.15}
DIAMETER_MM = 1.75
TALL = 150
LARGE_PX, SMALL_PX = 300, 128
FIRST_DATE = (2026, 9, 1, 12, 0, 0)


class Wanted(TypedDict):
    """What a file is to say of itself; `size_mm` is the part's, `color` is #RRGGBB."""

    printer_model: str
    bed_mm: tuple[float, float, float]
    nozzle_mm: float
    material: str
    color: str
    size_mm: tuple[float, float, float]
    minutes: float
    grams: float
    title: str


def gcode_file(path: Path, *, slicer: str, flavor: str = "klipper", **wanted: Unpack[Wanted]) -> None:
    """Write a G-code of `slicer` (a name in `dialects.DIALECTS`) that prints the part its title names."""
    path.write_text(_gcode(DIALECTS[slicer], _job(wanted, flavor)), encoding="utf-8", newline="\n")


def gcode_3mf_file(path: Path, *, printer_model_id: str = "", **wanted: Unpack[Wanted]) -> None:
    """Write a .gcode.3mf as Bambu Studio does; `printer_model_id` is Bambu's code, N1 for the A1 mini."""
    job = _job(wanted, "marlin")
    text = _gcode(DIALECTS["Bambu Studio"], job).encode()
    members: dict[str, bytes] = {
        "[Content_Types].xml": packaging.CONTENT_TYPES.encode(),
        "_rels/.rels": packaging.RELATIONSHIPS.encode(),
        "3D/3dmodel.model": packaging.model(job).encode(),
        "Metadata/plate_1.png": job.picture,
        "Metadata/plate_1_small.png": picture(
            part_for(job.title), job.title, job.size_mm, job.color, SMALL_PX
        ),
        "Metadata/plate_1.json": json.dumps(packaging.plate_json(job)).encode(),
        "Metadata/project_settings.config": json.dumps(packaging.project_settings(job), indent=4).encode(),
        "Metadata/model_settings.config": packaging.model_settings(job).encode(),
        "Metadata/_rels/model_settings.config.rels": packaging.GCODE_RELATIONSHIP.encode(),
        "Metadata/slice_info.config": packaging.slice_info(job, printer_model_id).encode(),
        "Metadata/plate_1.gcode": text,
        "Metadata/plate_1.gcode.md5": hashlib.md5(text, usedforsecurity=False).hexdigest().upper().encode(),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # One date for all, so that the same wish makes the same file and is stored once.
            archive.writestr(zipfile.ZipInfo(name, FIRST_DATE), content, zipfile.ZIP_DEFLATED)


def _job(wanted: Wanted, flavor: str) -> Job:
    density = DENSITY.get(wanted["material"], 1.24)
    length_mm = wanted["grams"] * 1000 / density / (math.pi / 4 * DIAMETER_MM**2)
    part, title = part_for(wanted["title"]), wanted["title"]
    return Job(
        **wanted,
        flavor=flavor,
        density=density,
        length_mm=length_mm,
        thickness_mm=_thickness(wanted["nozzle_mm"], wanted["size_mm"][2]),
        picture=picture(part, title, wanted["size_mm"], wanted["color"], LARGE_PX),
        id=zlib.crc32(title.encode()) % 900 + 100,
    )


def _thickness(nozzle_mm: float, height_mm: float) -> float:
    """A layer's height: half the nozzle, or as thick as the nozzle can for what is tall."""
    return round(nozzle_mm * (0.5 if height_mm / nozzle_mm < TALL else 0.7), 2)


def _gcode(dialect: Dialect, job: Job) -> str:
    middle = (job.bed_mm[0] / 2, job.bed_mm[1] / 2)
    made = list(layers(part_for(job.title), job.title, job.size_mm, middle, job.thickness_mm))
    text = io.StringIO()
    text.write(dialect.head(job, len(made)))
    text.write(_thumbnail(job.picture) if dialect.thumbnail else "")
    text.write(dialect.start(job, len(made)))
    writer = _Writer(dialect, job.length_mm / sum(layer.length_mm for layer in made))
    for number, layer in enumerate(made):
        text.writelines(writer.layer(layer, number, job.thickness_mm, len(made)))
    text.write(dialect.end(job, len(made)))
    return text.getvalue()


@dataclass(slots=True)
class _Writer:
    """Writes layers as moves; filament is fed by length so that the sum is what the job says it uses."""

    dialect: Dialect
    fed_per_mm: float
    fed_mm: float = 0.0

    def layer(self, layer: Layer, number: int, thickness_mm: float, count: int) -> Iterator[str]:
        yield self.dialect.layer_mark.format(
            number=number, z=f"{layer.height_mm:g}", height=f"{thickness_mm:g}", count=count
        )
        yield f"G1 Z{layer.height_mm:.2f} F9000\n"
        feature = ""
        for path in layer.paths:
            if path.feature != feature:
                feature = path.feature
                width = thickness_mm * 2.25
                yield self.dialect.feature_mark.format(
                    feature=self.dialect.features[feature], width=f"{width:.3g}"
                )
            start = path.points[0]
            yield f"{self.dialect.travel} X{start[0]:.3f} Y{start[1]:.3f} F9000\n"
            steps = np.hypot(*np.diff(path.points, axis=0).T) * self.fed_per_mm
            for place, (point, step) in enumerate(zip(path.points[1:], steps, strict=True)):
                speed = " F2400" if place == 0 else ""
                yield f"G1 X{point[0]:.3f} Y{point[1]:.3f} E{self._fed(float(step))}{speed}\n"

    def _fed(self, step_mm: float) -> str:
        self.fed_mm += step_mm
        return f"{self.fed_mm:.5f}" if self.dialect.absolute_e else f"{step_mm:.5f}"


def _thumbnail(png: bytes) -> str:
    text = base64.b64encode(png).decode()
    rows = "".join(f"; {text[place : place + 78]}\n" for place in range(0, len(text), 78))
    return f";\n; thumbnail begin {LARGE_PX}x{LARGE_PX} {len(text)}\n{rows}; thumbnail end\n;\n\n"
