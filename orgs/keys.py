"""Redis: the one client, and the one way to name a key."""

from functools import cache
from uuid import UUID

import redis
from django.conf import settings


@cache
def redis_client() -> "redis.Redis":
    """Answers are bytes. Time limits, so that a stuck Redis is an error and not a hang."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=3)


def org_key(org: UUID, *parts: object) -> str:
    """The key of something that belongs to an organisation."""
    return ":".join(("odin", "org", str(org), *map(str, parts)))


def platform_key(*parts: object) -> str:
    """The key of something that belongs to no organisation."""
    return ":".join(("odin", "all", *map(str, parts)))
