"""The real files that the tests read, and small ones made here; those of others may be absent."""

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from models3d.formats.metadata import Metadata, Source
from models3d.formats.readers import read

OURS = Path(__file__).parent.parent / "data"
OTHERS = Path(__file__).parents[3] / "shared" / "data" / "others"


def plain_gcode_files() -> list[Path]:
    return sorted([*OURS.glob("*.gcode"), *OTHERS.glob("*.gcode")])


def other(name: str) -> Path:
    if not (OTHERS / name).exists():
        pytest.skip(f"{name} is not ours to keep and is not in ../shared/data/others")
    return OTHERS / name


def facts_of(folder: Path, content: bytes | str) -> Metadata:
    path = folder / "upload"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(Source(path, "upload.bin"))


MOVES = "G28\nG90\nM83\n;LAYER_CHANGE\nG1 X10 Y10 Z.2\nG1 X30 E1\nG1 Y40 E1\n"
BAMBU = (
    "; HEADER_BLOCK_START\n; BambuStudio 02.04.00.70\n"
    "; model printing time: 28m 33s; total estimated time: 35m 46s\n; total layer number: 25\n"
    "; total filament length [mm] : 566.75,466.68\n; total filament weight [g] : 1.66,1.41\n"
    "; filament_density: 1.26,1.24\n; filament: 1,4\n; HEADER_BLOCK_END\n; CONFIG_BLOCK_START\n"
    "; filament_type = PLA;PLA;ABS;PETG\n; filament_colour = #FF6A13;#000000;#111111;#FFFFFF\n"
    "; nozzle_diameter = 0.4\n; printer_model = Bambu Lab P1S\n; printable_area = 0x0,256x0,256x256,0x256\n"
    "; printable_height = 250\n; layer_height = 0.2\n; CONFIG_BLOCK_END\n; EXECUTABLE_BLOCK_START\n"
    "; MACHINE_START_GCODE_END\n; CHANGE_LAYER\n; FEATURE: Outer wall\nG28\nM83\nG1 X10 Y10 Z.2\nG1 X30 E1\n"
    "; EXECUTABLE_BLOCK_END\n"
)
SLICE_INFO = """<?xml version="1.0"?><config><plate><metadata key="index" value="{number}"/>
<metadata key="printer_model_id" value="C12"/><metadata key="prediction" value="2146"/>
<metadata key="outside" value="{outside}"/>
<filament id="1" type="PLA" color="#FF6A13" used_m="0.57" used_g="1.66"/>
<filament id="4" type="PETG" color="#FFFFFF" used_m="0.47" used_g="1.41"/></plate></config>"""


def picture(kind="PNG", size=(300, 200)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#E4572E").save(written, kind)
    return written.getvalue()


def framed(tag: str, width: int, height: int, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    rows = "".join(f"; {text[at : at + 78]}\n" for at in range(0, len(text), 78))
    return f"; {tag} begin {width}x{height} {len(text)}\n{rows}; {tag} end\n"


def sliced_3mf(changes: dict[str, bytes | str | None] | None = None, *, outside="false", number=1) -> bytes:
    """A small .gcode.3mf; a change of None leaves a member out."""
    gcode = BAMBU.encode()
    members: dict[str, bytes | str | None] = {
        "3D/3dmodel.model": "<model/>",
        "Metadata/slice_info.config": SLICE_INFO.format(outside=outside, number=number),
        "Metadata/project_settings.config": json.dumps({"printer_model": "Bambu Lab P1S"}),
        f"Metadata/plate_{number}.gcode": gcode,
        f"Metadata/plate_{number}.gcode.md5": hashlib.md5(gcode, usedforsecurity=False).hexdigest().upper(),
        f"Metadata/plate_{number}.png": picture(),
    } | (changes or {})
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)
    return written.getvalue()
