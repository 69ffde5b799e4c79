"""Models and revisions as the API shows them, built by hand from plain rows: a list may have thousands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from .models import Model3D, Plate, Revision
from .reading import progress_of

OF_MODEL = ("pk", "name", "created_at", "by__name", "collection__name", "archived_at", "deleted_at")
OF_REVISION = (
    "pk", "model_id", "number", "stored_id", "stored__size", "status", "problem", "notes", "by__name", "at",
    "back_to", "original_name", "kind", "said", "stored__thumbnail_path",
)  # fmt: skip
OF_PLATE = (
    "revision_id",
    "number",
    "title",
    "print_s",
    "layers",
    "uses",
    "grams",
    "span",
    "box_estimated",
    "md5",
)
Row = tuple[Any, ...]
# As text, because orjson reads it three times as fast as Django does.
AS_TEXT: "TextField[str, str]" = TextField()


def model_rows(models: "QuerySet[Model3D]") -> Any:
    """`models` as the rows that `describe_models` takes."""
    current = ("said" if name == "said" else f"current__{name}" for name in OF_REVISION)
    return models.annotate(said=Cast("current__metadata", AS_TEXT)).values_list(*OF_MODEL, *current)


def revision_rows(revisions: "QuerySet[Revision]") -> Any:
    """`revisions` as the rows that `describe_revisions` takes."""
    return revisions.annotate(said=Cast("metadata", AS_TEXT)).values_list(*OF_REVISION)


def describe_model(model: UUID) -> dict[str, Any]:
    """One model; it must exist in the current organisation."""
    return describe_models(list(model_rows(Model3D.objects.filter(pk=model))))[0]


def describe_models(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """In four queries, whatever the number of rows."""
    tags = _tags_of([row[0] for row in rows])
    revisions = describe_revisions([row[len(OF_MODEL) :] for row in rows])
    twins = _twins_of({revision["sha256"] for revision in revisions})
    return [
        {
            "id": str(row[0]),
            "name": row[1],
            "tags": tags.get(row[0], []),
            "collection": row[4],
            "shelf": "trash" if row[6] else "archive" if row[5] else "library",
            "created_at": row[2],
            "by": row[3],
            "current_revision": revision,
            "duplicate_of": next(
                (str(twin) for twin in twins.get(revision["sha256"], ()) if twin != row[0]), None
            ),
        }
        for row, revision in zip(rows, revisions, strict=True)
    ]


def describe_revisions(rows: Sequence[Row]) -> list[dict[str, Any]]:
    plates = _plates_of([row[0] for row in rows])
    found = [dict(zip(OF_REVISION, row, strict=True)) for row in rows]
    progress = progress_of(row["pk"] for row in found if row["status"] == Revision.Status.READING)
    return [_revision(row, plates.get(row["pk"], []), progress.get(row["pk"])) for row in found]


def _revision(row: Mapping[str, Any], plates: list[dict[str, Any]], progress: float | None) -> dict[str, Any]:
    return {
        "number": row["number"],
        "sha256": row["stored_id"],
        "size": row["stored__size"],
        "file_name": row["original_name"],
        "status": row["status"],
        "progress": progress,
        "problem": row["problem"] or None,
        "notes": row["notes"],
        "back_to": row["back_to"],
        "by": row["by__name"],
        "at": row["at"],
        "metadata": _metadata(row, plates) if row["status"] == Revision.Status.READY else None,
    }


def _metadata(row: Mapping[str, Any], plates: list[dict[str, Any]]) -> dict[str, Any]:
    """What the file says; the facts of a plate are, at the top, those of the first one."""
    said = orjson.loads(row["said"])
    first = plates[0] if plates else {}
    has_picture = bool(row["stored__thumbnail_path"])
    return {
        "kind": row["kind"],
        "slicer": said.get("slicer") or None,
        "slicer_version": said.get("slicer_version") or None,
        "print_s": first.get("print_s"),
        "filaments": first.get("filaments", []),
        "nozzle_mm": next(iter(said.get("nozzle_mm") or ()), None),
        "layer_height_mm": said.get("layer_height_mm"),
        "first_layer_height_mm": said.get("first_layer_height_mm"),
        "layers": first.get("layers"),
        "printer_model": next(iter(said.get("printer_models") or ()), None),
        "bed_mm": said.get("bed_mm"),
        "box_mm": first.get("box_mm"),
        "plates": plates,
        "profile": said.get("profile") or None,
        "nozzle_c": said.get("nozzle_c") or [],
        "bed_c": said.get("bed_c"),
        "chamber_c": said.get("chamber_c"),
        "bed_type": said.get("bed_type") or None,
        "support": said.get("support"),
        "abrasive": said.get("abrasive"),
        "size_mm": said.get("size_mm"),
        "triangles": said.get("triangles"),
        "objects": said.get("objects") or [],
        "origins": said.get("origins") or {},
        "thumbnail_url": _thumbnail_url(row) if has_picture else None,
        "warnings": said.get("warnings", []),
    }


def _thumbnail_url(row: Mapping[str, Any]) -> str:
    return f"/api/models/{row['model_id']}/revisions/{row['number']}/thumbnail"


def _plates_of(revisions: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    plates = Plate.objects.filter(revision__in=_these(revisions)).order_by("number")
    rows = plates.annotate(uses=Cast("filaments", AS_TEXT), span=Cast("box", AS_TEXT)).values_list(*OF_PLATE)
    for revision, number, title, print_s, layers, uses, grams, span, estimated, md5 in rows:
        plate = {
            "number": number,
            "title": title,
            "print_s": print_s,
            "layers": layers,
            "grams": float(grams) or None,
            "filaments": [_filament(use) for use in orjson.loads(uses) if use.get("used", True)],
            "box_mm": span and orjson.loads(span),
            "box_estimated": estimated,
            "md5": md5 or None,
        }
        found[revision].append(plate)
    return found


def _filament(use: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": use["index"],
        "grams": use["grams"] or None,
        "length_mm": use["length_mm"] or None,
        "material": use["material"] or None,
        "color": use["color"] or None,
        "profile": use.get("profile") or None,
        "vendor": use.get("vendor") or None,
        "bambu_id": use.get("bambu_id") or None,
    }


def _tags_of(models: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    tagged = Model3D.tags.through.objects.filter(model3d__in=_these(models)).order_by("tag__name")
    for model, name in tagged.values_list("model3d_id", "tag__name"):
        found[model].append(name)
    return found


def _twins_of(digests: Iterable[str]) -> dict[str, list[UUID]]:
    """The models of each SHA-256 that more than one has, the oldest first."""
    found: dict[str, list[UUID]] = defaultdict(list)
    others = Revision.objects.filter(stored=OuterRef("stored"), model__deleted_at=None).exclude(
        model=OuterRef("model")
    )
    same = Revision.objects.filter(Exists(others), stored__in=_these(digests, "text"), model__deleted_at=None)
    for digest, model in same.order_by("model").values_list("stored_id", "model_id").distinct():
        found[digest].append(model)
    return found


def _these(keys: Iterable[Any], kind: str = "uuid") -> RawSQL:
    """`keys` as one parameter: a thousand of them cost Django and psycopg 7 ms otherwise, for each query."""
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(keys)])  # noqa: S611  # the kind is ours
