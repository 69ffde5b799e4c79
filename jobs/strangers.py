"""What prints that are not ours do to a plate (dispatch rule 11)."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.kinds import Kind
from alerts.raising import raise_alert
from maintenance import foreign
from printers.drivers import DRIVERS
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from stations.models import Dispatch, DispatchState, Plate, Station

from .lending.crossing import at_home, at_owner, is_borrowed

ACTIVE = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})
DOUBTFUL = frozenset({DispatchState.STARTING, DispatchState.UNCLEAR})


def see_stranger(station: Station, dispatch: Dispatch | None, status: Status) -> None:
    """Note what a job that is not `dispatch`, the one that holds the locked station, does to the plate."""
    active = status.state in ACTIVE
    # Our own clean-up makes such a printer forget its last job; what ran in a gap is `after_gap`'s to doubt.
    forgot = not status.job_key and not DRIVERS[station.protocol].keeps_last_job
    other = status.job_key != station.last_key and not forgot
    if dispatch is not None and dispatch.state in DOUBTFUL:
        # Should our start turn out refused, the plate is not what it was before it.
        changed = active or (status.job_key != dispatch.before_key and not forgot)
        if changed and station.plate_epoch == dispatch.plate_epoch:
            _mark(station, Plate.OCCUPIED)
    elif active:
        if station.plate != Plate.OCCUPIED:
            _mark(station, Plate.OCCUPIED)
            _tell_of_late_start(station, status)
    elif other and station.plate == Plate.CLEAR:
        # Another job ran, or the printer forgot everything, while nobody looked.
        _mark(station, Plate.UNKNOWN)


def after_gap(printer_id: UUID, status: Status) -> None:
    """The printer was not heard for a while, and this is the first of it.

    Where its last job has only a name, or none because the printer forgets, another one may have come and
    gone meanwhile: its plate is no longer known to be clear.
    """
    with transaction.atomic():
        station = Station.objects.select_for_update(no_key=True).get(pk=printer_id)
        foreign.after_gap(printer_id, status)
        driver = DRIVERS[station.protocol]
        proves = driver.is_unique(status.job_key) if status.job_key else driver.keeps_last_job
        if not proves and station.plate == Plate.CLEAR:
            _mark(station, Plate.UNKNOWN)
        elif not proves and station.hold_id:
            # What lies there need not be what our print left: no ejector is believed to have taken that off.
            _mark(station, Plate(station.plate))


def _mark(station: Station, plate: Plate) -> None:
    epoch = station.plate_epoch + 1
    Station.objects.filter(pk=station.pk).update(plate=plate, plate_epoch=epoch)
    station.plate, station.plate_epoch = plate.value, epoch


def _tell_of_late_start(station: Station, status: Status) -> None:
    """A file of ours prints although that was ruled out: its copy may be printed elsewhere too."""
    stem = status.file.split(".", 1)[0]
    believed = Q(start_id=status.job_key) | (Q(remote_name__startswith=f"{stem}.") if stem else Q(pk=None))
    ended = Dispatch.objects.filter(believed, station=station)
    late = ended.filter(state__in=(DispatchState.REFUSED, DispatchState.DROPPED)).first()
    if late is not None:
        words = _("%(file)s has started after all. Cancel it at the printer, or its job's waiting copy.")
        for place in (at_owner(station), at_home(late)):
            with place:
                raise_alert(
                    Kind.NEEDS_YOU,
                    f"dispatch.late:{late.pk}",
                    _("%(printer)s prints what was given up") % {"printer": station.name},
                    detail=words % {"file": late.remote_name},
                    about=Printer.objects.filter(pk=station.pk).first(),
                )
            if not is_borrowed(station, late):
                break
