"""How the organisation looks: the form with its preview, and what browsers fetch of it."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from orgs import branding
from orgs.brand_forms import BrandForm, PreviewForm
from orgs.models import Org
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.contrast import DARK, LIGHT, tokens

# Their addresses change with what they hold.
STAYS = "private, max-age=31536000, immutable"


@require_http_methods(["GET", "POST"])
@require("org.settings")
def branding_edit(request: OrgRequest) -> HttpResponse:
    org = Org.objects.get(pk=request.org.pk)
    form = BrandForm(request.POST or None, request.FILES or None, org=org)
    if form.is_valid():
        said = form.cleaned_data
        changed = branding.save(
            org,
            said["name"],
            said["accent"],
            said["accent_dark"],
            logo=said["logo"],
            no_logo=said.get("logo_remove", False),
        )
        messages.success(request, _("The branding is saved.") if changed else _("Nothing was changed."))
        return redirect("orgs:branding")
    context = {"form": form, **_shown(form.data if form.is_bound else form.initial)}
    return render(request, "orgs/branding.html", context, status=422 if form.is_bound else 200)


@require_GET
@require("org.settings")
def branding_preview(request: OrgRequest) -> HttpResponse:
    return render(request, "orgs/_brand_preview.html", _shown(request.GET))


@require_GET
@require("org.view")
def brand_sheet(request: OrgRequest) -> HttpResponseBase:
    """The organisation's tokens as CSS."""
    return _kept(request, branding.version_of(request.org) or "none", lambda: _css(request.org))


@require_GET
@require("org.view")
def brand_logo(request: OrgRequest) -> HttpResponseBase:
    """The organisation's logo; the platform's where there is none, or its file is gone."""
    path = request.org.logo
    if not path or not default_storage.exists(path):
        return HttpResponseRedirect(static("img/logo.svg"))
    return _kept(request, branding.logo_version(request.org), lambda: _picture(path))


def _css(org: Org) -> HttpResponse:
    return HttpResponse(branding.sheet_of(org), content_type="text/css; charset=utf-8")


def _picture(path: str) -> FileResponse:
    response = FileResponse(default_storage.open(path, "rb"), content_type="image/png")
    # PNG is compressed already.
    response["Content-Encoding"] = "identity"
    return response


def _kept(request: OrgRequest, version: str, made: Any) -> HttpResponseBase:
    """Kept for ever under the address with its version; else asked for anew each time."""
    etag = quote_etag(version)
    response: HttpResponseBase = get_conditional_response(request, etag=etag) or made()
    response["ETag"] = etag
    response["Cache-Control"] = STAYS if request.GET.get("v") == version else "private, no-cache"
    return response


def _shown(said: Any) -> dict[str, Any]:
    """For the preview: each theme with its colours, the platform's where what was typed is none."""
    form = PreviewForm({name: said.get(name, "") for name in ("name", "accent", "accent_dark")})
    form.is_valid()
    light = form.cleaned_data.get("accent") or tokens(LIGHT)["accent"]
    dark = form.cleaned_data.get("accent_dark") or (
        "" if form.cleaned_data.get("accent") else tokens(DARK)["accent"]
    )
    accents = branding.accents_of(light, dark)
    return {
        "previews": [(one, tokens(one.theme)) for one in accents],
        "preview_name": form.cleaned_data.get("name", ""),
    }
