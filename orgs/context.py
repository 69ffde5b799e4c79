"""What every page's frame shows of the organisations."""

from typing import Any

from django.http import HttpRequest

from . import branding
from .models import Membership, Org

MOST_LISTED = 200


def frame(request: HttpRequest) -> dict[str, Any]:
    """`org`, `membership`; `brand_version` and `logo_version`, empty where there is none; when the switcher
    is drawn, `orgs_of_user` (all for a superadmin); `mfa_due`, from when on this person needs a second step
    that they do not have."""
    org, membership = getattr(request, "org", None), getattr(request, "membership", None)
    if org is None:
        return {}
    return {
        "org": org,
        "membership": membership,
        "brand_version": branding.version_of(org),
        "logo_version": branding.logo_version(org),
        "orgs_of_user": lambda: orgs_of(request),
        # Asked anew: the page may be the one on which it was just set up.
        "mfa_due": None if getattr(request.user, "mfa_since", None) else getattr(request, "mfa_due", None),
    }


def closed_of(request: HttpRequest) -> list[Org]:
    """A person's organisations that are suspended."""
    memberships = Membership.objects.filter(user=request.user.pk, org__state=Org.State.SUSPENDED)
    return [membership.org for membership in memberships.select_related("org").order_by("org__name")]


def orgs_of(request: HttpRequest, words: str = "", only: str = "") -> list[Org]:
    """Those a person may enter, for a superadmin the first of all; with `words` in the name, or one by id.

    A list for every page can't hold thousands, so whoever looks for one asks for it.
    """
    rows = Org.objects.filter(state=Org.State.ACTIVE, name__icontains=words).order_by("name")
    if only:
        rows = rows.filter(pk=only)
    if not (request.user.is_authenticated and request.user.is_superadmin):
        rows = rows.filter(pk__in=Membership.objects.filter(user=request.user.pk).values("org"))
    return list(rows[:MOST_LISTED])
