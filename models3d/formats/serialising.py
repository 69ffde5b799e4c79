"""Metadata as JSON values and back, exactly."""

import base64
from dataclasses import asdict
from typing import Any

from models3d.formats.metadata import Box, FilamentUse, Kind, Metadata, PlateFacts, PlateSize


def to_json(metadata: Metadata) -> dict[str, Any]:
    """The record as JSON values; `thumbnail` is base64, tuples are lists."""
    written: dict[str, Any] = _lists(asdict(metadata))
    written["kind"] = metadata.kind.value
    written["thumbnail"] = base64.b64encode(metadata.thumbnail).decode("ascii")
    return written


def from_json(written: dict[str, Any]) -> Metadata:
    """The record that `to_json` wrote; a field that is not there has its default."""
    plain = dict(written)
    plain["kind"] = Kind(plain["kind"])
    plain["thumbnail"] = base64.b64decode(plain.get("thumbnail", ""))
    plain["plates"] = tuple(_plate(plate) for plate in plain.get("plates", ()))
    for name in ("printer_models", "nozzle_mm", "nozzle_c", "leaves_bed", "warnings", "objects"):
        plain[name] = tuple(plain.get(name, ()))
    for name in ("bed_mm", "excluded_mm", "size_mm"):
        if plain.get(name) is not None:
            plain[name] = tuple(plain[name])
    plain["plate_sizes"] = tuple(
        PlateSize(plate["number"], plate["title"], _sides(plate["size_mm"]))
        for plate in plain.get("plate_sizes", ())
    )
    plain["filaments"] = tuple(FilamentUse(**use) for use in plain.get("filaments", ()))
    return Metadata(**plain)


def _plate(written: dict[str, Any]) -> PlateFacts:
    plain = dict(written)
    plain["filaments"] = tuple(FilamentUse(**use) for use in plain.get("filaments", ()))
    for name in ("box", "motion"):
        plain[name] = _box(plain.get(name))
    return PlateFacts(**plain)


def _box(written: dict[str, Any] | None) -> Box | None:
    return None if written is None else Box(tuple(written["min"]), tuple(written["max"]))


def _sides(written: list[float] | None) -> tuple[float, float, float] | None:
    return None if written is None else (written[0], written[1], written[2])


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_lists(item) for item in value]
    return value
