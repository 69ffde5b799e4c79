import pytest
from django_tenants.utils import tenant_context

from audit.models import Entry
from orgs.models import Due
from printers import live, plates
from stations.models import Dispatch, DispatchState, Plate, Station
from tests.factories.printers import make_printer


def test_a_cleared_plate_is_audited_and_wakes_queue_and_pages(acme, django_capture_on_commit_callbacks):
    printer = make_printer(plate=Plate.OCCUPIED)
    epoch = printer.station.plate_epoch

    with django_capture_on_commit_callbacks() as callbacks:
        plates.clear(printer.pk, seen_epoch=epoch)
    callbacks[-1]()

    assert printer.station.plate == Plate.CLEAR
    assert printer.station.plate_epoch == epoch + 1
    assert Entry.objects.get(action="printer.plate_cleared").before == {"plate": "occupied"}
    assert Due.objects.filter(org=acme, task="jobs.match").exists()
    assert live.changes_since(acme.pk, 0)[1] == {printer.pk}


def test_a_click_on_an_old_page_is_refused(acme):
    printer = make_printer(plate=Plate.CLEAR)
    seen = printer.station.plate_epoch
    plates.mark(printer.pk, Plate.OCCUPIED)

    with pytest.raises(plates.StalePlate, match="Look at the plate again"):
        plates.clear(printer.pk, seen_epoch=seen)

    assert printer.station.plate == Plate.OCCUPIED
    assert not Entry.objects.filter(action="printer.plate_cleared").exists()


def test_the_plate_of_a_held_printer_is_not_cleared(acme):
    printer = make_printer(plate=Plate.OCCUPIED)
    hold = Dispatch.objects.create(
        station=printer.station, org=acme, print_id=printer.pk, sha256="0" * 64, size=1, start_id="1",
        state=DispatchState.CONFIRMED,
    )  # fmt: skip
    Station.objects.filter(pk=printer.pk).update(hold=hold)

    with pytest.raises(plates.StalePlate, match="taken for a print"):
        plates.clear(printer.pk, seen_epoch=printer.station.plate_epoch)


def test_marking_what_is_known_already_changes_nothing(acme):
    printer = make_printer(plate=Plate.OCCUPIED)
    epoch = printer.station.plate_epoch

    plates.mark(printer.pk, Plate.OCCUPIED)
    assert printer.station.plate_epoch == epoch

    plates.mark(printer.pk, Plate.UNKNOWN)
    assert (printer.station.plate, printer.station.plate_epoch) == (Plate.UNKNOWN, epoch + 1)


def test_nobody_clears_the_plate_of_another_organisation(acme, rival):
    printer = make_printer(plate=Plate.OCCUPIED)

    with tenant_context(rival), pytest.raises(Station.DoesNotExist):
        plates.clear(printer.pk, seen_epoch=printer.station.plate_epoch)
