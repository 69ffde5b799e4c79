"""Who may change what in the library: operators everything, others what they uploaded themselves."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from orgs.permissions import may
from orgs.requests import OrgRequest

from .models import Model3D


def visible(request: OrgRequest) -> Q:
    """The models that the person may see: all, but of the trash only what they may restore."""
    if may(request, "model.edit"):
        return Q()
    return Q(deleted_at=None) | Q(by=request.user.pk)


def may_change(request: OrgRequest, model: Model3D) -> bool:
    own = model.by_id == request.user.pk
    return may(request, "model.edit") or (own and may(request, "model.upload"))


def check_change(request: OrgRequest, model: Model3D) -> None:
    """PermissionDenied with the reason unless `may_change`."""
    if not may_change(request, model):
        raise PermissionDenied(_("You can change only models that you uploaded yourself."))
