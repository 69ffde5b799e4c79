"""Uploads on their way in: refused unread if too large or of unknown length, dropped if they end half-way."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape
from django.utils.translation import gettext as _

from orgs.rest.problems import problem
from orgs.rest.refusals import is_for_slicers, refusal

from .storing import too_large_words

# The form's other fields, and the lines between the parts.
AROUND_A_FILE = 1024 * 1024


class WholeBody:
    """Reads a request's body and raises where it ends before its announced length.

    Django takes the end of a broken connection for the end of the last file.
    """

    def __init__(self, body: Any, length: int) -> None:
        self.body = body
        self.missing = length

    def read(self, size: int) -> bytes:
        data: bytes = self.body.read(size)
        self.missing -= len(data)
        if not data and size and self.missing > 0:
            raise MultiPartParserError("The upload ended before it was whole.")
        return data


class WholeUpload(FileUploadHandler):
    """The first upload handler: parses the form through a WholeBody, with the usual handlers after it."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        body = WholeBody(input_data, content_length)
        handlers = [MemoryFileUploadHandler(self.request), TemporaryFileUploadHandler(self.request)]
        return MultiPartParser(META, body, handlers, encoding).parse()  # type: ignore[arg-type]

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def refuse_oversized(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: a body that says it is too large, or a form that does not say its length, is not read."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length and request.method == "POST" and request.content_type == "multipart/form-data":
            # Django would take it for an empty one.
            words = _(
                "The upload does not say how large it is. Send it with its Content-Length, not in chunks."
            )
            return _refused(request, 411, _("Length required"), words)
        if length.isdigit() and int(length) > settings.MODEL_MAX_BYTES + AROUND_A_FILE:
            return _refused(request, 413, _("Too large"), too_large_words())
        return get_response(request)

    return serve


def _refused(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    """The refusal as whoever sent it reads it: the API, a slicer or a browser."""
    if request.path_info.startswith("/api/"):
        return problem(status, words)
    if is_for_slicers(request.path_info):
        return refusal(request, status, words)
    page = f"<!doctype html><title>{escape(title)}</title><p>{escape(words)}</p>"
    return HttpResponse(page, status=status)
