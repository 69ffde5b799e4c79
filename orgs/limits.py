"""How often people may ask for what is costly or could be misused: one table, counted in Redis.

Guessing at passwords and codes is counted in accounts.limits, for there is no organisation yet.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import ceil
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.limits import place_of
from audit.trail import record
from ui.fragments import add_toast, wants_fragment

from .keys import org_key, platform_key, redis_client
from .requests import OrgRequest
from .rest.problems import problem
from .rest.refusals import is_for_slicers, refusal

P = ParamSpec("P")
View = Callable[Concatenate[OrgRequest, P], HttpResponse]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many by one person, and by all of an organisation together, within `within_s` seconds."""

    person: int
    org: int
    within_s: int = 600


LIMITS = {
    "upload": Limit(1200, 5000),
    "import": Limit(30, 100),
    "export": Limit(120, 600),
    "invitation": Limit(300, 500, 3600),
    "token": Limit(20, 200),
    "printer-test": Limit(120, 400),
    "channel-test": Limit(10, 60),
    "report-run": Limit(40, 120),
}
# Of one address: tokens that nobody has. Who has a living one is never held up by others there.
WRONG_TOKENS, WRONG_WITHIN_S = 60, 900


def limit_of(name: str) -> Limit:
    """As the deployment has it (ODIN_LIMITS), else the one of the table."""
    given = settings.LIMITS.get(name)
    return Limit(*given) if given else LIMITS[name]


if unknown := sorted(set(settings.LIMITS) - set(LIMITS)):
    raise ImproperlyConfigured(f"ODIN_LIMITS names {unknown}; there are {sorted(LIMITS)}.")


def spend(name: str, org: UUID, person: UUID) -> int:
    """Count one; how many seconds to wait if it was one too many, else 0.

    What a person asks for beyond their own limit does not count for the organisation, so that nobody uses up
    what is everybody's. Without Redis nothing is limited: the farm's work goes on.
    """
    limit = limit_of(name)
    try:
        for key, most in (
            (org_key(org, "limit", name, person), limit.person),
            (org_key(org, "limit", name), limit.org),
        ):
            count, left_s = _count(key, limit.within_s)
            if count > most:
                return left_s
    except redis.RedisError as error:
        logger.warning("limit %s is not counted: %s", name, error)
    return 0


def wrong_token(address: str) -> int:
    """Count a token that is none; how many seconds its sender is to wait, 0 while they are few.

    The first that is too many is a line of the platform's audit.
    """
    try:
        count, left_s = _count(platform_key("limit", "wrong-token", place_of(address)), WRONG_WITHIN_S)
    except redis.RedisError as error:
        logger.warning("wrong tokens are not counted: %s", error)
        return 0
    if count == WRONG_TOKENS + 1:
        record("token.guessing", after={"address": address, "within_s": WRONG_WITHIN_S})
    return left_s if count > WRONG_TOKENS else 0


def _count(key: str, within_s: int) -> tuple[int, int]:
    """How many there were with this one, and in how many seconds they are forgotten."""
    pipe = redis_client().pipeline()
    pipe.set(key, 0, nx=True, ex=within_s)
    pipe.incr(key)
    pipe.pttl(key)
    _new, count, left_ms = pipe.execute()
    return int(count), max(1, ceil(int(left_ms) / 1000))


def is_sending(request: HttpRequest) -> bool:
    """What is limited of most views: not looking at the form."""
    return request.method == "POST"


def always(_request: HttpRequest) -> bool:
    """For downloads, which are asked for by GET."""
    return True


def is_download(request: HttpRequest) -> bool:
    """What is limited of views whose page is a file too: `csv` names its table, `format` another kind."""
    return "csv" in request.GET or request.GET.get("format") in {"csv", "pdf", "html"}


def limited(name: str, when: Callable[[HttpRequest], bool] = is_sending) -> Callable[[View[P]], View[P]]:
    """Answer 429 beyond the limit of `name`. Put it below @require, above @idempotent."""
    LIMITS[name]

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def counted(request: OrgRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            wait_s = spend(name, request.org.pk, request.user.pk) if when(request) else 0
            return too_many(request, wait_s) if wait_s else view(request, *args, **kwargs)

        cast(Any, counted).limit = name
        return counted

    return decorate


def too_many(request: HttpRequest, wait_s: int) -> HttpResponse:
    """429 as whoever asked reads it: a program, a slicer, a part of a page, or a browser."""
    minutes = ceil(wait_s / 60)
    words = _("That was asked for very often. Wait %(minutes)d min, then go on.") % {"minutes": minutes}
    if request.path.startswith("/api/"):
        response = problem(429, words)
    elif is_for_slicers(request.path):
        response = refusal(request, 429, words)
    elif wants_fragment(request):
        response = add_toast(HttpResponse(escape(words), status=429), words, tone="warn")
    else:
        response = render(request, "orgs/too_many.html", {"words": words}, status=429)
    response["Retry-After"] = str(wait_s)
    return response
