"""A job and a printer that overdue maintenance holds."""

from jobs import planning, staging, starting
from jobs.models import Job
from maintenance import doing, setting
from maintenance.doing import Work
from stations.models import Dispatch

ROD_S = 310 * 3600
RODS = {"name": "Lubricate rods", "every_hours": 300, "holds": True}


def test_job_waits_and_says_for_which_maintenance(shop):
    job = shop.job()
    task = setting.add(shop.printer, RODS, used_s=ROD_S)

    planning.match()
    said, planned = Job.objects.get(pk=job.pk).why_not, Dispatch.objects.exists()
    doing.done(task, None, Work())
    planning.match()

    assert said == "Next would be Voron 1: maintenance is overdue: Lubricate rods."
    assert (planned, Dispatch.objects.exists()) == (False, True)


def test_what_becomes_overdue_after_the_plan_is_not_started(shop):
    shop.job()
    dispatch = shop.planned()
    staging.stage(dispatch.pk)
    setting.add(shop.printer, RODS, used_s=ROD_S)

    starting.claim(dispatch.pk)

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.note) == ("dropped", "maintenance is overdue: Lubricate rods")
