"""An Elegoo printer over pages, API and commands: it has no secret, and no emergency stop."""

import re
from collections.abc import Iterator

import pytest

from printers import commands, live
from printers.drivers.driver import MachineState
from printers.forms import PrinterForm
from printers.models import Printer
from printers.reaching import driver_of
from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle
from tests.factories.printers import make_printer

ADD, HTMX = "/o/acme/printers/add/", {"HX-Request": "true"}


@pytest.fixture(scope="module")
def centauri() -> Iterator[Handle]:
    with Farm([PrinterSpec("centauri", "centauri-carbon")]) as farm:
        yield farm["centauri"]


@pytest.fixture
def form(centauri, settings):
    """What a person types: no secret, no serial number."""
    settings.ALLOW_LOOPBACK_PRINTERS = True
    place = {"protocol": "elegoo", "address": centauri.host, "port": centauri.port}
    return {"name": "Carbon 1", "rate_per_hour": "0", **place}


def test_one_is_added_by_page_with_what_it_tells_of_itself(acme, sign_in, form, centauri):
    answer = sign_in("operator").post(ADD, form, headers=HTMX)

    printer = Printer.objects.get()
    assert answer["HX-Redirect"] == f"/o/acme/printers/{printer.pk}/"
    assert (printer.protocol, printer.secret, printer.serial) == ("elegoo", "", centauri.serial)
    assert printer.station.machine_key == f"sdcp:{centauri.serial}"
    assert printer.slots.count() == 1
    assert driver_of(printer).status().state is MachineState.IDLE


def test_the_same_machine_is_not_added_twice(acme, sign_in, form):
    client = sign_in("operator")
    client.post(ADD, form, headers=HTMX)

    answer = client.post(ADD, form | {"name": "Carbon 2"}, headers=HTMX)

    assert "has been added to this server already" in answer.text
    assert Printer.objects.count() == 1


def test_the_catalogue_fills_bed_and_nozzle_which_the_machine_does_not_tell(acme, sign_in, form):
    answer = sign_in("operator").post("/o/acme/printers/test/", form, headers=HTMX)

    assert "It answers: Centauri Carbon" in answer.text
    assert "Elegoo Centauri Carbon" in answer.text
    assert "257" in answer.text


def test_one_is_added_and_tested_by_the_api(acme, api, form):
    tested = api().post("/api/printers/test", form).json()
    added = api().post("/api/printers", form | {"model": "Elegoo Centauri Carbon"})

    assert (tested["ok"], tested["detected"]["model"]) == (True, "Centauri Carbon")
    assert added.status_code == 201
    assert added.json()["bed_mm"] == [257, 257, 257]


def test_a_closed_port_is_told_in_words(acme, sign_in, form):
    answer = sign_in("operator").post(ADD, form | {"port": 1}, headers=HTMX)

    assert "its port 1 is closed" in answer.text
    assert not Printer.objects.exists()


def test_no_secret_is_asked_for_nor_kept(acme, sign_in, api, form):
    client = sign_in("operator")
    client.post(ADD, form | {"secret": "typed by the browser"}, headers=HTMX)
    api().post("/api/printers", form | {"name": "Carbon 2", "port": 9, "secret": "sent"})

    page = client.get(f"/o/acme/printers/{Printer.objects.get(name='Carbon 1').pk}/edit/").text

    assert set(Printer.objects.values_list("secret", flat=True)) == {""}
    assert re.search(r'data-protocols="[^"]*\bmoonraker\b[^"]*" hidden>', page)
    assert re.search(r'data-protocols="[^"]*\belegoo\b[^"]*">', page)
    assert "whoever is on its network can control it" in page


def test_a_printer_with_a_stored_secret_becomes_one_without(acme, sign_in, form):
    printer = make_printer("Carbon 1", secret="key", address="10.1.2.3")

    answer = sign_in("operator").post(f"/o/acme/printers/{printer.pk}/edit/", form, headers=HTMX)

    printer.refresh_from_db()
    assert answer["HX-Redirect"]
    assert (printer.protocol, printer.secret) == ("elegoo", "")


def test_a_secret_is_still_asked_for_where_there_is_one(acme):
    printer = make_printer("One", secret="key", address="10.1.2.3")
    data = {"name": "One", "protocol": "moonraker", "address": "10.9.9.9", "rate_per_hour": "0"}

    assert list(PrinterForm(data, instance=printer).errors) == ["secret"]


def test_a_command_reaches_it_and_the_stop_says_what_it_did(acme, centauri, form):
    printer = make_printer("Carbon 1", **{name: form[name] for name in ("protocol", "address", "port")})
    centauri.act("print-by-hand")

    paused = commands.send(printer, "pause", job_key=driver_of(printer).status().job_key)
    stopped = commands.send(printer, "stop")

    assert paused == "The printer took the order to pause."
    assert stopped.startswith("This printer has no emergency stop over the network.")
    assert centauri.picture()["phase"] == "cancelled"
    centauri.act("reboot")


def test_its_page_promises_no_emergency_stop(acme, sign_in, form, centauri):
    client, asks = sign_in("operator"), "knows no emergency stop"
    carbon = make_printer("Carbon 1", protocol="elegoo", address=centauri.host, port=centauri.port)
    voron = make_printer("Voron 1")
    for printer in (carbon, voron):
        live.swap(acme.pk, printer.pk, driver_of(carbon).status())

    pages = [client.get(f"/o/acme/printers/{printer.pk}/").text for printer in (carbon, voron)]

    assert [asks in page for page in pages] == [True, False]
