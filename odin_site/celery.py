"""Celery, as workers and whoever sends tasks have it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "odin_site.settings")
# The migrations before each start check the same; here it would load all pages and forms, 20 MB.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("odin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
