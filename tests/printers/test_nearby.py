"""Looking for printers nearby, on the page that adds one."""

import re

import orjson
import pytest
from django.test import override_settings
from django.utils.html import escape
from django_tenants.utils import tenant_context

from printers import nearby
from printers.drivers.bambu_discovery import Announced
from printers.drivers.driver import DriverError, Trouble
from tests.factories.printers import make_printer

PAGE = "/o/acme/printers/nearby/"
ONE = Announced("01P00A0123456789", "192.168.1.40", "C12", "farm-07")
TWO = Announced("03900A0123456789", "192.168.1.41", "N1", "attic")


@pytest.fixture
def heard(monkeypatch):
    """What the network says: a list of announcements, or an error."""

    def say(answer):
        asked = []

        def listen(seconds):
            asked.append(seconds)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(nearby, "_last", (float("-inf"), []))
        monkeypatch.setattr(nearby.bambu_discovery, "listen", listen)
        return asked

    return say


def fills(page):
    return [orjson.loads(found.replace("&quot;", '"')) for found in re.findall(r'data-fill="([^"]+)"', page)]


def test_the_page_has_the_button_and_the_edit_page_has_not(acme, sign_in):
    client = sign_in("operator")

    assert PAGE in client.get("/o/acme/printers/add/").text
    assert PAGE not in client.get(f"/o/acme/printers/{make_printer().pk}/edit/").text


def test_what_was_heard_fills_the_form(acme, sign_in, heard):
    heard([ONE, TWO])

    page = sign_in("operator").post(PAGE).text

    assert page.index("attic") < page.index("farm-07")
    assert "Bambu Lab P1S" in page
    assert fills(page)[1] == {
        "name": "farm-07", "protocol": "bambu", "address": "192.168.1.40", "serial": ONE.serial,
        "model": "Bambu Lab P1S", "bed_x_mm": "256", "bed_y_mm": "256", "bed_z_mm": "250", "nozzle_mm": "0.4",
    }  # fmt: skip


def test_printers_that_are_here_already_are_left_out_whosever_they_are(acme, rival, sign_in, heard):
    heard([ONE, TWO])
    make_printer(protocol="bambu", serial=ONE.serial)
    with tenant_context(rival):
        make_printer("Their secret name", protocol="bambu", serial=TWO.serial)

    page = sign_in("operator").post(PAGE).text

    assert "No other printer was heard" in page
    assert all(hidden not in page for hidden in (ONE.serial, TWO.serial, "Their secret name"))


@override_settings(ALLOW_LOOPBACK_PRINTERS=False)
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255"])
def test_an_announcement_of_an_address_no_printer_has_is_left_out(acme, sign_in, heard, address):
    heard([Announced(ONE.serial, address, "C12", "bait")])

    assert "bait" not in sign_in("operator").post(PAGE).text


def test_a_hostile_name_stays_text(acme, sign_in, heard):
    name = "\"'><img src=x onerror=alert(1)>"
    heard([Announced(ONE.serial, "192.168.1.40", "<b>", name)])

    page = sign_in("operator").post(PAGE).text

    assert "<img" not in page
    assert escape(name) in page


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([], "not across subnets"),
        (
            DriverError(Trouble.UNREACHABLE, "UDP port 2021 is taken."),
            "UDP port 2021 is taken. Enter the address",
        ),
    ],
)
def test_where_nothing_can_be_heard_it_is_said_plainly(acme, sign_in, heard, answer, words):
    heard(answer)

    assert words in sign_in("operator").post(PAGE).text


def test_two_who_ask_at_once_are_answered_by_one_look(acme, sign_in, heard):
    asked = heard([ONE])
    client = sign_in("operator")

    client.post(PAGE)
    client.post(PAGE)

    assert len(asked) == 1


def test_the_database_connection_is_given_back_before_listening(acme, monkeypatch):
    done = []
    monkeypatch.setattr(nearby, "_last", (float("-inf"), []))
    monkeypatch.setattr(nearby, "release_connection", lambda: done.append("released"))
    monkeypatch.setattr(nearby.bambu_discovery, "listen", lambda seconds: done.append("listened") or [])

    nearby.look()

    assert done == ["released", "listened"]


def test_a_viewer_may_not_look(acme, sign_in, heard):
    asked = heard([ONE])

    assert sign_in("viewer").post(PAGE).status_code == 403
    assert sign_in("operator").get(PAGE).status_code == 405
    assert asked == []
