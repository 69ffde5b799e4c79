"""What is sent when: `python -m odin_site.beat FILE`. It sends names only, so it needs no Django."""

import os
import sys

from celery import Celery
from celery.schedules import crontab

from .broker import REDIS_URL, celery_url

app = Celery("odin beat", broker=celery_url(os.environ.get("REDIS_URL") or REDIS_URL), fixups=[])
app.conf.task_ignore_result = True

# Beat never loops over orgs: each tick is one indexed query over rows of all of them.
app.conf.beat_schedule = {
    "what is due in which org": {"task": "orgs.run_due", "schedule": 1.0, "options": {"expires": 5}},
    "poll printers": {"task": "gateway.poll_fleet", "schedule": 2.0, "options": {"expires": 2}},
    "reconcile dispatches": {"task": "jobs.reconcile", "schedule": 15.0, "options": {"expires": 15}},
    "look again for alerts to send": {"task": "alerts.sweep", "schedule": crontab(hour=3, minute=17)},
    "keep spare orgs": {"task": "orgs.keep_spares", "schedule": 60.0, "options": {"expires": 60}},
}

if __name__ == "__main__":
    app.Beat(schedule=sys.argv[1], loglevel="WARNING", quiet=True).run()
