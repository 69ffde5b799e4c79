"""Answers with stored files: to the person alone, and nothing when the browser has it already."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from .models import Revision


def serve_file(request: HttpRequest, revision: Revision) -> HttpResponseBase:
    """The revision's exact bytes, as a download under their own name; Http404 if the storage lost them."""
    return _serve(request, revision.stored.path, revision.stored_id, revision.original_name)


def serve_thumbnail(request: HttpRequest, revision: Revision) -> HttpResponseBase:
    """The revision's picture, PNG; Http404 where there is none."""
    path = revision.stored.thumbnail_path
    return _serve(request, path, f"{revision.stored_id}-{path[-8:]}", "")


def _serve(request: HttpRequest, path: str, etag: str, name: str) -> HttpResponseBase:
    if not path or not default_storage.exists(path):
        raise Http404
    quoted = quote_etag(etag)
    response: HttpResponseBase = get_conditional_response(request, etag=quoted) or _opened(path, name)
    response["ETag"] = quoted
    response["Cache-Control"] = "private, max-age=3600" if not name else "private, no-cache"
    return response


def _opened(path: str, name: str) -> FileResponse:
    kind = "application/octet-stream" if name else "image/png"
    response = FileResponse(
        default_storage.open(path, "rb"), as_attachment=bool(name), filename=name, content_type=kind
    )
    # Compressing a gigabyte on the way costs more than it saves, and PNG is compressed already.
    response["Content-Encoding"] = "identity"
    return response
