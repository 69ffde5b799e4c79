"""A Prusa is added over page and API as it is: by its password, by a user of its own, by an API key."""

import pytest
from django.test import override_settings

from gateway import identity
from printers.credentials import open_sealed
from printers.models import Printer
from printers.reaching import driver_of
from simulator.config import PrinterSpec
from simulator.farm import Farm

ADD, TEST, API = "/o/acme/printers/add/", "/o/acme/printers/test/", "/api/printers"
HTMX = {"HX-Request": "true"}
CODE = "maker-7421"


@pytest.fixture(scope="module")
def farm():
    specs = [PrinterSpec("mk4", "mk4", secret=CODE), PrinterSpec("mk3s", "mk3s-pi", secret=CODE)]
    with Farm(specs) as running:
        front = running["mk3s"].front
        front.digest.user, front.api_key = "anna", "key-of-the-pi"
        yield running


@pytest.fixture(autouse=True)
def loopback():
    with override_settings(ALLOW_LOOPBACK_PRINTERS=True):
        yield


def form_of(handle, **more):
    return {"name": "Prusa 1", "protocol": "prusalink", "address": handle.host, "port": handle.port,
            "rate_per_hour": "0", "secret": CODE, **more}  # fmt: skip


def test_the_page_offers_it_and_says_what_opens_it(acme, sign_in):
    page = sign_in("operator").get(ADD).text

    assert "Prusa (PrusaLink)" in page
    assert "Empty: maker." in page
    assert "&quot;protocol&quot;:&quot;prusalink&quot;" in page


def test_a_prusa_is_added_by_its_password_with_all_it_tells(acme, sign_in, farm):
    answer = sign_in("operator").post(ADD, form_of(farm["mk4"]), headers=HTMX)

    printer = Printer.objects.get()
    assert answer["HX-Redirect"].endswith(f"{printer.pk}/")
    assert (printer.model, printer.nozzle_mm, printer.bed_mm) == ("Prusa MK4", 0.4, (250, 210, 220))
    assert printer.serial == farm["mk4"].serial
    assert printer.station.machine_key == f"prusa:{printer.serial}"
    assert printer.slots.count() == 1
    assert open_sealed(printer.secret) == CODE


def test_the_same_prusa_is_not_added_twice(acme, sign_in, farm):
    client = sign_in("operator")
    client.post(ADD, form_of(farm["mk4"]), headers=HTMX)

    again = client.post(ADD, form_of(farm["mk4"], name="Prusa 2"), headers=HTMX)

    assert again.status_code == 422
    assert Printer.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"user": "anna"}, "Prusa MK3S"),
        ({"secret": "key-of-the-pi"}, "Prusa MK3S"),
        ({}, "The password is wrong, or the user name."),
        ({"user": "anna", "secret": "wrong"}, "The password is wrong, or the user name."),
        ({"secret": ""}, "PrusaLink wants a password."),
    ],
)
def test_the_pi_is_tested_by_user_and_password_or_by_its_key(acme, sign_in, farm, more, words):
    answer = sign_in("operator").post(TEST, form_of(farm["mk3s"], **more), headers=HTMX)

    assert words in answer.text
    assert CODE not in answer.text
    assert not Printer.objects.exists()


def test_the_api_adds_one_and_it_is_asked_who_it_is_later(acme, api, farm):
    mk3s = farm["mk3s"]
    new = {"name": "Pi", "protocol": "prusalink", "address": mk3s.host, "port": mk3s.port, "user": "anna",
           "secret": CODE, "model": "Prusa MK3S"}  # fmt: skip

    told = api().post(f"{API}/test", new).json()
    added = api().post(API, new)
    printer = Printer.objects.get()
    identity.identify(printer.pk)

    found = told["detected"]
    assert (found["model"], found["serial"]) == ("Prusa MK3S", mk3s.serial)
    assert (added.status_code, added.json()["bed_mm"]) == (201, [250, 210, 210])
    assert printer.station.machine_key == f"prusa:{mk3s.serial}"
    driver = driver_of(printer)
    assert driver.status().full
    driver.close()


def test_there_is_no_emergency_stop_and_the_page_says_so(acme, sign_in, api, farm):
    mk4 = farm["mk4"]
    sign_in("operator").post(ADD, form_of(mk4), headers=HTMX)
    mk4.act("print-by-hand")
    page = sign_in("operator").get(f"/o/acme/printers/{Printer.objects.get().pk}/").text

    answer = api().post(f"{API}/{Printer.objects.get().pk}/stop")

    assert "knows no emergency stop over the network" in page
    assert answer.status_code == 200
    assert "no emergency stop" in answer.json()["answer"]
    assert mk4.picture()["phase"] == "cancelled"
