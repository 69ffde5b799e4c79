"""One view, two answers: the whole page, or the fragment htmx asked for; and toasts beside either."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import trigger_client_event


def wants_fragment(request: HttpRequest) -> bool:
    """True for an htmx swap; boosted links and restored history want whole pages."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render `fragment` for an htmx swap, else `page`, which includes the fragment.

    Vary keeps a cache, or the back button, from showing a bare fragment as a page.
    """
    response = render(request, fragment if wants_fragment(request) else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def add_toast(response: HttpResponse, text: str, tone: str = "good", undo: str = "") -> HttpResponse:
    """Tell an outcome beside the answer to an htmx request.

    `tone` is good, note, warn or bad (stays until read); `undo` is the URL to POST to take it back, for 10 s.
    """
    return trigger_client_event(response, "toast", {"text": str(text), "tone": tone, "undo": undo})
