"""What the worker does for the library."""

from datetime import timedelta

from django.utils import timezone

from orgs import agenda
from orgs.tasks import org_task

from .models import Revision
from .reading import read_revision
from .storing import forget_unused

# Less than the agenda's lease, which would otherwise be closed with this run.
COME_BACK = timedelta(seconds=30)


@org_task(due=True, name="models3d.read")
def read() -> None:
    """Read all files that wait, one after another: many uploads must not take every thread of the worker.

    What another worker holds is looked at again later, for it may have been killed.
    """
    waiting = Revision.objects.filter(status=Revision.Status.READING)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        read_revision(pk)
    if waiting.exists():
        agenda.due_at("models3d.read", timezone.now() + COME_BACK)
    forget_unused()
