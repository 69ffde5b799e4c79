"""A file that waits on its printer, started there by somebody's hand: its copy is being printed."""

from printers.drivers.driver import Status
from stations.models import Dispatch, DispatchState, Plate, Station

from . import gates
from .dispatching import find_print, step
from .lending import guests
from .lending.crossing import at_home
from .lifecycle import move_print
from .settling import spools_for
from .starting import machine_and_needs
from .states import PrintState
from .strangers import ACTIVE


def started_by_hand(station: Station, status: Status) -> Dispatch | None:
    """The attempt whose waiting file runs on the locked station, which had no hold and now has; or None.

    Else the copy would be printed again once the plate is clear.
    """
    stem = status.file.split(".", 1)[0]
    if status.state not in ACTIVE or not stem:
        return None
    waiting = Dispatch.objects.select_for_update(no_key=True).filter(
        station=station, state=DispatchState.STAGED, remote_name__startswith=f"{stem}."
    )
    dispatch = waiting.first()
    if dispatch is None:
        return None
    with at_home(dispatch):
        return _adopted(station, dispatch, status)


def _adopted(station: Station, dispatch: Dispatch, status: Status) -> Dispatch | None:
    one = find_print(dispatch)
    if one is None or one.state != PrintState.WAITING:
        return None
    fence, epoch = station.fence + 1, station.plate_epoch + 1
    Station.objects.filter(pk=station.pk).update(
        hold=dispatch, fence=fence, plate=Plate.OCCUPIED, plate_epoch=epoch
    )
    station.hold, station.fence, station.plate, station.plate_epoch = dispatch, fence, Plate.OCCUPIED, epoch
    step(dispatch, DispatchState.STARTING, fence=fence, plate_epoch=epoch, before_key=station.last_key)
    machine, needs = machine_and_needs(station.pk, one, status, by_hand=False)
    move_print(
        one,
        PrintState.SENDING,
        **guests.place_of(station, dispatch),
        spools=spools_for(gates.loading_of(needs, machine).slots if machine else {}),
    )
    guests.begin(station, dispatch, one)
    return dispatch
