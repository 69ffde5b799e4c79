"""A printer's page, its controls and its form."""

import pytest
from django_tenants.utils import tenant_context

from audit.models import Entry
from printers import commands, link_requests, live
from printers.credentials import open_sealed
from printers.drivers import DRIVERS
from printers.drivers.driver import Detected, DriverError, Fault, MachineState, Status, Trouble
from printers.models import Printer
from stations.models import Plate, Station
from tests.factories.printers import make_printer

ADD = "/o/acme/printers/add/"
SECRET = "canary-secret-7421"
FORM = {"name": "Voron 1", "protocol": "moonraker", "address": "10.1.2.3", "rate_per_hour": "0"}
HTMX = {"HX-Request": "true"}
PRINTING = Status(MachineState.PRINTING, progress=0.42, file="a.gcode", job_key="k1")


def at(printer, verb=""):
    return f"/o/acme/printers/{printer.pk}/{verb}"


@pytest.fixture
def probe_says(monkeypatch):
    def set_up(answer):
        def probe(self):
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(DRIVERS["moonraker"], "probe", probe)

    return set_up


@pytest.fixture
def sent(monkeypatch):
    orders = []

    def send(printer, name, job_key=""):
        orders.append((name, job_key))
        return "The printer took it."

    monkeypatch.setattr(commands, "send", send)
    return orders


def test_faults_are_shown_in_the_printers_words(acme, sign_in):
    printer = make_printer()
    live.swap(acme.pk, printer.pk, Status(MachineState.ERROR, faults=(Fault("0300-1", "Heater fell off"),)))

    page = sign_in("viewer").get(at(printer)).text

    assert "Heater fell off" in page
    assert "0300-1" in page


def test_an_order_goes_to_the_print_that_was_seen(acme, sign_in, sent):
    printer = make_printer()

    answer = sign_in("operator").post(at(printer, "pause/?as=now"), {"job_key": "k1"}, headers=HTMX)

    assert sent == [("pause", "k1")]
    assert f'id="printer-{printer.pk}"' in answer.text
    assert "The printer took it." in answer["HX-Trigger"]
    assert Entry.objects.get(action="printer.pause").after == {"answer": "The printer took it."}


def test_a_refused_order_is_told_and_written_down(acme, sign_in, monkeypatch):
    def send(printer, name, job_key=""):
        raise DriverError(Trouble.UNREACHABLE, "It does not answer.")

    monkeypatch.setattr(commands, "send", send)

    answer = sign_in("operator").post(at(make_printer(), "stop/"), headers=HTMX)

    assert (answer.status_code, "It does not answer." in answer["HX-Trigger"]) == (200, True)
    assert Entry.objects.get(action="printer.stop").after == {"refused": "It does not answer."}


def bambu(acme, **status):
    printer = make_printer("P1S", protocol="bambu", serial="01S", secret="12345678")
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE, **status))
    return printer


def test_light_speed_and_fans_are_set_where_the_printer_has_them(acme, sign_in, monkeypatch):
    monkeypatch.setattr(link_requests, "adjust", lambda pk, name, value: f"{name} is {value}")
    printer = bambu(acme, adjusted={"light": "off", "aux_fan": "30"})
    client = sign_in("operator")

    page = client.get(at(printer)).text
    answer = client.post(at(printer, "adjust/light/?as=now"), {"value": "on"}, headers=HTMX)

    assert page.count("/adjust/") == 5
    assert '<option value="30" selected>30 %</option>' in page
    assert "light is on" in answer["HX-Trigger"]
    assert Entry.objects.get(action="printer.adjust").after == {"light": "on", "answer": "light is on"}
    assert "/adjust/" not in client.get(at(make_printer())).text


def test_the_speed_is_not_offered_while_nothing_prints(acme, sign_in):
    idle = sign_in("operator").get(at(bambu(acme))).text

    assert 'title="It can be set while something prints."' in idle


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("light", "purple", "but to: off, on"),
        ("warp", "9", "no 'warp'"),
        ("part_fan", "101", "but to: 0"),
    ],
)
def test_what_cannot_be_set_is_told_and_nothing_is_sent(acme, sign_in, name, value, words, monkeypatch):
    monkeypatch.delattr(link_requests, "adjust")

    answer = sign_in("operator").post(at(bambu(acme), f"adjust/{name}/"), {"value": value}, headers=HTMX)

    assert words in answer["HX-Trigger"]


