"""The page behind the code on a printer, and the sheet of codes."""

import pytest
from defusedxml import ElementTree as ET

from audit.models import Entry
from printers import live, plates
from printers.codes import code_of
from printers.drivers.driver import Fault, MachineState, Status
from stations.models import Dispatch, DispatchState, Plate, Station
from tests.conftest import PASSWORD
from tests.factories.printers import make_printer


@pytest.fixture
def printer(acme):
    made = make_printer("Voron 1", plate=Plate.OCCUPIED)
    live.swap(acme.pk, made.pk, Status(MachineState.FINISHED))
    return made


def at(printer, rest=""):
    return f"/o/acme/printers/{printer.pk}/plate/{rest}"


def say(client, printer, answer, epoch=None, **more):
    seen = printer.station.plate_epoch if epoch is None else epoch
    return client.post(at(printer, "said/"), {"answer": answer, "plate_epoch": seen, **more}, follow=True)


def test_one_press_makes_the_plate_clear(printer, sign_in):
    client = sign_in("operator")
    page = client.get(at(printer)).content.decode()

    said = say(client, printer, "clear")

    assert f'name="plate_epoch" value="{printer.station.plate_epoch - 1}"' in page
    assert "The plate is clear" in page
    assert "The plate of Voron 1 is clear." in said.content.decode()
    assert printer.station.plate == Plate.CLEAR
    assert Entry.objects.filter(action="printer.plate_cleared").count() == 1


def test_press_on_an_old_page_is_refused(printer, sign_in):
    epoch = printer.station.plate_epoch
    plates.mark(printer.pk, Plate.UNKNOWN)

    said = say(sign_in("operator"), printer, "clear", epoch)

    assert "Look at the plate again" in said.content.decode()
    assert printer.station.plate == Plate.UNKNOWN


@pytest.mark.parametrize(
    "status",
    [None, Status(MachineState.OFFLINE), Status(MachineState.IDLE, faults=(Fault("1", "Bed is cold"),))],
    ids=["never heard", "offline", "fault"],
)
def test_where_something_is_odd_the_person_says_that_they_looked(acme, sign_in, status):
    printer = make_printer("Voron 2", plate=Plate.OCCUPIED)
    if status:
        live.swap(acme.pk, printer.pk, status)
    client = sign_in("operator")

    unsure = say(client, printer, "clear")
    before = printer.station.plate
    say(client, printer, "clear", sure="yes")

    assert (unsure.status_code, before) == (422, Plate.OCCUPIED)
    assert "its plate is empty" in unsure.content.decode()
    assert printer.station.plate == Plate.CLEAR


def test_not_clear_is_believed_and_audited(acme, sign_in):
    printer = make_printer("Voron 3", plate=Plate.CLEAR)
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE))

    say(sign_in("operator"), printer, "occupied", epoch=99)

    assert printer.station.plate == Plate.OCCUPIED
    assert Entry.objects.get(action="printer.plate_occupied").before == {"plate": "clear"}


def test_not_clear_said_during_a_start_outlives_its_refusal(printer):
    epoch = printer.station.plate_epoch

    plates.occupied(printer.pk)

    assert (printer.station.plate, printer.station.plate_epoch) == (Plate.OCCUPIED, epoch + 1)


def test_while_a_print_is_on_it_there_is_no_button(acme, printer, sign_in):
    live.swap(acme.pk, printer.pk, Status(MachineState.PRINTING))

    page = sign_in("operator").get(at(printer)).content.decode()

    assert "A print is on it." in page
    assert 'name="answer"' not in page


def test_plate_of_a_held_printer_is_not_cleared_from_here_either(acme, printer, sign_in):
    hold = Dispatch.objects.create(
        station=printer.station, org=acme, print_id=printer.pk, sha256="0" * 64, size=1, start_id="1",
        state=DispatchState.CONFIRMED,
    )  # fmt: skip
    Station.objects.filter(pk=printer.pk).update(hold=hold)

    said = say(sign_in("operator"), printer, "clear")

    assert "taken for a print" in said.content.decode()
    assert printer.station.plate == Plate.OCCUPIED


def test_viewer_sees_the_plate_and_has_no_button(printer, sign_in):
    page = sign_in("viewer").get(at(printer)).content.decode()

    assert "Operators say here" in page
    assert 'name="answer"' not in page


def test_signing_in_leads_back_to_the_plate(printer, client, person):
    user = person("operator")
    asked = client.get(at(printer))

    page = client.get(asked.url)
    answer = client.post(asked.url, {"email": user.email, "password": PASSWORD})

    assert f"next={at(printer)}" in asked.url
    assert page.status_code == 200
    assert answer.status_code == 302
    assert answer.url == at(printer)


def test_code_leads_to_the_address_by_which_one_came(printer, sign_in):
    client = sign_in("viewer")

    page = client.get(f"/o/acme/printers/{printer.pk}/", headers={"host": "testserver"}).content.decode()
    sheet = client.get("/o/acme/printers/plate-codes/").content.decode()

    code = code_of(f"http://testserver{at(printer)}")
    assert code in page
    assert code in sheet
    assert "Voron 1" in sheet


def test_code_is_a_sound_picture_of_its_address():
    drawn = ET.fromstring(code_of("http://farm.example/o/acme/printers/1/plate/"))

    assert drawn.tag.endswith("svg")
    assert "style" not in str(code_of("http://farm.example/"))
    assert code_of("http://a.example/") != code_of("http://b.example/")


def test_sheet_has_pages_and_as_many_queries_for_many(acme, sign_in, django_assert_max_num_queries):
    client = sign_in("viewer")
    make_printer("Alone")
    client.get("/o/acme/printers/plate-codes/")
    for number in range(60):
        make_printer(f"Mini {number:02}")

    with django_assert_max_num_queries(12):
        page = client.get("/o/acme/printers/plate-codes/").content.decode()

    assert page.count('<li class="label">') == 50
    assert "Page 1 of 2" in page
