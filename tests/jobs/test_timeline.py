"""The timeline by printer: what prints, what is next, for whom."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import outlook, planning
from jobs.forecast import Bar
from jobs.lanes import Stretch, shades
from jobs.models import Job, Print
from orgs.models import Org
from orgs.working_hours import DAYS
from printers import live
from printers.drivers.driver import MachineState, Status
from tests.factories.printers import make_printer

PATH = "/o/acme/queue/timeline/"


@pytest.fixture
def busy(shop):
    """One copy prints for half an hour more, one waits behind it."""
    status = Status(MachineState.PRINTING, remaining_s=1800, job_key="x", file="x.gcode")
    live.swap(shop.org_id, shop.printer.pk, status)
    running = shop.job()
    Print.objects.filter(job=running).update(
        state="printing", printer=shop.printer, printer_name="Voron 1",
        started_at=timezone.now() - timedelta(minutes=5),
    )  # fmt: skip
    Job.objects.filter(pk=running.pk).update(state="printing")
    shop.job(due_at=timezone.now() + timedelta(minutes=32))
    planning.match()
    return shop


def test_it_shows_what_prints_and_what_is_next_as_bars_and_as_a_table(busy, sign_in):
    page = sign_in("operator").get(PATH).text

    running, waiting = Job.objects.order_by("number")
    for job in (running, waiting):
        assert page.count(f"/o/acme/queue/{job.pk}/") == 2
    assert page.count("is-next") >= 1
    assert "At risk" in page


def test_a_viewer_sees_that_a_printer_is_busy_but_not_with_whose_job(busy, sign_in, person):
    Job.objects.update(by=person("operator"))

    page = sign_in("viewer").get(PATH).text

    assert "Bracket" not in page
    assert "another person" in page


@pytest.mark.parametrize(("asked", "shown"), [("8", 8), ("72", 72), ("9999", 24), ("x", 24), ("", 24)])
def test_only_the_offered_lengths_are_drawn(busy, sign_in, asked, shown):
    answer = sign_in("operator").get(PATH, {"hours": asked})

    assert answer.context["hours"] == shown


def test_a_bar_starts_and_ends_where_its_time_is(busy, sign_in):
    (lane,) = sign_in("operator").get(PATH, {"hours": "8"}).context["lanes"]

    first, second = lane.bars
    assert (first.x, first.of.is_printing) == ("0.00%", True)
    assert float(second.x.rstrip("%")) == pytest.approx(100 * 30 / 480, abs=0.3)
    assert float(second.width.rstrip("%")) == pytest.approx(100 * 10 / 480, abs=0.3)


def test_the_hours_in_which_nobody_is_there_are_shaded(acme):
    Org.objects.filter(pk=acme.pk).update(time_zone="UTC")
    acme.time_zone = "UTC"
    acme.working_hours = {day: [["06:00", "12:00"]] for day in DAYS}

    found = shades(Stretch(datetime(2026, 6, 1, 0, 0, tzinfo=UTC), 24))

    assert found == [(0.0, 0.25), (0.5, 0.5)]


def test_printers_with_nothing_to_show_are_left_out(busy, sign_in):
    make_printer(name="Idle one")

    assert "Idle one" not in sign_in("operator").get(PATH).text


def test_it_takes_as_many_queries_for_thirty_printers_as_for_one(busy, sign_in):
    client = sign_in("operator")
    client.get(PATH)
    with CaptureQueriesContext(connection) as few:
        client.get(PATH)
    ids = [busy.printer.pk, *(make_printer().pk for _n in range(30))]
    job = Job.objects.latest("number")
    now = timezone.now().timestamp()
    bars = [Bar(job.pk, at, now + 60, now + 600) for at in range(len(ids))]
    outlook.keep({job.pk: (now, now, False, 1, 31)}, bars, ids)

    with CaptureQueriesContext(connection) as many:
        page = client.get(PATH)

    assert len(page.context["lanes"]) == 25
    assert len(many) <= len(few) + 1


def test_a_bar_of_a_job_that_is_gone_stays_a_bar_of_somebody(busy, sign_in):
    now = timezone.now().timestamp()
    outlook.keep({uuid4(): (now, now, False, 1, 1)}, [Bar(uuid4(), 0, now, now + 60)], [busy.printer.pk])

    assert sign_in("operator").get(PATH).status_code == 200


def test_the_list_is_answered_to_the_script_that_moves_rows(shop, sign_in):
    one, two = shop.job(), shop.job()
    headers = {"HX-Request": "true", "HX-Target": "jobs"}

    answer = sign_in("operator").post(
        f"/o/acme/queue/{two.pk}/move/", {"before": str(one.pk)}, headers=headers
    )

    assert answer.text.index(str(two.pk)) < answer.text.index(str(one.pk))
    assert '<section id="jobs"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("other", ["rubbish", str(uuid4())], ids=["no id", "unknown id"])
def test_a_move_before_what_is_not_there_is_not_found(shop, sign_in, other):
    made = shop.job()

    assert sign_in("operator").post(f"/o/acme/queue/{made.pk}/move/", {"before": other}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"to": "top", "before": str(uuid4())}, {"to": "sideways"}, {"before": "x"}],
    ids=["neither", "both", "no such place", "no id"],
)
def test_the_api_takes_exactly_one_way_to_move(shop, api, body):
    made = shop.job()

    assert api("operator").post(f"/api/jobs/{made.pk}/move", body).status_code == 422


def test_the_api_moves_before_another_job(shop, api):
    one, two = shop.job(), shop.job()
    client = api("operator")

    client.post(f"/api/jobs/{two.pk}/move", {"before": str(one.pk)})

    listed = client.get("/api/jobs?state=queued").json()["items"]
    assert [item["id"] for item in listed] == [str(two.pk), str(one.pk)]