def test_the_plate_is_cleared_for_the_page_that_was_seen(acme, sign_in):
    printer = make_printer(plate=Plate.OCCUPIED)
    client, epoch = sign_in("operator"), printer.station.plate_epoch

    client.post(at(printer, "plate-cleared/"), {"plate_epoch": epoch}, headers=HTMX)
    again = client.post(at(printer, "plate-cleared/"), {"plate_epoch": epoch}, headers=HTMX)

    assert Station.objects.get(pk=printer.pk).plate == Plate.CLEAR
    assert "already" in again["HX-Trigger"]


def test_the_button_carries_the_epoch_of_the_plate(acme, sign_in):
    printer = make_printer(plate=Plate.OCCUPIED)
    Station.objects.filter(pk=printer.pk).update(plate_epoch=41)

    assert '{"plate_epoch": 41}' in sign_in("operator").get(at(printer)).text


@pytest.mark.parametrize(
    "verb",
    ["pause", "resume", "cancel", "stop", "clear-errors", "plate-cleared", "enable", "disable",
     "out-of-service", "edit", "test", "delete"],
)  # fmt: skip
def test_a_viewer_may_look_but_not_control(acme, sign_in, sent, verb):
    printer = make_printer()
    client = sign_in("viewer")

    assert client.get(at(printer)).status_code == 200
    assert client.post(at(printer, f"{verb}/"), FORM).status_code == 403
    assert sent == []


def test_a_viewers_page_has_no_address_and_no_buttons(acme, sign_in):
    page = sign_in("viewer").get(at(make_printer(address="10.77.1.9"))).text

    assert "10.77.1.9" not in page
    assert "Emergency stop" not in page


@pytest.mark.parametrize("verb", ["", "live/", "edit/", "delete/"])
def test_another_organisations_printer_is_not_there(acme, rival, sign_in, verb):
    with tenant_context(rival):
        theirs = make_printer()

    assert sign_in("admin").get(at(theirs, verb)).status_code == 404


def test_nothing_new_of_this_printer_is_no_content(acme, sign_in):
    mine, other = make_printer(), make_printer()
    live.swap(acme.pk, mine.pk, PRINTING)
    client = sign_in("viewer")
    first = client.get(at(mine, "live/"))
    live.swap(acme.pk, other.pk, PRINTING)

    again = client.get(at(mine, "live/"), {"version": first["X-Live-Version"]})

    assert f'id="now-{mine.pk}"' in first.text
    assert (again.status_code, again["X-Live-Version"] > first["X-Live-Version"]) == (204, True)


def test_the_audit_is_for_those_who_may_read_it(acme, sign_in):
    printer = make_printer()

    assert "What was done" in sign_in("admin").get(at(printer)).text
    assert "What was done" not in sign_in("operator").get(at(printer)).text


def test_a_printer_that_answers_is_saved_with_what_it_told(acme, sign_in, probe_says):
    probe_says(Detected(model="Voron 2.4 250", nozzle_mm=0.6, bed_mm=(250, 250, 230), machine_key="m-1"))

    answer = sign_in("operator").post(
        ADD, FORM | {"secret": SECRET, "tag_names": "petg, attic"}, headers=HTMX
    )

    printer = Printer.objects.get()
    assert answer["HX-Redirect"] == at(printer)
    assert (printer.model, printer.nozzle_mm, printer.bed_mm) == ("Voron 2.4 250", 0.6, (250, 250, 230))
    assert sorted(tag.name for tag in printer.tags.all()) == ["attic", "petg"]
    assert open_sealed(printer.secret) == SECRET
    assert printer.station.machine_key == "m-1"


