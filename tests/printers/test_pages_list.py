"""The printers' list: what it shows, how it follows, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from printers import live
from printers.drivers.driver import Fault, Heat, MachineState, Status
from printers.models import Printer, Tag
from reports import following
from reports.fleet import gather
from stations.models import Plate
from tests.factories.printers import make_printer

LIST = "/o/acme/printers/"
LIVE = "/o/acme/printers/live/"
PRINTING = Status(
    MachineState.PRINTING, progress=0.42, remaining_s=1800, file="a.gcode", job_key="k1",
    nozzles=(Heat(214.6, 215),), bed=Heat(60, 60), layer=12, layers=80,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_pictures():
    following.forget()


def tell(org, printer, status=PRINTING):
    live.swap(org.pk, printer.pk, status)


STATES = {
    "needs you": (Status(MachineState.IDLE), {"plate": Plate.OCCUPIED}, "Plate to clear"),
    "fault": (Status(MachineState.ERROR, faults=(Fault("e1", "The door is open"),)), {}, "The door is open"),
    "printing": (PRINTING, {}, "Printing"),
    "paused": (Status(MachineState.PAUSED), {}, "Paused"),
    "preparing": (Status(MachineState.PREPARING), {}, "Preparing"),
    "ready": (Status(MachineState.IDLE), {}, "Ready"),
    "out of service": (Status(MachineState.IDLE), {"out_of_service_reason": "Belt torn"}, "Belt torn"),
    "offline": (Status(MachineState.OFFLINE), {}, "Offline"),
    "unknown": (None, {}, "Not heard from yet"),
}


@pytest.mark.parametrize("view", ["cards", "table"])
@pytest.mark.parametrize(("status", "fields", "words"), STATES.values(), ids=STATES)
def test_every_state_says_itself_in_words(acme, sign_in, status, fields, words, view):
    printer = make_printer("Voron 1", **fields)
    if status:
        tell(acme, printer, status)

    page = sign_in("viewer").get(LIST, {"view": view}).text

    assert "Voron 1" in page
    assert words in page


def test_a_printer_silent_for_long_is_offline(acme, sign_in, monkeypatch):
    tell(acme, make_printer("Voron 1"))
    monkeypatch.setitem(live.FRESH, "moonraker", timedelta(0))

    assert "No answer since" in sign_in("viewer").get(LIST).text


def test_what_needs_a_person_comes_first_then_the_soonest_end(acme, sign_in):
    for name, remaining in (("Late", 7200), ("Soon", 600)):
        tell(acme, make_printer(name), Status(MachineState.PRINTING, remaining_s=remaining))
    tell(acme, make_printer("Full", plate=Plate.OCCUPIED), Status(MachineState.IDLE))

    page = sign_in("viewer").get(LIST).text

    assert page.index(">Full<") < page.index(">Soon<") < page.index(">Late<")


def test_the_next_free_printer_is_named(acme, sign_in):
    tell(acme, make_printer("K1-03"), Status(MachineState.PRINTING, remaining_s=720))

    assert "Next free: K1-03 in 12" in sign_in("viewer").get(LIST).text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "query",
    [{"tag": "petg"}, {"location": "Attic"}, {"model": "Voron 0"}, {"state": "printing"}, {"q": "attic vor"}],
    ids=lambda query: next(iter(query)),
)
def test_a_filter_leaves_only_what_matches(acme, sign_in, query):
    mine = make_printer("Vora", location="Attic", model="Voron 0", tags=[Tag.objects.create(name="petg")])
    tell(acme, mine)
    make_printer("Other")

    page = sign_in("viewer").get(LIST, query).text

    assert ">Vora<" in page
    assert ">Other<" not in page


def test_nothing_new_is_no_content(acme, sign_in):
    tell(acme, make_printer())
    client = sign_in("viewer")
    first = client.get(LIVE)

    again = client.get(LIVE, {"version": first["X-Live-Version"]})

    assert first.status_code == 200
    assert again.status_code == 204


def test_only_changed_cards_are_sent(acme, sign_in):
    still, moves = make_printer("Still"), make_printer("Moves")
    client = sign_in("viewer")
    version = client.get(LIVE)["X-Live-Version"]
    following.forget()
    tell(acme, moves)

    answer = client.get(LIVE, {"version": version})

    assert f'id="printer-{moves.pk}"' in answer.text
    assert f'id="printer-{still.pk}"' not in answer.text
    assert 'id="fleet-counters"' in answer.text


def test_changed_rows_come_inside_a_table(acme, sign_in):
    printer = make_printer()
    tell(acme, printer)

    answer = sign_in("viewer").get(LIVE, {"view": "table"}).text

    assert f'<table><tbody><tr id="printer-{printer.pk}"' in answer


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "²"])
def test_a_strange_version_is_the_first(acme, sign_in, version):
    tell(acme, make_printer())

    assert sign_in("viewer").get(LIVE, {"version": version}).status_code == 200


def test_another_organisations_printers_are_not_seen(acme, rival, sign_in):
    tell(acme, make_printer())
    with tenant_context(rival):
        tell(rival, make_printer("Canary"))
    client = sign_in("viewer")

    assert "Canary" not in client.get(LIST).text + client.get(LIVE).text


def test_viewers_get_no_controls(acme, sign_in):
    tell(acme, make_printer())

    assert "hx-post" not in sign_in("viewer").get(LIST).text
    assert "/pause/" in sign_in("operator").get(LIST).text


def test_a_card_kept_for_others_is_not_shown_once_it_is_old(acme, sign_in):
    printer = make_printer("Voron 1")
    tell(acme, printer)
    client = sign_in("viewer")
    client.get(LIST)
    Printer.objects.filter(pk=printer.pk).update(name="Voron 2")

    assert ">Voron 2<" in client.get(LIST).text


@pytest.mark.parametrize("path", [LIST, LIST + "?view=table", "/o/acme/"])
def test_queries_do_not_grow_with_the_rows(acme, sign_in, path):
    client = sign_in("operator")
    client.get(path)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            tell(acme, make_printer(plate=Plate.OCCUPIED), Status(MachineState.IDLE))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_end_is_now_plus_what_is_left(acme):
    printer = make_printer()
    tell(acme, printer)

    (shown,) = gather([printer])

    assert abs(shown.ends_at - datetime.now(UTC) - timedelta(seconds=1800)) < timedelta(minutes=1)
