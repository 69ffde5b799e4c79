"""Where the organisation is told: addresses, webhooks and chats for everybody."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alerts.channels.signing import HEADER
from alerts.endpoints import TooMany, add, add_webhook, change, endpoints_of, rotate
from alerts.kinds import Channel
from alerts.models import Endpoint
from orgs.permissions import require
from orgs.requests import OrgRequest

from .forms import (
    EDIT_FORMS,
    EmailForm,
    OrgChatForm,
    TellingForm,
    WebhookForm,
    initial_of,
    service_choices,
    service_of,
)
from .rows import asked_service

ADDED = (Channel.EMAIL, Channel.WEBHOOK, Channel.CHAT)


@require_GET
@require("channel.manage")
def org(request: OrgRequest) -> HttpResponse:
    context = {"endpoints": endpoints_of(None), "channels": ADDED}
    return render(request, "channels/organisation.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@require("channel.manage")
def org_add(request: OrgRequest) -> HttpResponse:
    """The form of a channel; a new webhook's secret is in this one answer only."""
    channel = _asked_channel(request)
    service = asked_service(request)
    form = _form(channel, service, request)
    if form.is_valid():
        try:
            secret = _add(channel, form)
        except TooMany as reason:
            form.add_error(None, str(reason))
        else:
            if secret:
                return _show_secret(request, secret)
            messages.success(request, _("It is added. Send a test to see whether it arrives."))
            return redirect("channels:org")
    context: dict[str, Any] = {
        "form": form,
        "channel": channel,
        "channels": ADDED,
        "service": service,
        "services": service_choices() if channel == Channel.CHAT else [],
    }
    return render(request, "channels/add.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@require("channel.manage")
def org_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    endpoint = get_object_or_404(endpoints_of(None), pk=pk)
    if endpoint.channel not in EDIT_FORMS:
        raise Http404
    form = EDIT_FORMS[endpoint.channel](request.POST or None, initial=initial_of(endpoint))
    if form.is_valid():
        is_new = change(endpoint, form.cleaned_data)
        messages.success(request, _("Saved.") if is_new else _("Nothing was changed."))
        return redirect("channels:org")
    context = {"form": form, "endpoint": endpoint}
    return render(request, "channels/edit.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_POST
@require("channel.manage")
def org_secret(request: OrgRequest, pk: UUID) -> HttpResponse:
    """A new secret for a webhook, shown in this one answer only."""
    endpoint = get_object_or_404(endpoints_of(None), pk=pk, channel=Channel.WEBHOOK)
    return _show_secret(request, rotate(endpoint), endpoint)


def _asked_channel(request: OrgRequest) -> Channel:
    asked = request.POST.get("channel") or request.GET.get("channel", "")
    return next((one for one in ADDED if one == asked), Channel.WEBHOOK)


def _form(channel: Channel, service: str, request: OrgRequest) -> TellingForm:
    # The way to the form of another service is a GET; only what was sent is checked.
    data = request.POST if request.method == "POST" else None
    if channel == Channel.CHAT:
        return OrgChatForm(service_of(service), data)
    return (EmailForm if channel == Channel.EMAIL else WebhookForm)(data)


def _add(channel: Channel, form: TellingForm) -> str:
    """Add what the form says; the secret to show, if it has one of ours."""
    values = dict(form.cleaned_data)
    if channel == Channel.WEBHOOK:
        return add_webhook(values)[1]
    secret = ""
    if isinstance(form, OrgChatForm):
        values |= {"name": form.name_or_service(), "address": form.masked()}
        secret = form.url
    add(channel, None, values, secret)
    return ""


def _show_secret(request: OrgRequest, secret: str, rotated: Endpoint | None = None) -> HttpResponse:
    context = {"secret": secret, "rotated": rotated, "header": HEADER}
    return render(request, "channels/secret.html", context)
