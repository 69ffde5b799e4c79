"""What PrusaSlicer's family sets for a print: its profile, temperatures, plate, support and the like."""

from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments
from models3d.formats.slicers.said import (
    Said,
    amounts,
    at,
    numbers,
    surrounding,
    temperature,
    truth,
    unquoted,
)

NOZZLE = ("first_layer_temperature", "nozzle_temperature_initial_layer", "temperature", "nozzle_temperature")
BED = ("first_layer_bed_temperature", "bed_temperature")
CHAMBER = ("chamber_temperature", "chamber_temperatures")
# The bed's temperature of Bambu Studio and OrcaSlicer is under the name of the plate that lies on it.
PLATES = {
    "cool plate": "cool_plate_temp",
    "engineering plate": "eng_plate_temp",
    "high temp plate": "hot_plate_temp",
    "smooth pei plate / high temp plate": "hot_plate_temp",
    "textured pei plate": "textured_plate_temp",
    "textured cool plate": "textured_cool_plate_temp",
    "supertack plate": "supertack_plate_temp",
    "cool plate (supertack)": "supertack_plate_temp",
}


def read(said: Said, comments: Comments) -> None:
    """Fill in the settings; the filaments must be known, as some settings are one for each."""
    profile = comments.find("print_settings_id")
    if profile:
        said.profile = unquoted(profile.value)
        said.note("profile", profile)
    support = comments.find("support_used", "support_material", "enable_support")
    said.support = truth(support.value) if support else None
    if support and said.support is not None:
        said.note("support", support)
    height = comments.find("max_layer_z", "max_z_height")
    tall = numbers(height.value) if height else []
    if height and tall and tall[0] > 0:
        said.max_z_mm = tall[0]
        said.note("max_z_mm", height)
    _plate(said, comments)
    _temperatures(said, comments)


def _plate(said: Said, comments: Comments) -> None:
    plate = comments.find("curr_bed_type")
    if plate:
        said.bed_type = unquoted(plate.value)
        said.note("bed_type", plate)
    excluded = comments.find("bed_exclude_area")
    if excluded:
        said.excluded_mm = surrounding(excluded.value)
        if said.excluded_mm:
            said.note("excluded_mm", excluded)


def _temperatures(said: Said, comments: Comments) -> None:
    nozzle = comments.find(*NOZZLE)
    if nozzle:
        heats = tuple(temperature(heat) or 0.0 for heat in amounts(nozzle.value))
        if any(heats):
            said.nozzle_c = heats
            said.note("nozzle_c", nozzle)
    under = PLATES.get(said.bed_type.lower(), "")
    for fact, keys in (
        ("bed_c", (f"{under}_initial_layer", under) if under else BED),
        ("chamber_c", CHAMBER),
    ):
        found = comments.find(*keys)
        heat = _of_first(amounts(found.value), said.filaments) if found else None
        if found and heat:
            setattr(said, fact, heat)
            said.note(fact, found)


def _of_first(values: list[float], uses: tuple[FilamentUse, ...]) -> float | None:
    """The temperature for the first filament that is used, which is what the first layer begins with."""
    first = next((use.index for use in uses if use.used), 0)
    return temperature(at(values, first))
