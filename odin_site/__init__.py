"""The site: settings, URL tables, the API's mount, Celery."""

from .celery import app as celery_app

__all__ = ["celery_app"]
