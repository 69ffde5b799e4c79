"""Errors for slicers: {"error": words} as OctoPrint has it, and bare words for Cura, which shows no other."""

import re

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .problems import is_told, words_of_django

# What lies below an inbox is for programs with a key; the inbox itself may be opened in a browser.
SLICER_PATH = re.compile(r"^/o/[-\w]+/inbox/[^/]+/.")
SHOWS_PLAIN_TEXT_ONLY = "OctoPrintPlugin"


def is_for_slicers(path: str) -> bool:
    return SLICER_PATH.match(path) is not None


def refusal(request: HttpRequest, status: int, words: str, **more: object) -> HttpResponse:
    """An error whose `words` the slicer shows to the person; `more` is for programs."""
    if SHOWS_PLAIN_TEXT_ONLY in request.headers.get("User-Agent", ""):
        # Without a charset: Cura's plug-in compares the whole header. It takes the text for UTF-8.
        response = HttpResponse(words, status=status, content_type="text/plain")
    else:
        body = orjson.dumps({"error": words, **more})
        response = HttpResponse(body, status=status, content_type="application/json")
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="O.D.I.N.", charset="UTF-8"'
    return response


def as_refusal(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """What Django itself answers with a page is a refusal too."""
    if is_told(response) or response.headers.get("Content-Type") == "text/plain":
        return response
    answer = refusal(request, response.status_code, words_of_django(response.status_code))
    if "Allow" in response.headers:
        answer["Allow"] = response.headers["Allow"]
    return answer
