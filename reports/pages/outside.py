"""Saying yes or no to reports by mail, from a signed link and without signing in."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_tenants.utils import tenant_context

from audit.trail import acting, actor
from orgs.models import Org
from reports import setting
from reports.links import CONFIRM, UNSUBSCRIBE, read
from reports.models import Recipient


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, link: str) -> HttpResponse:
    return _answer(request, CONFIRM, link, setting.confirm)


# Mail programs send the one click of RFC 8058 themselves: the signed link is all that proves it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, link: str) -> HttpResponse:
    return _answer(request, UNSUBSCRIBE, link, setting.unsubscribe)


def _answer(
    request: HttpRequest, what: str, link: str, act: Callable[[UUID], Recipient | None]
) -> HttpResponse:
    """A question for who looks, for scanners of mails open every link; the deed for who posts."""
    named = read(what, link)
    org = Org.objects.filter(pk=named[0], state=Org.State.ACTIVE).first() if named else None
    if named is None or org is None:
        return render(request, "reports/outside_gone.html", status=404)
    with tenant_context(org):
        found = Recipient.objects.select_related("schedule").filter(pk=named[1]).first()
        if found is None:
            return render(request, "reports/outside_gone.html", status=404)
        is_done = request.method == "POST"
        if is_done:
            with acting(replace(actor(), name=found.email)):
                act(found.pk)
        context = {
            "what": what,
            "recipient": found,
            "report": found.schedule.name,
            "by": org,
            "is_done": is_done,
        }
        return render(request, "reports/outside.html", context)
