"""The way out of mails: a link in each of them, which needs no sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_tenants.utils import tenant_context

from alerts import unsubscribing
from alerts.kinds import Kind


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, link: str) -> HttpResponse:
    """Looking at it changes nothing, for mail servers look too; a POST ends these mails, or `all` of them.

    Mail programs POST here by themselves (RFC 8058), without a page and so without its CSRF token. The link
    is the secret.
    """
    found = unsubscribing.find(link)
    if found is None:
        return render(request, "channels/stop_gone.html", status=404)
    org, user = found.membership.org, found.membership.user
    kinds = list(Kind) if request.POST.get("all") else found.kinds
    if request.method == "POST":
        # The link names the organisation: there is no address of it that needs no sign-in.
        with tenant_context(org):
            unsubscribing.stop(user, kinds)
    with translation.override(org.language):
        context = {
            "org_name": org.name,
            "email": user.email,
            "kinds": kinds,
            "is_done": request.method == "POST",
        }
        return render(request, "channels/stop.html", context)
