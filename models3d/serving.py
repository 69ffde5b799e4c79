"""Answers with stored files: to the person alone, and nothing when the browser has it already."""

from collections.abc import Callable, Mapping
from typing import IO, cast

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _

from ui.headers import as_file

from .formats.layers import NoPreview, Preview
from .models import Revision

PICTURES_STAY = "private, max-age=3600"


class LostFile(Http404):
    """The storage no longer has these bytes; the message tells the person."""


def serve_file(request: HttpRequest, revision: Revision) -> HttpResponseBase:
    """The revision's exact bytes, as a download under their own name. Raises LostFile."""
    return _serve(request, revision.stored.path, revision.stored_id, revision.original_name)


def serve_thumbnail(request: HttpRequest, revision: Revision) -> HttpResponseBase:
    """The revision's picture, PNG; Http404 where there is none."""
    path = revision.stored.thumbnail_path
    return _serve(request, path, f"{revision.stored_id}-{path[-8:]}", "")


def serve_layers(request: HttpRequest, revision: Revision, plate: int, layer: int) -> HttpResponseBase:
    """The chunk of the plate's preview that holds `layer`, counted from 1, as `formats.strokes` packs it.

    Http404 where there is none.
    """

    def read(preview: Preview) -> HttpResponse:
        # The stored stream is what HTTP calls deflate: the browser unpacks it, and nobody packs it twice.
        chunk = preview.chunk(preview.plate(plate), layer - 1)
        return HttpResponse(
            chunk, content_type="application/octet-stream", headers={"Content-Encoding": "deflate"}
        )

    return _previewed(request, revision, f"{plate}-{layer}", read)


def serve_drawing(
    request: HttpRequest, revision: Revision, plate: int, known: Mapping[str, object]
) -> HttpResponseBase:
    """What the plate's preview has, and what else is `known`, as JSON; Http404 where there is none."""

    def read(preview: Preview) -> HttpResponse:
        drawn = preview.plate(plate)
        heights, filament = preview.heights(drawn)
        return JsonResponse(
            {
                **known,
                "box_mm": drawn.box,
                "kinds": drawn.kinds,
                "tools": drawn.tools,
                "is_cut": drawn.cut,
                "z_mm": heights,
                "filament_mm": filament,
                "chunks": [first + 1 for first in preview.firsts(drawn)],
            }
        )

    return _previewed(request, revision, f"{plate}", read)


def _previewed(
    request: HttpRequest, revision: Revision, name: str, read: Callable[[Preview], HttpResponse]
) -> HttpResponseBase:
    path = revision.stored.layers_path
    if not path or not default_storage.exists(path):
        raise Http404
    etag = quote_etag(f"{revision.stored_id}-{path[-15:]}-{name}")
    response = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            with default_storage.open(path, "rb") as file:
                response = read(Preview(cast("IO[bytes]", file)))
        except NoPreview as error:
            raise Http404 from error
    response["ETag"] = etag
    response["Cache-Control"] = PICTURES_STAY
    return as_file(response)


def _serve(request: HttpRequest, path: str, etag: str, name: str) -> HttpResponseBase:
    if not path:
        raise Http404
    if not default_storage.exists(path):
        raise LostFile(_("The stored file is missing from the server."))
    quoted = quote_etag(etag)
    response: HttpResponseBase = get_conditional_response(request, etag=quoted) or _opened(path, name)
    response["ETag"] = quoted
    response["Cache-Control"] = PICTURES_STAY if not name else "private, no-cache"
    return as_file(response)


def _opened(path: str, name: str) -> FileResponse:
    kind = "application/octet-stream" if name else "image/png"
    response = FileResponse(
        default_storage.open(path, "rb"), as_attachment=bool(name), filename=name, content_type=kind
    )
    # Compressing a gigabyte on the way costs more than it saves, and PNG is compressed already.
    response["Content-Encoding"] = "identity"
    return response