def test_a_printer_that_does_not_answer_is_saved_only_when_asked_twice(acme, sign_in, probe_says):
    probe_says(DriverError(Trouble.UNREACHABLE, "10.1.2.3 does not answer."))
    client = sign_in("operator")

    first = client.post(ADD, FORM | {"secret": SECRET}, headers=HTMX)
    saved_first = Printer.objects.exists()
    client.post(ADD, FORM | {"save_anyway": "1"}, headers=HTMX)

    assert (first.status_code, first["HX-Retarget"], saved_first) == (422, "#diagnosis", False)
    assert "10.1.2.3 does not answer." in first.text
    assert "Save anyway" in first.text
    assert SECRET not in first.text
    assert Printer.objects.count() == 1


def test_a_test_offers_what_it_detected_and_saves_nothing(acme, sign_in, probe_says):
    probe_says(Detected(model="Voron_v2_250"))

    answer = sign_in("operator").post("/o/acme/printers/test/", FORM, headers=HTMX)

    assert "Voron 2.4 250" in answer.text
    assert "Take these values over" in answer.text
    assert not Printer.objects.exists()


def test_a_wrong_form_comes_back_without_the_secret(acme, sign_in):
    answer = sign_in("operator").post(ADD, FORM | {"name": "", "secret": SECRET}, headers=HTMX)

    assert answer.status_code == 422
    assert SECRET not in answer.text
    assert "Type it again" in answer.text


def test_an_empty_secret_leaves_the_stored_one(acme, sign_in, probe_says):
    probe_says(Detected())
    printer = make_printer("Voron 1", secret=SECRET, address="10.1.2.3")

    sign_in("operator").post(at(printer, "edit/"), FORM | {"location": "Attic"}, headers=HTMX)

    printer.refresh_from_db()
    assert (printer.location, open_sealed(printer.secret)) == ("Attic", SECRET)


def test_no_page_shows_a_stored_secret(acme, sign_in):
    printer = make_printer(secret=SECRET)
    client = sign_in("admin")

    pages = [client.get(path).text for path in (at(printer), at(printer, "edit/"), "/o/acme/printers/")]

    assert all(SECRET not in page and printer.secret not in page for page in pages)


def test_a_stored_secret_is_not_tried_at_another_address(acme, sign_in, probe_says):
    probe_says(AssertionError("was asked"))
    printer = make_printer("Voron 1", secret=SECRET, address="10.1.2.3")

    answer = sign_in("operator").post(at(printer, "test/"), FORM | {"address": "10.66.6.6"}, headers=HTMX)

    assert "enter the secret again" in answer.text


def test_the_same_machine_is_not_added_twice(acme, sign_in, probe_says):
    probe_says(Detected(machine_key="m-1"))
    make_printer("First", machine_key="m-1")

    answer = sign_in("operator").post(ADD, FORM, headers=HTMX)

    assert answer.status_code == 422
    assert "has been added" in answer.text


def test_out_of_service_wants_a_reason(acme, sign_in):
    printer = make_printer()
    client = sign_in("operator")

    client.post(at(printer, "out-of-service/"), {"reason": " "})
    without = Printer.objects.get().out_of_service_reason
    client.post(at(printer, "out-of-service/"), {"reason": "Belt torn"})

    assert (without, Printer.objects.get().out_of_service_reason) == ("", "Belt torn")


def test_a_deleted_printer_is_gone_from_the_list(acme, sign_in):
    printer = make_printer()

    answer = sign_in("operator").post(at(printer, "delete/"))

    assert answer.url == "/o/acme/printers/"
    assert not Printer.objects.exists()


def test_a_new_certificate_is_accepted_only_when_somebody_says_so(acme, sign_in, probe_says):
    printer = make_printer(name="Voron 1", address="10.1.2.3")
    Printer.objects.filter(pk=printer.pk).update(fingerprint="ab" * 32)
    client, edit = sign_in("operator"), at(printer, "edit/")
    probe_says(DriverError(Trouble.CERTIFICATE, "The printer shows another certificate."))
    assert "another certificate" in client.post(edit, FORM, headers=HTMX).text
    probe_says(Detected(fingerprint="cd" * 32))

    client.post(edit, {**FORM, "forget_certificate": "on"}, headers=HTMX)

    assert Printer.objects.get().fingerprint == "cd" * 32
