"""The same machine is never two printers, also where one was saved before anything answered."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django_tenants.utils import tenant_context

from gateway import identity
from gateway.ingest import ingest
from gateway.poll import send_chunks
from printers import live
from printers.adding import change
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from simulator.config import PrinterSpec
from simulator.farm import Farm
from stations.models import Dispatch, Plate, Station
from tests.factories.printers import make_printer

HERE = override_settings(ALLOW_LOOPBACK_PRINTERS=True)


@pytest.fixture(scope="module")
def voron():
    with Farm([PrinterSpec("Identified", "voron-2.4-250")]) as farm:
        yield farm["Identified"]


@pytest.fixture
def saved_anyway(acme, voron):
    with HERE:
        yield make_printer("Ours", address=voron.host, port=voron.port)


def test_machine_is_known_by_its_hardware_once_it_answers(saved_anyway, voron):
    assert saved_anyway.station.machine_key == f"{voron.host}:{voron.port}"

    identity.identify(saved_anyway.pk)

    assert voron.serial in saved_anyway.station.machine_key
    assert Printer.objects.get().out_of_service_reason == ""


def test_machine_that_another_has_is_put_out_of_service(saved_anyway, rival, voron):
    identity.identify(saved_anyway.pk)
    with tenant_context(rival):
        theirs = make_printer("Theirs", address="localhost", port=voron.port)
        Station.objects.filter(pk=theirs.pk).update(machine_key=f"voron.local:{voron.port}")

        identity.identify(theirs.pk)

        theirs.refresh_from_db()
        assert theirs.out_of_service_reason.startswith("This machine has been added to this server already")
        assert theirs.station.machine_key == f"voron.local:{voron.port}"
        assert "Ours" not in theirs.out_of_service_reason


@pytest.mark.parametrize(
    ("before", "asked"),
    [(None, True), (MachineState.OFFLINE, True), (MachineState.IDLE, False)],
)
def test_it_is_asked_when_it_is_first_heard_of(acme, saved_anyway, monkeypatch, before, asked):
    sent = []
    monkeypatch.setattr(identity.current_app, "send_task", lambda name, args: sent.append(name))
    if before:
        live.swap(acme.pk, saved_anyway.pk, Status(before))

    ingest(acme, saved_anyway.pk, Status(MachineState.FINISHED))

    assert sent == (["gateway.identify"] if asked else [])


@pytest.mark.parametrize(
    ("protocol", "key", "plate"),
    [
        ("moonraker", "0000FE:part.gcode", Plate.CLEAR),
        ("moonraker", ":part.gcode", Plate.UNKNOWN),
        ("bambu", "4711", Plate.CLEAR),
        ("bambu", "Bracket", Plate.UNKNOWN),
        ("moonraker", "", Plate.CLEAR),
        ("octoprint", "1:part.gcode#0a1b2c3d4e", Plate.CLEAR),
        ("octoprint", ":part.gcode#0a1b2c3d4e", Plate.UNKNOWN),
        ("octoprint", "", Plate.UNKNOWN),
        ("prusalink", "", Plate.UNKNOWN),
    ],
)
def test_gap_that_the_job_key_does_not_prove_empty_makes_a_clear_plate_unknown(acme, protocol, key, plate):
    printer = make_printer(protocol=protocol, serial="01S00C123456789" if protocol == "bambu" else "")
    Station.objects.filter(pk=printer.pk).update(last_key=key)
    live.swap(acme.pk, printer.pk, Status(MachineState.OFFLINE, full=False))

    ingest(acme, printer.pk, Status(MachineState.IDLE, job_key=key))

    assert printer.station.plate == plate


@pytest.mark.parametrize(("longest_s", "plate"), [(60, Plate.CLEAR), (-1, Plate.UNKNOWN)])
def test_a_printer_that_was_long_not_asked_comes_after_a_gap_too(acme, monkeypatch, longest_s, plate):
    printer = make_printer(protocol="prusalink")
    ingest(acme, printer.pk, Status(MachineState.IDLE))
    Station.objects.filter(pk=printer.pk).update(plate=Plate.CLEAR)
    monkeypatch.setattr("gateway.ingest.GAP", timedelta(seconds=longest_s))

    ingest(acme, printer.pk, Status(MachineState.IDLE))

    assert printer.station.plate == plate


def test_another_address_makes_the_plate_unknown(saved_anyway):
    epoch = saved_anyway.station.plate_epoch
    saved_anyway.address = "127.0.0.9"

    change(saved_anyway)

    assert (saved_anyway.station.plate, saved_anyway.station.plate_epoch) == (Plate.UNKNOWN, epoch + 1)


def test_another_address_of_the_same_serial_leaves_the_plate_alone(acme):
    printer = make_printer(protocol="bambu", serial="01S00C123456789")
    printer.address = "10.8.8.8"

    change(printer)

    assert printer.station.plate == Plate.CLEAR


def test_disabled_printer_is_followed_until_its_print_has_ended(acme, monkeypatch):
    printer = make_printer(enabled=False)
    monkeypatch.setattr("gateway.poll.current_app.send_task", lambda *_a, **_k: None)
    assert send_chunks() == 0

    dispatch = Dispatch.objects.create(
        station=printer.station, org=acme, print_id=printer.pk, sha256="0" * 64, size=1, start_id="1",
        state="confirmed",
    )  # fmt: skip
    Station.objects.filter(pk=printer.pk).update(hold=dispatch)

    assert send_chunks() == 1
