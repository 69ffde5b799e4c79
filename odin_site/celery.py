"""Celery and what beat sends when."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "odin_site.settings")

app = Celery("odin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Beat never loops over orgs: each tick is one indexed query over rows of all of them.
app.conf.beat_schedule = {
    "what is due in which org": {"task": "orgs.run_due", "schedule": 1.0, "options": {"expires": 5}},
    "poll printers": {"task": "gateway.poll_fleet", "schedule": 2.0, "options": {"expires": 2}},
    "reconcile dispatches": {"task": "jobs.reconcile", "schedule": 15.0, "options": {"expires": 15}},
    "keep spare orgs": {"task": "orgs.keep_spares", "schedule": 60.0, "options": {"expires": 60}},
}
