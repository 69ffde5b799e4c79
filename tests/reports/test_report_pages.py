"""The reports' pages and API: who sees which, what they are narrowed to, sheets, links, and bad input."""

import csv
import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from jobs.models import Job, Print
from models3d.models import Model3D
from orgs.models import Department
from orgs.roles import Role, scopes_of
from printers.models import Printer, Tag
from reports.builders import BUILDERS
from reports.confidence import wilson
from reports.periods import PRESETS, Period, Step, preset
from tests.factories.models3d import make_model
from tests.factories.printers import make_printer

HOME = "/o/acme/reports/"
MARCH = "from=2026-03-01&to=2026-03-31"
FOR_OPERATORS = [kind for kind, one in BUILDERS.items() if one.action == "report.analyse"]


def add_print(printer, state="completed", ended=datetime(2026, 3, 10, 12, tzinfo=UTC), **fields):
    model = Model3D.objects.first() or make_model("bracket")
    said = {"by": fields.pop("by", None), "department": fields.pop("department", None)}
    job = Job.objects.create(name="bracket", revision=model.current, state=state, ended_at=ended, **said)
    Job.objects.filter(pk=job.pk).update(created_at=ended)
    told = {
        "printed_s": 3600,
        "estimate_s": 3000,
        "grams": 10,
        "material_cost": 1,
        "machine_cost": 2,
    } | fields
    return Print.objects.create(
        job=job, copy=1, state=state, printer=printer, printer_name=printer.name, started_at=ended,
        ended_at=ended, **told,
    )  # fmt: skip


def sheet(response):
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("kind", BUILDERS)
def test_every_report_shows_its_charts_with_their_tables(acme, sign_in, kind):
    add_print(make_printer("Voron 1"), "failed")

    response = sign_in("operator").get(f"{HOME}{kind}/?{MARCH}")

    assert response.status_code == 200
    assert response.text.count('class="chart"') <= response.text.count("<table") + 3
    assert "Europe/Berlin" in response.text


@pytest.mark.parametrize("kind", FOR_OPERATORS)
def test_viewers_see_no_report_of_the_farm(acme, sign_in, api, kind):
    assert sign_in("viewer").get(f"{HOME}{kind}/").status_code == 403
    assert api("viewer").get(f"/api/reports/{kind}").status_code == 403


def test_a_viewer_is_led_to_what_their_own_jobs_cost(acme, sign_in, person):
    printer = make_printer()
    add_print(printer, by=person("viewer"))
    add_print(printer, by=person("operator"), material_cost=500)

    response = sign_in("viewer").get(HOME, follow=True)
    page = sign_in("viewer").get(f"{HOME}own_costs/?{MARCH}").text

    assert response.request["PATH_INFO"].endswith("/own_costs/")
    assert "€3.00" in page
    assert "500" not in page
    assert "failure_analysis" not in page


def test_an_operators_reports_begin_with_failures(acme, sign_in):
    assert sign_in("operator").get(HOME)["Location"].endswith("/reports/failure_analysis/")


def test_the_scope_for_reports_alone_opens_them(acme, api):
    others = [one for one in scopes_of(Role.OPERATOR) if one != "read:reports"]

    assert api("operator", scopes=["read:reports"]).get("/api/reports/costs").status_code == 200
    assert api("operator", scopes=others).get("/api/reports/costs").status_code == 403


def test_tabs_and_sheets_keep_what_the_address_is_narrowed_to(acme, sign_in):
    add_print(make_printer())

    page = sign_in("operator").get(f"{HOME}failure_analysis/?{MARCH}").text.replace("&amp;", "&")

    assert f'href="/o/acme/reports/costs/?{MARCH}"' in page
    assert f'href="?{MARCH}&csv=printer"' in page


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-03-31&to=2026-03-01", "from=yesterday", "from=1066-01-01&to=1066-02-01", "from=9999-12-31",
        "from=2001-01-01&to=2026-01-01", "period=ever", "tag=nobody", "department=1", "tag=%00",
        "department=019d0000-0000-7000-8000-000000000000", "from=2026-02-30", "to=0001-01-01",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_beside_its_field_and_nothing_is_lost(acme, sign_in, query):
    response = sign_in("operator").get(f"{HOME}costs/?{query}")

    assert response.status_code == 422
    assert 'class="field-error"' in response.text or 'class="notice is-bad"' in response.text
    assert 'class="figures"' not in response.text


