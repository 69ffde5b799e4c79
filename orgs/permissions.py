"""Guards for views and API endpoints."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from .requests import OrgRequest
from .roles import ACTIONS

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[Concatenate[OrgRequest, P], R]


def may(request: OrgRequest, action: str) -> bool:
    """Whether the role allows `action` and, for a token, its scopes too."""
    if not request.membership.may(action):
        return False
    scope = ACTIONS[action].scope
    return request.token is None or not scope or scope in request.token.scopes


def check(request: OrgRequest, action: str) -> None:
    """PermissionDenied with the reason unless `may`."""
    if not request.membership.may(action):
        raise PermissionDenied(_("Your role does not allow this."))
    if not may(request, action):
        raise PermissionDenied(_("The token lacks the scope %(scope)s.") % {"scope": ACTIONS[action].scope})


def require(action: str) -> Callable[[View[P, R]], View[P, R]]:
    """Let in members whose role and token allow `action`; others get 403."""
    ACTIONS[action]

    def decorate(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: OrgRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            check(request, action)
            return view(request, *args, **kwargs)

        cast(Any, guarded).required_action = action
        return guarded

    return decorate
