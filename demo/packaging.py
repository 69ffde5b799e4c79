"""The members of a .gcode.3mf beside the G-code, as Bambu Studio writes them."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from demo.dialects import DATE, Job, heat

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
OPC = "http://schemas.openxmlformats.org/package/2006"
CORE = "http://schemas.microsoft.com/3dmanufacturing"
BAMBU = "http://schemas.bambulab.com/package/2021"
VERSION = "02.04.00.70"

CONTENT_TYPES = f"""{XML}<Types xmlns="{OPC}/content-types">
 <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
 <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
 <Default Extension="png" ContentType="image/png"/>
 <Default Extension="gcode" ContentType="text/x.gcode"/>
</Types>
"""
RELATIONSHIPS = f"""{XML}<Relationships xmlns="{OPC}/relationships">
 <Relationship Target="/3D/3dmodel.model" Id="rel-1" Type="{CORE}/2013/01/3dmodel"/>
 <Relationship Target="/Metadata/plate_1.png" Id="rel-2" Type="{OPC}/relationships/metadata/thumbnail"/>
 <Relationship Target="/Metadata/plate_1.png" Id="rel-4" Type="{BAMBU}/cover-thumbnail-middle"/>
 <Relationship Target="/Metadata/plate_1_small.png" Id="rel-5" Type="{BAMBU}/cover-thumbnail-small"/>
</Relationships>
"""
GCODE_RELATIONSHIP = f"""{XML}<Relationships xmlns="{OPC}/relationships">
 <Relationship Target="/Metadata/plate_1.gcode" Id="rel-1" Type="{BAMBU}/gcode"/>
</Relationships>
"""


def model(job: Job) -> str:
    """3dmodel.model without geometry, as in a pure print file."""
    spaces = f'xmlns="{CORE}/core/2015/02" xmlns:BambuStudio="{BAMBU}"'
    return f"""{XML}<model unit="millimeter" xml:lang="en-US" {spaces}>
 <metadata name="Application">BambuStudio-{VERSION}</metadata>
 <metadata name="BambuStudio:3mfVersion">1</metadata>
 <metadata name="CreationDate">{DATE}</metadata>
 <metadata name="Title">{escape(job.title)}</metadata>
 <resources>
 </resources>
 <build/>
</model>
"""


def _metadata(pairs: dict[str, str]) -> str:
    return "".join(f'    <metadata key="{key}" value={quoteattr(value)}/>\n' for key, value in pairs.items())


def model_settings(job: Job) -> str:
    """model_settings.config: the plate's title and its files."""
    pairs = {
        "plater_id": "1",
        "plater_name": job.title,
        "locked": "false",
        "filament_map_mode": "Auto For Flush",
        "gcode_file": "Metadata/plate_1.gcode",
        "thumbnail_file": "Metadata/plate_1.png",
        "pattern_bbox_file": "Metadata/plate_1.json",
    }
    return f"{XML}<config>\n  <plate>\n{_metadata(pairs)}  </plate>\n</config>\n"


def slice_info(job: Job, printer_model_id: str) -> str:
    """slice_info.config: what the slicer found out about the plate."""
    pairs = {
        "index": "1",
        "printer_model_id": printer_model_id,
        "nozzle_diameters": f"{job.nozzle_mm:g}",
        "timelapse_type": "0",
        "prediction": str(job.seconds),
        "weight": f"{job.grams:.2f}",
        "outside": "false",
        "support_used": "false",
        "label_object_enabled": "true",
        "filament_maps": "1",
    }
    filament = (
        f'    <filament id="1" tray_info_idx="" type={quoteattr(job.material)} color="{job.color}"'
        f' used_m="{job.length_mm / 1000:.2f}" used_g="{job.grams:.2f}"/>\n'
    )
    name = f'    <object identify_id="{job.id}" name={quoteattr(job.title)} skipped="false"/>\n'
    header = (
        '  <header>\n    <header_item key="X-BBL-Client-Type" value="slicer"/>\n'
        f'    <header_item key="X-BBL-Client-Version" value="{VERSION}"/>\n  </header>\n'
    )
    return f"{XML}<config>\n{header}  <plate>\n{_metadata(pairs)}{name}{filament}  </plate>\n</config>\n"


def plate_json(job: Job) -> dict[str, Any]:
    """plate_1.json: where the part lies."""
    low = [(bed - size) / 2 for bed, size in zip(job.bed_mm[:2], job.size_mm[:2], strict=True)]
    high = [(bed + size) / 2 for bed, size in zip(job.bed_mm[:2], job.size_mm[:2], strict=True)]
    area = round(job.size_mm[0] * job.size_mm[1], 1)
    part = {
        "area": area,
        "bbox": low + high,
        "id": job.id,
        "layer_height": job.thickness_mm,
        "name": job.title,
    }
    return {
        "bbox_all": low + high,
        "bbox_objects": [part],
        "bed_type": "textured_plate",
        "filament_colors": [job.color],
        "filament_ids": [0],
        "first_extruder": 0,
        "is_seq_print": False,
        "nozzle_diameter": job.nozzle_mm,
        "version": 2,
    }


def project_settings(job: Job) -> dict[str, Any]:
    """project_settings.config: the keys of the full configuration that readers ask for."""
    nozzle, bed = heat(job)
    return {
        "filament_colour": [job.color],
        "filament_density": [f"{job.density:g}"],
        "filament_diameter": ["1.75"],
        "filament_ids": [""],
        "filament_type": [job.material],
        "from": "project",
        "gcode_flavor": job.flavor,
        "hot_plate_temp": [str(bed)],
        "initial_layer_print_height": f"{job.thickness_mm:g}",
        "layer_height": f"{job.thickness_mm:g}",
        "name": "project_settings",
        "nozzle_diameter": [f"{job.nozzle_mm:g}"],
        "nozzle_temperature": [str(nozzle)],
        "print_settings_id": f"{job.thickness_mm:.2f}mm Standard",
        "printable_area": job.area,
        "printable_height": f"{job.bed_mm[2]:g}",
        "printer_model": job.printer_model,
        "printer_settings_id": f"{job.printer_model} {job.nozzle_mm:g} nozzle",
        "sparse_infill_density": "15%",
        "version": VERSION,
        "wall_loops": "2",
    }