def test_a_department_of_another_organisation_is_unknown(acme, rival, sign_in, api):
    theirs = Department.objects.create(org=rival, name="Theirs")

    assert sign_in("operator").get(f"{HOME}costs/?department={theirs.pk}").status_code == 422
    assert api("operator").get(f"/api/reports/costs?department_id={theirs.pk}").status_code == 422


def test_unknown_kinds_and_sections_are_missing(acme, sign_in, api):
    client = sign_in("operator")

    assert client.get(f"{HOME}horoscope/").status_code == 404
    assert client.get(f"{HOME}costs/?csv=stars").status_code == 404
    assert api("operator").get("/api/reports/horoscope").status_code == 404
    assert api("operator").get("/api/reports/costs?format=csv&section=stars").status_code == 422


def test_names_in_a_sheet_are_never_worked_out(acme, sign_in):
    add_print(make_printer("=cmd|'/C calc'!A1"), "failed")

    rows = sheet(sign_in("operator").get(f"{HOME}failure_analysis/?{MARCH}&csv=printer"))

    assert rows[1][0] == "'=cmd|'/C calc'!A1"
    assert rows[0][:5] == ["Printer", "Prints", "Failed", "Rejected", "Cancelled"]
    assert rows[1][5] == "100.0"


def test_names_are_shown_as_they_are_and_never_as_markup(acme, sign_in):
    add_print(make_printer("<script>alert(1)</script> 🖨"), "failed")

    page = sign_in("operator").get(f"{HOME}failure_analysis/?{MARCH}").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🖨" in page


def test_a_figure_leads_to_the_prints_it_counted(acme, sign_in):
    printer, other = make_printer("Voron 1"), make_printer("Voron 2")
    add_print(printer, "failed")
    add_print(printer, "failed", ended=datetime(2026, 4, 1, 12, tzinfo=UTC))
    add_print(other, "failed")
    client = sign_in("operator")

    page = client.get(f"{HOME}failure_analysis/?{MARCH}").text
    link = f"/o/acme/queue/failures/?{MARCH}&printer={printer.pk}"

    assert escape(link) in page
    listed = client.get(link)
    assert listed.context["table"].total == 1
    assert "1 Mar 2026 – 31 Mar 2026" in listed.text


@pytest.mark.parametrize("by", ["printer", "tag", "department"])
def test_the_queue_lists_what_ended_on_days_narrowed_as_the_report_was(acme, sign_in, by):
    tag, physics = Tag.objects.create(name="fast"), Department.objects.create(org=acme, name="Physics")
    printer = make_printer(tags=[tag])
    wanted = add_print(printer, department=physics)
    add_print(make_printer())
    add_print(printer, department=physics, ended=datetime(2026, 2, 28, 12, tzinfo=UTC))
    value = {"printer": printer.pk, "tag": "fast", "department": physics.pk}[by]

    table = sign_in("operator").get(f"/o/acme/queue/?{MARCH}&{by}={value}").context["table"]

    assert [job.pk for job in table.rows] == [wanted.job_id]
    assert {str(chip.label) for chip in table.chips} >= {"Days"}


def test_reports_ask_as_many_queries_for_many_prints_as_for_one(acme, sign_in):
    printers = [make_printer() for _ in range(4)]
    client = sign_in("operator")
    add_print(printers[0])
    for kind in BUILDERS:
        client.get(f"{HOME}{kind}/")
    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as found:
            for kind in BUILDERS:
                client.get(f"{HOME}{kind}/?{MARCH}")
        # Without those that a connection asks once for itself.
        counts.append(sum(not query["sql"].startswith("SET search_path") for query in found))
        for at in range(30):
            add_print(printers[at % 4], "failed" if at % 3 else "completed")

    assert counts[0] == counts[1]
    assert Printer.objects.count() == 4


