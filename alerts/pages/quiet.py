"""Quiet hours: one's own, and the organisation's."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from alerts.holding import Quiet, save
from alerts.kinds import Severity
from alerts.models import QuietHours
from alerts.previewing import last_night
from alerts.quiet_hours import next_quiet
from orgs.permissions import may, require
from orgs.requests import OrgRequest

from .quiet_form import QuietHoursForm


@require_http_methods(["GET", "POST"])
@require("alert.view")
def quiet_own(request: OrgRequest) -> HttpResponse:
    return _quiet(request, request.user)


@require_http_methods(["GET", "POST"])
@require("org.settings")
def quiet_org(request: OrgRequest) -> HttpResponse:
    return _quiet(request, None)


@require_POST
@require("alert.view")
def quiet_own_end(request: OrgRequest) -> HttpResponse:
    return _end(request, request.user)


@require_POST
@require("org.settings")
def quiet_org_end(request: OrgRequest) -> HttpResponse:
    return _end(request, None)


def _quiet(request: OrgRequest, user: User | None) -> HttpResponse:
    hours = QuietHours.objects.filter(user=user).first()
    form = QuietHoursForm(request.POST or None, hours, request.org, is_own=user is not None)
    if form.is_valid():
        save(user, form.cleaned_data)
        messages.success(request, _("The quiet hours are saved."))
        return redirect(_page_of(user))
    context = {
        "form": form,
        "hours": hours,
        "is_own": user is not None,
        "may_set_org": may(request, "org.settings"),
        "orgs_hours": QuietHours.objects.filter(user=None).first() if user else None,
        "now_words": said_now(user),
        "preview": last_night(user),
    }
    return render(request, "alerts/quiet.html", context, status=422 if form.is_bound else 200)


def _end(request: OrgRequest, user: User | None) -> HttpResponse:
    save(user, None)
    messages.success(request, _("There are no quiet hours any more; what was held is told now."))
    return redirect(_page_of(user))


def _page_of(user: User | None) -> str:
    return "alerts:quiet" if user else "alerts:quiet_org"


def said_now(user: User | None) -> str:
    """What holds at this moment, in a plain sentence."""
    now, quiet = timezone.now(), Quiet([user.pk] if user else [])
    whose = user.pk if user else None
    windows, zone = quiet.windows(whose), quiet.zone(whose)
    until = quiet.until(whose, now, Severity.WARNING)
    if until is not None:
        words = _("It is quiet until %(time)s for you.") if user else _("It is quiet until %(time)s.")
        said = words % {"time": _clock(until, now, zone)}
        if quiet.until(whose, now, Severity.CRITICAL) is None:
            return f"{said} {_('Only critical alerts come through.')}"
        return f"{said} {_('Everything waits, critical alerts too.')}"
    begins = next_quiet(windows, now)
    if begins is None:
        return _("It is never quiet: alerts are told at any hour.")
    return _("It is not quiet now. Quiet begins at %(time)s.") % {"time": _clock(begins, now, zone)}


def _clock(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The hour, with its weekday where it is not within a day."""
    is_near = (at - now).total_seconds() < 20 * 3600
    return formats.date_format(at.astimezone(zone), "H:i" if is_near else "l H:i")
