"""Who may change what in the library: operators everything, others what they uploaded themselves."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orgs.models import Membership
from orgs.permissions import may
from orgs.requests import OrgRequest

from .models import Model3D

ONLY_OWN = _("You can change only models that you uploaded yourself.")


def visible(membership: Membership) -> Q:
    """The models that a member may see: all, but of the trash only what they may restore."""
    if membership.may("model.edit"):
        return Q()
    return Q(deleted_at=None) | Q(by=membership.user_id)


def may_change(request: OrgRequest, model: Model3D) -> bool:
    own = model.by_id == request.user.pk
    return may(request, "model.edit") or (own and may(request, "model.upload"))


def check_change(request: OrgRequest, model: Model3D) -> None:
    """PermissionDenied with the reason unless `may_change`."""
    if not may_change(request, model):
        raise PermissionDenied(ONLY_OWN)


def why_not_theirs(membership: Membership, model: Model3D) -> str:
    """Why a member may not change `model`, for what runs without a request; "" if they may."""
    own = model.by_id is not None and model.by_id == membership.user_id
    if membership.may("model.edit") or (own and membership.may("model.upload")):
        return ""
    return str(ONLY_OWN)
