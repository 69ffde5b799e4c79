"""The dashboard: the farm in one sentence, what needs a hand, and how it follows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from alerts.kinds import Kind
from alerts.raising import raise_alert
from jobs.models import Job, Print
from jobs.states import JobState, PrintState
from models3d.models import Model3D, Revision, StoredFile
from printers import live
from printers.drivers.driver import Fault, MachineState, Status
from reports import following
from reports.dashboard import today
from stations.models import Plate
from tests.factories.printers import make_printer

PATH, LIVE = "/o/acme/", "/o/acme/live/"
PRINTING = Status(MachineState.PRINTING, progress=0.5, remaining_s=720)


@pytest.fixture(autouse=True)
def _fresh():
    following.forget()


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def make_job(acme):
    stored = StoredFile.objects.create(sha256="a" * 64, size=1, path="x")
    model = Model3D.objects.create(name="bracket")
    revision = Revision.objects.create(model=model, number=1, stored=stored, original_name="a.gcode")

    def make(name="bracket", **fields):
        return Job.objects.create(name=name, revision=revision, **fields)

    return make


def test_the_fleet_is_told_in_one_sentence(acme, sign_in):
    live.swap(acme.pk, make_printer("Voron 1").pk, PRINTING)
    live.swap(acme.pk, make_printer("Voron 2", plate=Plate.OCCUPIED).pk, Status(MachineState.IDLE))

    page = plain(sign_in("viewer").get(PATH).text)

    assert "1 of 2 printers run; 1 needs you; next free: Voron 1 in 12 min." in page


def test_what_needs_a_person_stands_with_its_reason_and_its_button(acme, sign_in, make_job):
    printer = make_printer("Voron 2", plate=Plate.OCCUPIED)
    job = make_job()
    ended = timezone.now()
    Print.objects.create(
        job=job, copy=1, state=PrintState.COMPLETED, printer=printer, started_at=ended, ended_at=ended
    )
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE))

    page = sign_in("operator").get(PATH).text

    assert f"Plate to clear after #{job.number}." in page
    assert f"/o/acme/printers/{printer.pk}/plate-cleared/?as=need" in page


def test_a_cleared_plate_changes_its_line(acme, sign_in):
    printer = make_printer("Voron 2", plate=Plate.OCCUPIED)
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE))

    answer = sign_in("operator").post(
        f"/o/acme/printers/{printer.pk}/plate-cleared/?as=need",
        {"plate_epoch": printer.station.plate_epoch},
        headers={"HX-Request": "true"},
    )

    assert f'id="need-{printer.pk}"' in answer.text
    assert "Ready" in answer.text


def test_a_fault_beats_the_plate_as_the_reason(acme, sign_in):
    status = Status(MachineState.ERROR, faults=(Fault("e", "The door is open"),))
    live.swap(acme.pk, make_printer(plate=Plate.OCCUPIED).pk, status)

    assert "The door is open" in sign_in("viewer").get(PATH).text


def test_the_head_of_the_queue_says_why_each_waits(acme, sign_in, make_job):
    make_printer()
    make_job("later", why_not="No printer has PETG loaded.", priority=10)
    make_job("first", why_not="All 3 printers that fit are busy.", priority=40)

    page = sign_in("operator").get(PATH).text

    assert page.index("All 3 printers that fit are busy.") < page.index("No printer has PETG loaded.")


def test_a_viewer_sees_only_the_own_jobs_waiting_and_no_cost(acme, sign_in, person, make_job):
    make_printer()
    make_job("canary-job")
    make_job("mine", by=person("viewer"))

    page = sign_in("viewer").get(PATH).text

    assert "mine" in page
    assert "canary-job" not in page
    assert "material and machine time" not in page


def test_alerts_of_others_are_not_shown_to_a_viewer(acme, sign_in):
    make_printer()
    raise_alert(Kind.PRINT_FAILED, "a", "Print 12 failed")

    assert "Print 12 failed" in sign_in("operator").get(PATH).text
    assert "Print 12 failed" not in sign_in("viewer").get(PATH).text


def test_today_begins_at_midnight_in_the_organisations_zone(acme, make_job):
    job, now = make_job(state=JobState.COMPLETED), timezone.now()
    midnight = timezone.localtime(now, acme.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for copy, (state, ended) in enumerate(
        [
            (PrintState.COMPLETED, midnight + timedelta(seconds=1)),
            (PrintState.FAILED, midnight),
            (PrintState.COMPLETED, midnight - timedelta(seconds=1)),
        ]
    ):
        Print.objects.create(
            job=job, copy=copy, state=state, ended_at=ended, grams=Decimal(10),
            material_cost=Decimal("0.25"), machine_cost=Decimal(1),
        )  # fmt: skip

    with timezone.override(acme.zone):
        sums = today(now)

    assert (sums.done, sums.failed, sums.grams, sums.cost) == (1, 1, 20, Decimal("2.5"))


def test_nothing_new_is_no_content(acme, sign_in):
    printer = make_printer()
    live.swap(acme.pk, printer.pk, PRINTING)
    client = sign_in("viewer")
    first = client.get(LIVE)

    again = client.get(LIVE, {"version": first["X-Live-Version"]})

    assert f'id="printer-{printer.pk}"' in first.text
    assert 'id="dash-sentence"' in first.text
    assert again.status_code == 204


def test_what_one_organisation_shares_among_its_pages_no_other_sees(acme, rival, sign_in):
    live.swap(acme.pk, make_printer("Canary").pk, PRINTING)
    sign_in("operator").get(LIVE)
    with tenant_context(rival):
        live.swap(rival.pk, make_printer("Theirs").pk, PRINTING)

    theirs = sign_in("operator", "rival").get("/o/rival/live/").text

    assert "Theirs" in theirs
    assert "Canary" not in theirs


def test_a_farm_without_printers_says_what_to_do(acme, sign_in):
    assert "/o/acme/printers/add/" in sign_in("operator").get(PATH).text
    assert "/o/acme/printers/add/" not in sign_in("viewer").get(PATH).text
