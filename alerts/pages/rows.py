"""What is done to one endpoint, a person's own or the organisation's, from its row."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from alerts.channels.adapter import NotSent
from alerts.channels.services import SERVICES
from alerts.endpoints import endpoints_of, remove, switch
from alerts.models import Endpoint
from alerts.trying import try_out
from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest

from .forms import OTHER

View = Callable[..., HttpResponse]


def test_view(action: str, page: str, *, is_own: bool) -> View:
    """A view that really sends one message, and says what the other side answered."""

    @require_POST
    @require(action)
    @limited("channel-test")
    def test(request: OrgRequest, pk: UUID) -> HttpResponse:
        endpoint = _found(request, pk, is_own=is_own)
        told(request, lambda: try_out(endpoint, request.user))
        return redirect(page)

    return test


def switch_view(action: str, page: str, *, is_own: bool) -> View:
    """A view that switches on (`on` is 1) or off."""

    @require_POST
    @require(action)
    def switching(request: OrgRequest, pk: UUID) -> HttpResponse:
        endpoint, on = _found(request, pk, is_own=is_own), request.POST.get("on") == "1"
        switch(endpoint, on=on)
        words = _("%(name)s is on.") if on else _("%(name)s is off: nothing is sent there.")
        messages.success(request, words % {"name": endpoint})
        return redirect(page)

    return switching


def delete_view(action: str, page: str, *, is_own: bool) -> View:
    @require_POST
    @require(action)
    def delete(request: OrgRequest, pk: UUID) -> HttpResponse:
        endpoint = _found(request, pk, is_own=is_own)
        remove(endpoint)
        messages.success(request, _("%(name)s is deleted.") % {"name": endpoint})
        return redirect(page)

    return delete


own_test = test_view("alert.view", "channels:own", is_own=True)
own_switch = switch_view("alert.view", "channels:own", is_own=True)
own_delete = delete_view("alert.view", "channels:own", is_own=True)
org_test = test_view("channel.manage", "channels:org", is_own=False)
org_switch = switch_view("channel.manage", "channels:org", is_own=False)
org_delete = delete_view("channel.manage", "channels:org", is_own=False)


def told(request: OrgRequest, send: Callable[[], str]) -> None:
    """Tell on the next page how a test ended."""
    try:
        said = send()
    except NotSent as reason:
        messages.error(request, _("Nothing arrived. %(why)s") % {"why": reason})
    else:
        messages.success(request, _("The test was sent. The answer: %(said)s") % {"said": said})


def asked_service(request: OrgRequest) -> str:
    """The chat service that the form is for."""
    asked = request.POST.get("service") or request.GET.get("service", "")
    return asked if asked in {*SERVICES, OTHER} else next(iter(SERVICES))


def _found(request: OrgRequest, pk: UUID, *, is_own: bool) -> Endpoint:
    whose: User | None = request.user if is_own else None
    return get_object_or_404(endpoints_of(whose), pk=pk)
