"""What `benchmarks.schedules` needs Django for: schedules due at once, a look at them, a clock moved on."""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "odin_site.settings")
django.setup()

from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context  # noqa: E402

from orgs.models import Due, Membership, Org  # noqa: E402
from reports import setting, working  # noqa: E402
from reports.models import Recipient, Run, Schedule, Sending  # noqa: E402
from reports.planning import TASK  # noqa: E402

KINDS = ("job_summary", "fleet_utilisation", "filament_consumption", "failure_analysis", "costs")
STALE = working.STALE + timedelta(minutes=1)


def each_org() -> Iterator[Org]:
    for org in Org.objects.filter(state=Org.State.ACTIVE).order_by("slug"):
        with tenant_context(org):
            yield org


def schedule(count: int, kinds: list[str]) -> dict[str, float]:
    """`count` schedules over all organisations, each with a reader of its own, all due now."""
    orgs = Org.objects.filter(state=Org.State.ACTIVE).count()
    for at, org in enumerate(each_org()):
        person = Membership.objects.select_related("user").filter(org=org)[0].user
        for number in range(count // orgs):
            fields = {"name": f"Report {number}", "kind": kinds[number % len(kinds)]}
            setting.add(fields, [f"reader-{at}-{number}@measured.test"], person)
        Recipient.objects.update(confirmed_at=timezone.now())
        Schedule.objects.update(next_at=timezone.now())
    Due.objects.filter(task=TASK).update(due_at=timezone.now())
    return {"schedules": float(count)}


def move_on() -> dict[str, float]:
    """As if STALE had passed since a worker died: what it held is anybody's."""
    moved = 0
    for _org in each_org():
        moved += Run.objects.filter(state=Run.State.MAKING).update(step_at=F("step_at") - STALE)
        Sending.objects.filter(state=Sending.State.HANDING).update(step_at=F("step_at") - STALE)
        Run.objects.filter(state__in=Run.OPEN).update(next_try_at=None)
    Due.objects.filter(task=TASK).update(due_at=timezone.now())
    return {"moved": float(moved)}


def look() -> dict[str, dict[str, int]]:
    runs: Counter[str] = Counter()
    sendings: Counter[str] = Counter()
    for _org in each_org():
        runs.update(Run.objects.values_list("state", flat=True))
        sendings.update(Sending.objects.values_list("state", flat=True))
    return {"runs": dict(runs), "sendings": dict(sendings)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["schedule", "move-on", "look"])
    parser.add_argument("--count", type=int, default=500)
    wishes = parser.parse_args()
    with schema_context(get_public_schema_name()):
        if wishes.what == "schedule":
            print(json.dumps(schedule(wishes.count, list(KINDS))))
        else:
            print(json.dumps(move_on() if wishes.what == "move-on" else look()))


if __name__ == "__main__":
    main()
