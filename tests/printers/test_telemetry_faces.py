"""Telemetry on a printer's page and over the API."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from alerts.models import Alert
from gateway import ingest as gateway
from gateway.ingest import ingest
from jobs.models import Job, Print
from jobs.states import PrintState
from models3d.models import Model3D, Revision, StoredFile
from printers.drivers.driver import Fault, MachineState, Status
from printers.models import Reading
from tests.factories.printers import make_printer


def measure(printer, *ago_min, **values):
    now = timezone.now().replace(second=0, microsecond=0)
    for minutes in ago_min:
        at = now - timedelta(minutes=minutes)
        Reading.objects.create(printer=printer, at=at, **{"nozzle_c": 215, "progress": 0.5, **values})
    return now


def printed(printer, began_ago_min, ended_ago_min=None):
    stored = StoredFile.objects.create(sha256="a" * 64, size=1, path="x")
    model = Model3D.objects.create(name="bracket")
    revision = Revision.objects.create(model=model, number=1, stored=stored, original_name="a.gcode")
    now = timezone.now()
    return Print.objects.create(
        job=Job.objects.create(name="bracket", revision=revision), copy=1, printer=printer,
        state=PrintState.PRINTING if ended_ago_min is None else PrintState.COMPLETED,
        started_at=now - timedelta(minutes=began_ago_min),
        ended_at=None if ended_ago_min is None else now - timedelta(minutes=ended_ago_min),
    )  # fmt: skip


def page(client, printer, query=""):
    return client.get(f"/o/acme/printers/{printer.pk}/{query}").text


def panel(client, printer, span):
    return client.get(f"/o/acme/printers/{printer.pk}/telemetry/?span={span}").text


def test_the_running_print_is_drawn_and_fetched_anew(acme, sign_in):
    printer = make_printer()
    printed(printer, 60)
    measure(printer, 1, 2, 3, bed_c=61)

    told = page(sign_in("viewer"), printer)

    assert 'aria-current="true">This print<' in told
    assert "one point a minute" in told
    assert "Nozzle: 215\N{NO-BREAK SPACE}°C" in told
    assert "Chamber:" not in told
    assert 'hx-trigger="every 60s"' in told


def test_the_last_print_is_drawn_without_what_came_after(acme, sign_in):
    printer = make_printer()
    printed(printer, 300, 200)
    measure(printer, 250)
    measure(printer, 10, nozzle_c=99)

    told = panel(sign_in("viewer"), printer, "")

    assert 'aria-current="true">Last print<' in told
    assert "99\N{NO-BREAK SPACE}°C" not in told
    assert "every 60s" not in told


def test_a_print_begins_where_the_one_before_it_ended(acme, sign_in):
    printer = make_printer()
    before = printed(printer, 60, 30)
    Print.objects.create(
        job=before.job, copy=2, printer=printer, state=PrintState.PRINTING,
        started_at=timezone.now() - timedelta(minutes=28),
    )  # fmt: skip
    measure(printer, 31, nozzle_c=99)
    measure(printer, 20)

    told = panel(sign_in("viewer"), printer, "print")

    assert "99\N{NO-BREAK SPACE}°C" not in told
    assert "Nozzle: 215\N{NO-BREAK SPACE}°C" in told


@pytest.mark.parametrize(("span", "words"), [("day", "one point for 5 minutes"), ("week", "for 30 minutes")])
def test_a_day_and_a_week_are_drawn_coarser(acme, sign_in, span, words):
    printer = make_printer()
    measure(printer, 5)

    told = panel(sign_in("viewer"), printer, span)

    assert words in told
    assert told.count("<tr>") < 2 * 350


def test_a_printer_that_never_printed_shows_its_day_and_says_so(acme, sign_in):
    told = page(sign_in("viewer"), make_printer(), "?span=print")

    assert 'aria-current="true">24 hours<' in told
    assert "Nothing was measured in this time." in told


def test_errors_are_told_in_words_with_their_time(acme, sign_in, monkeypatch):
    monkeypatch.setattr(gateway, "follow", lambda pk, status, before: None)
    printer, other = make_printer(), make_printer()
    ingest(acme, printer.pk, Status(MachineState.ERROR, faults=(Fault("e1", "The door is open"),)))
    ingest(acme, printer.pk, Status(MachineState.IDLE))
    ingest(acme, other.pk, Status(MachineState.ERROR, faults=(Fault("e2", "Of the other one"),)))
    assert Alert.objects.count() == 2

    told = page(sign_in("viewer"), printer).split('id="errors-title"')[1].split("</section>")[0]

    assert "The door is open" in told
    assert told.count("<time") == 2
    assert "Of the other one" not in told


def test_a_reason_for_being_out_of_service_can_be_changed(acme, sign_in):
    printer = make_printer(out_of_service_reason="Belt <torn>")
    client = sign_in("operator")

    told = page(client, printer)
    client.post(f"/o/acme/printers/{printer.pk}/out-of-service/", {"reason": "Belt ordered"})

    assert "Change the reason" in told
    assert 'value="Belt &lt;torn&gt;"' in told
    printer.refresh_from_db()
    assert printer.out_of_service_reason == "Belt ordered"


def test_the_api_tells_each_minute_of_the_last_day(acme, api):
    printer = make_printer()
    now = measure(printer, 1, 1439, 1500)

    told = api("viewer").get(f"/api/printers/{printer.pk}/telemetry").json()

    assert told["count"] == 2
    assert told["items"][-1] == {
        "at": (now - timedelta(minutes=1)).isoformat(), "nozzle_c": 215.0, "bed_c": None, "chamber_c": None,
        "progress": 0.5,
    }  # fmt: skip


def test_the_api_takes_a_stretch_of_time(acme, api):
    printer = make_printer()
    now = measure(printer, 10, 20, 30)
    asked = {
        "from": (now - timedelta(minutes=20)).isoformat(),
        "to": (now - timedelta(minutes=10)).isoformat(),
    }

    assert api("viewer").get(f"/api/printers/{printer.pk}/telemetry", asked).json()["count"] == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "must be before to"),
        ("from=2026-01-01T00:00:00Z&to=2026-01-08T00:00:01Z", "at most 7 days"),
        ("to=0001-01-01T00:00:00Z", "greater than"),
        ("from=9999-12-31T23:59:59Z", "less than"),
        ("from=2026-01-01T00:00:00", "timezone"),
        ("from=yesterday", "datetime"),
        ("since=2026-01-01T00:00:00Z", "is not known here"),
    ],
)
def test_the_api_refuses_other_times_in_words(acme, api, query, words):
    answer = api("viewer").get(f"/api/printers/{make_printer().pk}/telemetry?{query}")

    assert answer.status_code == 422
    assert words in answer.text


def test_what_another_organisation_measured_is_missing(acme, rival, api, sign_in):
    with tenant_context(rival):
        theirs = make_printer()
        measure(theirs, 1)

    assert api("admin").get(f"/api/printers/{theirs.pk}/telemetry").status_code == 404
    assert sign_in("admin").get(f"/o/acme/printers/{theirs.pk}/telemetry/").status_code == 404