def test_the_api_tells_kinds_and_values_with_their_units(acme, api):
    add_print(make_printer("Voron 1"), "failed")
    add_print(Printer.objects.get())
    client = api("operator")

    kinds = client.get("/api/reports").json()
    told = client.get(f"/api/reports/failure_analysis?{MARCH}").json()

    assert {one["kind"] for one in kinds["items"]} == set(BUILDERS)
    assert {"fleet_utilisation", "job_summary", "filament_consumption"} <= set(BUILDERS)
    assert (told["from"], told["to"], told["time_zone"]) == ("2026-03-01", "2026-03-31", "Europe/Berlin")
    assert told["starts_at"] == "2026-02-28T23:00:00+00:00"
    assert told["ends_at"] == "2026-03-31T22:00:00+00:00"
    rate = next(one for one in told["figures"] if one["name"] == "rate")
    assert (rate["unit"], rate["value"], rate["before"]) == ("share", 0.5, None)
    [row] = next(one for one in told["sections"] if one["name"] == "printer")["rows"]
    assert row["printer"] == "Voron 1"
    assert row["lost_cost"] == "3.00"


def test_the_api_gives_a_section_as_a_sheet(acme, api):
    add_print(make_printer("Voron 1"))

    rows = sheet(api("operator").get(f"/api/reports/costs?{MARCH}&format=csv&section=printer"))

    assert rows[0][-2] == "Cost (EUR)"
    assert [row[0] for row in rows[1:]] == ["Voron 1", "All"]


def test_the_api_refuses_what_it_does_not_know(acme, api):
    client = api("operator")

    for query in ("till=1", "from=x", "from=2026-03-02&to=2026-03-01", "tag=none", "format=doc", "tag=%00"):
        assert client.get(f"/api/reports/costs?{query}").status_code == 422, query
    assert client.get("/api/reports/fleet_utilisation?department_id=").status_code == 422


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_ends_today_or_with_the_month_before(name):
    today = date(2024, 3, 31)

    days = preset(name, today, ZoneInfo("UTC"))

    assert days.last == (date(2024, 2, 29) if name == "last-month" else today)
    assert days.before.last < days.first
    assert days.before.days == days.days


def test_steps_are_days_weeks_or_months_and_cover_the_period():
    year = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
    decade = Period(date(2016, 1, 15), date(2026, 1, 14), ZoneInfo("UTC"))

    assert (year.step, year.steps[0], len(year.steps)) == (Step.WEEK, date(2025, 12, 29), 53)
    assert (decade.step, decade.steps[0], decade.steps[-1]) == (
        Step.MONTH,
        date(2016, 1, 1),
        date(2026, 1, 1),
    )


def test_a_day_without_a_midnight_begins_when_the_clocks_change():
    # In Cairo midnight of 24 April 2026 is skipped: after 23:59 comes 01:00.
    day = Period(date(2026, 4, 24), date(2026, 4, 24), ZoneInfo("Africa/Cairo"))

    assert day.start == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert (day.end - day.start).total_seconds() == 23 * 3600


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 10, 0.0179, 0.4042), (50, 1000, 0.0381, 0.0653)],
)
def test_an_interval_is_wilsons(hits, cases, low, high):
    assert wilson(hits, cases) == pytest.approx((low, high), abs=1e-4)


def test_no_cases_have_no_interval():
    assert wilson(0, 0) is None


def test_html_from_the_api_leads_to_the_page_and_not_back_to_the_api(acme, api):
    html = api("operator").get("/api/reports/costs?from=2026-10-01&to=2026-10-31&format=html").text

    assert "/o/acme/reports/costs/?from=2026-10-01&amp;to=2026-10-31" in html
    assert "/api/" not in html
