"""What becomes of the prints of an organisation that is suspended or on its way to the archive.

The reconciler comes here every quarter of a minute, and at once when an organisation is closed: whatever a
killed process did not come to is done then.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from orgs.lifecycle import finish_archiving
from orgs.models import Org
from stations.models import HOLDING, OPEN, WAITING_TO_START, Dispatch

from .dispatching import drop
from .lending.crossing import at_home
from .stopping import wish

# So long the file of a print that has ended, or was let go of, has to be taken off its printer: no task does
# anything for an organisation in the archive any more.
CLEARS_UP = timedelta(seconds=30)


def let_go(org: Org, dispatches: Iterable[Dispatch]) -> None:
    """Drop what has not started, and stop what runs if `org`, which is closed, is to be archived so.

    In the schema of those whose prints they are.
    """
    for dispatch in dispatches:
        # In this order: it may start in between, and then the wish is what holds.
        if dispatch.state in WAITING_TO_START and drop(dispatch.pk, _("the organisation is closed")):
            continue
        if org.archiving == Org.Archiving.STOP and not dispatch.cancel_wanted:
            wish(dispatch.pk)


def let_guests_go() -> None:
    """The same of others' prints on the machines of organisations that are closed."""
    closed = Dispatch.objects.filter(state__in=OPEN, station__owner__state=Org.State.SUSPENDED)
    for dispatch in closed.exclude(station__owner=F("org")).select_related("station__owner"):
        with at_home(dispatch):
            let_go(dispatch.station.owner, [dispatch])


def archive_the_idle() -> int:
    """Archive the organisations that wait for their last print, where it is over; how many."""
    waiting = Org.objects.filter(state=Org.State.SUSPENDED).exclude(archiving="")
    busy = Dispatch.objects.filter(state__in=OPEN)
    clears_up = Dispatch.objects.filter(step_at__gt=Now() - CLEARS_UP).exclude(remote_name="")
    idle = waiting.exclude(pk__in=busy.values("org")).exclude(pk__in=busy.values("station__owner"))
    idle = idle.exclude(pk__in=clears_up.values("org"))
    return sum(finish_archiving(org) for org in idle)


def running(org: Org) -> int:
    """Prints of it that are on a printer now, or about to be."""
    return Dispatch.objects.filter(org=org, state__in=HOLDING).count()
