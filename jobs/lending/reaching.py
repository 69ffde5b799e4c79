"""Address and secret of a printer, ours or lent to us, as plain values that live for one conversation."""

from uuid import UUID

from django.utils.translation import gettext as _

from orgs.current import current_org
from printers.commands import Target
from printers.drivers.driver import Driver, DriverError, Trouble
from printers.models import Printer
from printers.reaching import described, driver_class, resolved
from stations.models import Dispatch, Station

from .crossing import within

# What drivers say of these troubles names no address; of all others it may.
HARMLESS = frozenset({Trouble.REFUSED, Trouble.STORAGE, Trouble.DAMAGED, Trouble.LOCKED})


def target_of(station_id: UUID) -> Target | None:
    """Where that printer is; None if it is gone, or if no print of ours was ever meant for it.

    DriverError if its secret can't be opened.
    """
    station = Station.objects.filter(pk=station_id).only("owner").first()
    if station is None:
        return None
    if station.owner_id != current_org().pk and not _is_known(station_id):
        return None
    with within(station.owner_id):
        printer = Printer.objects.filter(pk=station_id).first()
        return Target(printer.pk, printer.protocol, described(printer)) if printer else None


def _is_known(station_id: UUID) -> bool:
    return Dispatch.objects.filter(station=station_id, org=current_org()).exists()


def driver_for(target: Target) -> Driver:
    """A driver of its own for the caller, who closes it; DriverError if the address must not be used."""
    return driver_class(target.protocol)(resolved(target.endpoint, target.protocol))


def words_for(error: DriverError, dispatch_id: UUID) -> str:
    """What a driver said, as those may read it whose print it is.

    Address and serial number of a lent printer are its owner's affair, so little more than that there was
    trouble is told of it.
    """
    lent = Dispatch.objects.filter(pk=dispatch_id).exclude(offer=None)
    if error.trouble in HARMLESS or not lent.exists():
        return str(error)
    if error.trouble is Trouble.UNREACHABLE:
        return _("the printer can't be reached, or did not answer in time")
    if error.trouble is Trouble.NOT_READY:
        return _("the printer is not ready")
    return _("the printer does not answer as it should: its owner must look at how it is connected")
