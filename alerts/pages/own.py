"""How one is told: the browsers and chats of a person."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts.channels import posting
from alerts.channels.adapter import NotSent
from alerts.channels.push import public_key
from alerts.endpoints import TooMany, add, endpoints_of, remove, subscribe
from alerts.kinds import Channel
from alerts.trying import try_mail
from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest

from .forms import ChatForm, service_choices, service_of
from .rows import asked_service, told

LONGEST_NAME = 80


@require_GET
@require("alert.view")
def own(request: OrgRequest) -> HttpResponse:
    return _page(request, asked_service(request))


@require_POST
@require("alert.view")
def chat_add(request: OrgRequest) -> HttpResponse:
    name = asked_service(request)
    form = ChatForm(service_of(name), request.POST, auto_id="chat-%s")
    if form.is_valid():
        values = {"name": form.name_or_service(), "address": form.masked()}
        try:
            add(Channel.CHAT, request.user, values, form.url)
        except TooMany as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("It is added. Send a test to see whether it arrives."))
            return redirect("channels:own")
    return _page(request, name, form)


@require_POST
@require("alert.view")
@limited("channel-test")
def mail_test(request: OrgRequest) -> HttpResponse:
    told(request, lambda: try_mail(request.user))
    return redirect("channels:own")


@require_POST
@require("alert.view")
def push_add(request: OrgRequest) -> HttpResponse:
    """What a browser's subscription says of itself, as JSON: 204, or 422 with the reason."""
    try:
        said = json.loads(request.body)
        address, keys = str(said["endpoint"]), said["keys"]
        posting.checked(address)
        if len(address) > 600 or not isinstance(keys, dict):
            raise ValueError("too long, or no keys")
        subscribe(request.user, address, keys, str(said.get("name", ""))[:LONGEST_NAME])
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse(_("This browser's push can't be used."), status=422, content_type="text/plain")
    except (NotSent, TooMany) as reason:
        return HttpResponse(str(reason), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@require_POST
@require("alert.view")
def push_remove(request: OrgRequest) -> HttpResponse:
    """The browser has ended its subscription; that there was none is as good."""
    address = request.POST.get("endpoint", "")
    for endpoint in endpoints_of(request.user).filter(channel=Channel.PUSH, address=address):
        remove(endpoint)
    return HttpResponse(status=204)


def _page(request: OrgRequest, service: str, form: ChatForm | None = None) -> HttpResponse:
    status = 422 if form is not None else 200
    context: dict[str, Any] = {
        "endpoints": endpoints_of(request.user),
        "form": form or ChatForm(service_of(service), auto_id="chat-%s"),
        "service": service,
        "services": service_choices(),
        "push_key": public_key(),
    }
    return render(request, "channels/own.html", context, status=status)
