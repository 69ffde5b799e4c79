"""Models in the REST API."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from bulk.rest import start_bulk
from bulk.schemas import StartedOut
from jobs.fitting import fits
from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, answer, listing, ordered, searched
from orgs.rest.problems import Conflict, Problem, field_error
from printers.visible import visible_ids

from . import describing, library, shelving
from .bulk import MODELS
from .facts import is_printable
from .models import Favourite, Model3D, Revision
from .naming import LONGEST_COLLECTION, clean_notes, clean_text
from .rights import check_change, visible
from .schemas import (
    EditIn,
    FitOut,
    FitQuery,
    ModelBulkIn,
    ModelFilterIn,
    ModelListOut,
    ModelOut,
    ModelQuery,
    RevisionListOut,
)
from .serving import LostFile, serve_file, serve_thumbnail
from .storing import CannotStore, TooLarge
from .table import SHELVES, ModelTable
from .tagging import clean_names, names_in

router = Router(tags=["models"])
ORDER = {"name": "name", "created_at": "created_at"}


@router.get("", response={200: ModelListOut})
@require("model.view")
def models(request: OrgRequest, query: Query[ModelQuery]) -> HttpResponse:
    rows = matching(request, query)
    rows = ordered(rows, query.ordering, ORDER, ["-created_at"])
    return listing(request, query, describing.model_rows(rows), describing.describe_models)


def matching(request: OrgRequest, query: ModelQuery | ModelFilterIn) -> "QuerySet[Model3D]":
    """The models that a list or a bulk action asks for."""
    rows = Model3D.objects.filter(visible(request.membership))
    if query.shelf != "all":
        rows = rows.filter(SHELVES[query.shelf])
    rows = searched(rows, query.search, ModelTable.search)
    for lookup, value in (
        ("tags__name__iexact", query.tag),
        ("collection__name__iexact", query.collection),
        ("current__status", query.status),
        ("current__kind", query.kind),
    ):
        if value:
            rows = rows.filter(**{lookup: value})
    if query.sha256:
        rows = rows.filter(Exists(Revision.objects.filter(model=OuterRef("pk"), stored=query.sha256)))
    if query.favourite is not None:
        mine = Exists(Favourite.objects.filter(model=OuterRef("pk"), user=request.user.pk))
        rows = rows.filter(mine if query.favourite else ~mine)
    return rows


@router.post("", response={201: ModelOut})
@require("model.upload")
@limited("upload")
@idempotent
def add_model(
    request: OrgRequest,
    file: File[UploadedFile | None] = None,
    name: Form[str] = "",
    notes: Form[str] = "",
    tags: Form[list[str]] = [],  # noqa: B006  # Ninja copies it
    collection: Form[str] = "",
) -> HttpResponse:
    uploaded = _uploaded(request, file, {"name", "notes", "tags", "collection"})
    _check_length("collection", collection, LONGEST_COLLECTION)
    _check_length("name", name, 160)
    _check_length("notes", notes, 2000)
    said: dict[str, Any] = {
        "name": name,
        "notes": clean_notes(notes),
        "tags": _tag_names(tags),
        "collection": collection,
    }
    model = _stored(lambda: library.add_model(uploaded, by=request.user, **said))
    return answer(describing.describe_model(model.pk), 201)


@router.post("/bulk", response={202: StartedOut})
@require("model.upload")
@idempotent
def start_bulk_models(request: OrgRequest, payload: ModelBulkIn) -> HttpResponse:
    return start_bulk(request, MODELS, payload, lambda asked: matching(request, asked))


@router.get("/{uuid:model_id}", response={200: ModelOut})
@require("model.view")
def model(request: OrgRequest, model_id: UUID) -> HttpResponse:
    return answer(describing.describe_model(_model(model_id).pk))


@router.patch("/{uuid:model_id}", response={200: ModelOut})
@require("model.upload")
def edit_model(request: OrgRequest, model_id: UUID, payload: EditIn) -> HttpResponse:
    found = _model(model_id)
    if payload.model_fields_set - {"favourite"}:
        check_change(request, found)
    if payload.name is not None and not clean_text(payload.name):
        raise Problem(422, _("Give the model a name."), [field_error("name", "is empty")])
    notes = None if payload.notes is None else clean_notes(payload.notes)
    tags = None if payload.tags is None else clean_names(payload.tags)
    if payload.model_fields_set - {"favourite"}:
        library.edit(found, name=payload.name, notes=notes, tags=tags, collection=payload.collection)
    if payload.favourite is not None:
        library.star(found, request.user, payload.favourite)
    return answer(describing.describe_model(found.pk))


@router.delete("/{uuid:model_id}", response={204: None})
@require("model.upload")
def delete_model(request: OrgRequest, model_id: UUID) -> HttpResponse:
    found = _model(model_id)
    check_change(request, found)
    try:
        shelving.delete(found)
    except shelving.CannotShelve as reason:
        raise Conflict(str(reason)) from reason
    return HttpResponse(status=204)


@router.get("/{uuid:model_id}/fits", response={200: list[FitOut]})
@require("model.view")
def model_fits(request: OrgRequest, model_id: UUID, query: Query[FitQuery]) -> HttpResponse:
    revision = _revision(model_id, query.revision)
    plate = revision.plates.filter(number=query.plate).first()
    if plate is None and query.plate != 1:
        raise Problem(422, _("The file has no such plate."), [field_error("plate", "is not in the file")])
    _check_sliced(revision)
    found = [
        {
            "printer_id": fit.printer_id,
            "fits": fit.fits,
            "reasons": fit.reasons,
            "warnings": fit.warnings,
            "checks": [asdict(check) for check in fit.checks],
        }
        for fit in fits(revision, plate, visible_ids(request.membership))
    ]
    return answer(found)


@router.get("/{uuid:model_id}/revisions", response={200: RevisionListOut})
@require("model.view")
def revisions(request: OrgRequest, model_id: UUID, query: Query[ListQuery]) -> HttpResponse:
    rows = ordered(
        _model(model_id).revisions.all(), query.ordering, {"number": "number", "at": "at"}, ["-number"]
    )
    rows = searched(rows, query.search, ["notes", "original_name"])
    return listing(request, query, describing.revision_rows(rows), describing.describe_revisions)


@router.post("/{uuid:model_id}/revisions", response={201: ModelOut})
@require("model.upload")
@limited("upload")
@idempotent
def add_revision(
    request: OrgRequest, model_id: UUID, file: File[UploadedFile | None] = None, notes: Form[str] = ""
) -> HttpResponse:
    found = _model(model_id)
    check_change(request, found)
    uploaded = _uploaded(request, file, {"notes"})
    _check_length("notes", notes, 2000)
    _stored(lambda: library.add_revision(found, uploaded, by=request.user, notes=clean_notes(notes)))
    return answer(describing.describe_model(found.pk), 201)


@router.post("/{uuid:model_id}/revisions/{int:number}/revert", response={200: ModelOut})
@require("model.upload")
@idempotent
def revert(request: OrgRequest, model_id: UUID, number: int) -> HttpResponse:
    old = _revision(model_id, number)
    check_change(request, old.model)
    library.revert(old.model, number, by=request.user)
    return answer(describing.describe_model(model_id))


@router.get("/{uuid:model_id}/revisions/{int:number}/file")
@require("model.view")
def file(request: OrgRequest, model_id: UUID, number: int) -> HttpResponseBase:
    try:
        return serve_file(request, _revision(model_id, number))
    except LostFile as reason:
        raise Problem(404, str(reason)) from reason


@router.get("/{uuid:model_id}/revisions/{int:number}/thumbnail")
@require("model.view")
def thumbnail(request: OrgRequest, model_id: UUID, number: int) -> HttpResponseBase:
    return serve_thumbnail(request, _revision(model_id, number))


def _check_sliced(revision: Revision) -> None:
    """A Conflict says why there is nothing to compare with printers."""
    if revision.status == Revision.Status.READING:
        raise Conflict(_("The file is still being read."))
    if revision.status == Revision.Status.UNREADABLE:
        raise Conflict(revision.problem)
    if not is_printable(revision):
        raise Conflict(_("This is not a sliced file: slice it first."))


def _model(pk: UUID) -> Model3D:
    return get_object_or_404(Model3D, pk=pk, deleted_at=None)


def _revision(model: UUID, number: int | None) -> Revision:
    """That revision, or the current one."""
    revisions = Revision.objects.select_related("model", "stored").filter(model=model, model__deleted_at=None)
    which = Q(number=number) if number is not None else Q(model__current=F("pk"))
    return get_object_or_404(revisions, which)


def _uploaded(request: OrgRequest, file: UploadedFile | None, fields: set[str]) -> UploadedFile:
    """The one file of the form; a Problem for another content type, unknown fields or no file."""
    if request.content_type != "multipart/form-data":
        raise Problem(415, _("Send the file as multipart/form-data."))
    unknown = sorted((set(request.POST) - fields) | (set(request.FILES) - {"file"}))
    if unknown:
        raise Problem(422, _("Unknown field."), [field_error(name, "is not known here") for name in unknown])
    if file is None:
        raise Problem(422, _("There is no file."), [field_error("file", "is missing")])
    return file


def _check_length(name: str, value: str, most: int) -> None:
    if len(value) > most:
        raise Problem(
            422, _("Some values are not accepted."), [field_error(name, f"has at most {most} characters")]
        )


def _tag_names(texts: list[str]) -> list[str]:
    try:
        return clean_names(one for text in texts for one in names_in(text))
    except ValidationError as reason:
        errors = [field_error("tags", words) for words in reason.messages]
        raise Problem(422, _("Some values are not accepted."), errors) from reason


def _stored(store: Callable[[], Any]) -> Any:
    try:
        return store()
    except CannotStore as reason:
        status = 413 if isinstance(reason, TooLarge) else 422
        raise Problem(status, str(reason), [field_error("file", str(reason))]) from reason
