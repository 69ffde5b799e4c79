"""Where tasks wait, as Celery writes it."""

from urllib.parse import urlsplit

REDIS_URL = "redis://127.0.0.1:6379/0"


def celery_url(url: str) -> str:
    """Celery names a Redis socket differently from everybody else."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.path}?virtual_host={parts.query.removeprefix('db=') or 0}"
