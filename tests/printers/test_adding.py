import pytest
from django_tenants.utils import tenant_context

from audit.models import Entry
from printers import adding, live
from printers.credentials import open_sealed
from printers.drivers.driver import MachineState, Status
from printers.models import Printer, Tag
from stations.models import Dispatch, DispatchState, Plate, Station
from tests.factories.printers import make_printer


def test_a_new_printer_has_its_station_slots_and_sealed_secret(acme):
    tag = Tag.objects.create(name="fast")

    printer = adding.add(
        Printer(name="Voron", protocol="moonraker", address="192.168.1.9"), secret="key", tags=[tag], slots=2
    )

    assert printer.station.owner == acme
    assert printer.station.machine_key == "192.168.1.9:7125"
    assert printer.station.plate == Plate.UNKNOWN
    assert [slot.index for slot in printer.slots.all()] == [0, 1]
    assert open_sealed(Printer.objects.get().secret) == "key"
    entry = Entry.objects.get(action="printer.add")
    assert entry.after["tags"] == ["fast"]
    assert "secret" not in entry.after


@pytest.mark.parametrize(
    ("serial", "found", "expected"), [("01S", "", "01S"), ("01S", "HW7", "HW7"), ("", "", "10.0.0.5:8000")]
)
def test_a_machine_is_known_by_the_best_key_there_is(acme, serial, found, expected):
    printer = Printer(name="One", protocol="moonraker", address="10.0.0.5", port=8000, serial=serial)

    assert adding.add(printer, machine_key=found).station.machine_key == expected


def test_the_same_machine_cannot_be_added_twice_and_nobody_learns_by_whom(acme, rival):
    make_printer(name="Ours", machine_key="HW7")

    with tenant_context(rival), pytest.raises(adding.AlreadyThere) as caught:
        make_printer(name="Theirs", machine_key="HW7")

    assert "Acme" not in str(caught.value)
    with tenant_context(rival):
        assert not Printer.objects.exists()


def test_a_taken_name_says_so(acme):
    make_printer(name="Voron")

    with pytest.raises(adding.AlreadyThere, match="this name"):
        make_printer(name="voron")

    assert Station.objects.filter(owner=acme).count() == 1


def test_a_change_is_recorded_and_another_address_voids_the_certificate(acme):
    printer = make_printer(address="192.168.1.9", secret="key")
    Printer.objects.filter(pk=printer.pk).update(fingerprint="ab" * 32)
    printer = Printer.objects.get(pk=printer.pk)

    printer.address, printer.name, printer.enabled = "192.168.1.10", "Renamed", False
    adding.change(printer, secret="other")

    printer.refresh_from_db()
    assert printer.fingerprint == ""
    assert open_sealed(printer.secret) == "other"
    station = printer.station
    assert (station.name, station.enabled, station.machine_key) == ("Renamed", False, "192.168.1.10:7125")
    entry = Entry.objects.get(action="printer.change")
    assert entry.before["address"] == "192.168.1.9"
    assert "other" not in str(entry.after)


def test_a_change_without_a_secret_keeps_it(acme):
    printer = make_printer(secret="key")

    printer.notes = "behind the door"
    adding.change(printer)

    assert open_sealed(Printer.objects.get().secret) == "key"


def test_a_deleted_printer_leaves_a_tombstone_and_its_machine_free(acme, django_capture_on_commit_callbacks):
    printer = make_printer(machine_key="HW7")
    pk = printer.pk
    live.swap(acme.pk, pk, Status(MachineState.IDLE))

    with django_capture_on_commit_callbacks(execute=True):
        adding.delete(printer)

    assert Station.objects.get(pk=pk).deleted_at
    assert live.read(acme.pk, [pk]) == {}
    make_printer(machine_key="HW7")


def test_a_held_printer_is_not_deleted(acme):
    printer = make_printer()
    hold = Dispatch.objects.create(
        station=printer.station, org=acme, print_id=printer.pk, sha256="0" * 64, size=1, start_id="1",
        state=DispatchState.HELD,
    )  # fmt: skip
    Station.objects.filter(pk=printer.pk).update(hold=hold)

    with pytest.raises(adding.StillHeld, match="taken for a print"):
        adding.delete(printer)

    assert Printer.objects.filter(pk=printer.pk).exists()
