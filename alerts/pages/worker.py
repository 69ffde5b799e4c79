"""The service worker of browser push, served from within the organisation so that its scope is there."""

from functools import cache

from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from orgs.permissions import require
from orgs.requests import OrgRequest


@require_GET
@require("alert.view")
def worker(request: OrgRequest) -> HttpResponse:
    """Each organisation has its own, and so each its own subscription of a browser."""
    answer = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    # Asked for anew by the browser: a fault in it must not live on in caches.
    answer["Cache-Control"] = "no-cache"
    return answer


@cache
def _script() -> bytes:
    path = finders.find("js/push_worker.js")
    if not path:
        raise Http404
    with open(path, "rb") as file:  # noqa: PTH123  # finders give text
        return file.read()
