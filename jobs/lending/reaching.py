"""Address and secret of a printer, ours or lent to us, as plain values that live for one conversation."""

from uuid import UUID

from orgs.current import current_org
from printers.commands import Target
from printers.drivers.driver import Driver
from printers.models import Printer
from printers.reaching import described, driver_class, resolved
from stations.models import Dispatch, Station

from .crossing import within


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
