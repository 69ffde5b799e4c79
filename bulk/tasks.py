"""What workers do for bulk runs."""

from datetime import datetime

from orgs.tasks import org_task

from . import rushing
from .models import Run
from .outcomes import close
from .running import work
from .talking import do_next


@org_task(due=True, name="bulk.work")
def work_off() -> datetime | None:
    """Go on with all open runs, also with what a killed worker left."""
    return work()


@org_task(name="bulk.rush", ignore_result=True)
def rush(pk: str) -> None:
    """What can't wait, unless the process that was asked has begun it."""
    rushing.rush(pk)


@org_task(name="bulk.talk", ignore_result=True)
def talk(pk: str) -> None:
    """One of the hands that share a run over machines."""
    run = Run.objects.select_related("by").filter(pk=pk, ended_at=None).first()
    if run is None:
        return
    while do_next(run):
        pass
    close(run)
