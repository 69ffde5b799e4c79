"""Orders of borrowers' people to a lent printer: to their own print alone, never to another's."""

from uuid import UUID

from django.utils.translation import gettext as _

from audit.trail import record
from jobs.dispatching import CannotStart
from jobs.models import Job
from jobs.stopping import answer_for
from orgs.current import current_org
from printers import commands
from printers.drivers.driver import DriverError, Trouble
from stations.models import Dispatch, DispatchState, Station

from .crossing import at_home
from .models import GuestPrint
from .reaching import target_of, words_for
from .showing import Ours

ORDERS = ("pause", "resume", "cancel")


def order(station_id: UUID, ours: Ours | None, name: str) -> str:
    """Give an order to our print on a lent printer, naming it; what the printer said. Raises DriverError."""
    if name not in ORDERS:
        raise ValueError(f"{name!r} is no order of a borrower")
    if ours is None or not ours.job_key:
        raise DriverError(Trouble.REFUSED, _("No print of yours runs on this printer."))
    try:
        target = target_of(station_id)
        if target is None:
            raise DriverError(Trouble.REFUSED, _("This printer is gone."))
        record(f"lending.{name}", Job.objects.get(pk=ours.job_id), after={"printer": str(station_id)})
        return commands.tell(target, name, ours.job_key)
    except DriverError as error:
        raise DriverError(error.trouble, words_for(error, ours.dispatch_id)) from error


def answer_unclear(guest_dispatch: UUID, *, printing: bool) -> None:
    """The owner's people have looked: a borrowed start that nobody could vouch for prints, or does not.

    CannotStart if nothing is unclear or the file can't be taken off; Dispatch.DoesNotExist for one that is
    not on a printer of ours.
    """
    dispatch = Dispatch.objects.get(pk=guest_dispatch, station__owner=current_org())
    if dispatch.state != DispatchState.UNCLEAR:
        raise CannotStart(_("It has just been settled."))
    guest = GuestPrint.objects.filter(dispatch_id=dispatch.pk).first()
    with at_home(dispatch):
        answer_for(dispatch, printing=printing)
    station = Station.objects.get(pk=dispatch.station_id)
    if guest is not None:
        record("lending.resolve_start", guest, after={"printing": printing, "printer": station.name})
