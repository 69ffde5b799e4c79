"""Adding a printer behind an OctoPrint, by its page and by the API; the OctoPrint is a simulated one."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from gateway.ingest import ingest
from printers.commands import send
from printers.credentials import open_sealed
from printers.drivers.driver import Fault, MachineState, Status
from printers.models import Printer
from printers.probing import probe
from printers.reaching import AddressRefused, driver_of
from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle
from tests.factories.printers import make_printer

ADD, TEST = "/o/acme/printers/add/", "/o/acme/printers/test/"
KEY = "0C70-canary-key-1234"
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def farm() -> Iterator[Handle]:
    with Farm([PrinterSpec("Ender", "ender-3-v2", secret=KEY)]) as farm:
        yield farm["Ender"]


@pytest.fixture
def ender(farm: Handle) -> Iterator[Handle]:
    farm.act("reboot")
    with override_settings(ALLOW_LOOPBACK_PRINTERS=True):
        yield farm


def form_of(ender: Handle, **more: str) -> dict[str, str]:
    address = f"http://{ender.host}:{ender.port}"
    return {"name": "Ender 1", "protocol": "octoprint", "address": address, "secret": KEY,
            "rate_per_hour": "0", **more}  # fmt: skip


def test_form_offers_octoprint_and_asks_for_its_key(acme, sign_in):
    page = sign_in("operator").get(ADD).text

    assert '<option value="octoprint">OctoPrint</option>' in page
    assert "OctoPrint: API key." in page
    assert "&quot;protocol&quot;:&quot;octoprint&quot;" in page


def test_printer_added_by_its_page_has_what_octoprint_told(acme, sign_in, ender):
    answer = sign_in("operator").post(ADD, form_of(ender), headers=HTMX)

    assert answer["HX-Redirect"]
    printer = Printer.objects.get()
    assert (printer.protocol, printer.model, printer.nozzle_mm) == ("octoprint", "Ender-3 V2", 0.4)
    assert printer.bed_mm == (220, 220, 250)
    assert printer.station.machine_key == ender.serial
    assert open_sealed(printer.secret) == KEY
    assert printer.slots.count() == 1


@pytest.mark.parametrize("key", ["", "wrong"])
def test_wrong_key_is_told_and_nothing_is_saved(acme, sign_in, ender, key):
    answer = sign_in("operator").post(ADD, form_of(ender, secret=key), headers=HTMX)

    assert answer.status_code == 422
    assert "API key" in answer.text
    assert "Save anyway" in answer.text
    assert not Printer.objects.exists()


def test_printer_that_is_off_behind_its_octoprint_is_told(acme, sign_in, ender):
    ender.act("firmware", state="closed", text="")

    answer = sign_in("operator").post(TEST, form_of(ender), headers=HTMX)

    assert "OctoPrint runs, but the printer behind it is not ready: Offline." in answer.text


def test_script_adds_and_tests_a_printer(acme, api, ender):
    told = {
        "name": "Ender 1",
        "protocol": "octoprint",
        "address": f"http://{ender.host}:{ender.port}",
        "secret": KEY,
    }

    tested = api("operator").post("/api/printers/test", told).json()
    added = api("operator").post("/api/printers", told)

    assert (tested["ok"], tested["detected"]["bed_mm"]) == (True, [220, 220, 250])
    assert added.status_code == 201
    assert KEY not in added.text
    assert driver_of(Printer.objects.get()).status().state is MachineState.IDLE


@override_settings(ALLOW_LOOPBACK_PRINTERS=False)
def test_address_of_this_server_is_no_octoprint(acme):
    printer = make_printer(protocol="octoprint", address="127.0.0.1", port=5000)

    with pytest.raises(AddressRefused):
        driver_of(printer)
    assert "this server itself" in probe(printer).words


def test_lost_connection_is_said_on_the_page_and_can_be_made_again(acme, sign_in, ender):
    printer = make_printer("Ender 1", protocol="octoprint", address=ender.host, port=ender.port, secret=KEY)
    ender.act("firmware", state="disconnected", text="SerialException: device disconnected")
    ingest(acme, printer.pk, driver_of(printer).status())

    page = sign_in("operator").get(f"/o/acme/printers/{printer.pk}/").text
    send(printer, "clear_errors")

    assert "OctoPrint is not connected to the printer: SerialException: device disconnected" in page
    assert "Clear errors" in page
    assert ender.machine.firmware_state in ("startup", "ready")


def test_names_that_octoprint_tells_are_shown_as_text(acme, sign_in):
    printer = make_printer("Ender 1", protocol="octoprint")
    evil = "<script>alert(1)</script>\U0001f98a.gcode"
    ingest(
        acme, printer.pk,
        Status(MachineState.PRINTING, file=evil, job_key="1:x#1", faults=(Fault("x", evil, "warning"),)),
    )  # fmt: skip

    assert "<script>alert(1)" not in sign_in("viewer").get(f"/o/acme/printers/{printer.pk}/").text
