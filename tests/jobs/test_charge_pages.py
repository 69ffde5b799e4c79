"""The pages of chargebacks: months, statements, cards and corrections."""

import csv
import io
from datetime import timedelta
from decimal import Decimal as D

import pypdfium2
import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from jobs.charging import closing, statements
from jobs.charging.days import word_of
from jobs.charging.models import ChargeLine, MonthClose
from jobs.charging.rewriting import standing
from jobs.models import Job
from orgs import departments
from orgs.models import Department, Org
from tests.factories.printers import make_printer

from .charges import end_print, make_card, make_job
from .conftest import revision_of

BASE = "/o/acme/chargebacks"
NASTY = "=<b>1+1</b> \N{RIGHT-TO-LEFT OVERRIDE}abc \N{PRINTER}"


@pytest.fixture
def nasty(acme, person, settings, tmp_path):
    """A job of a department with a nasty name, and one of none; both of today."""
    settings.MEDIA_ROOT = tmp_path
    make_card()
    department = departments.save(Department(org=acme, name=NASTY))
    revision = revision_of(person("viewer"))
    job = make_job(revision, person("viewer"), department)
    Job.objects.filter(pk=job.pk).update(name=NASTY)
    end_print(job.prints.get(), printer=make_printer("P", model="P1S"))
    end_print(make_job(revision, person("viewer")).prints.get())
    return department


def today():
    return timezone.localdate()


def past(months=2):
    """The first day of a month that is over."""
    day = today().replace(day=1)
    for _turn in range(months):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


def test_a_month_shows_each_department_and_what_it_pays(nasty, sign_in):
    text = sign_in("operator").get(f"{BASE}/").text

    assert "&lt;b&gt;1+1&lt;/b&gt;" in text
    assert "<b>1+1" not in text
    assert "No department" in text
    assert f"{BASE}/statement/{nasty.pk}/?month={word_of(today().replace(day=1))}" in text
    [first, second] = statements.accounts(ChargeLine.objects.all())
    assert (first.party.name, second.party.name) == (NASTY, "No department")
    assert f"€{first.sums.total + second.sums.total}" in text


@pytest.mark.parametrize("path", ["", "statement/none/", "statement/organisation/", "statement/{pk}/"])
def test_a_statement_is_a_page_a_sheet_and_a_paper(nasty, sign_in, path):
    client, url = sign_in("operator"), f"{BASE}/{path.format(pk=nasty.pk)}"

    assert client.get(url).status_code == 200
    sheet = client.get(url, {"csv": "kind"})
    paper = client.get(url, {"format": "pdf"})

    assert sheet["Content-Type"].startswith("text/csv")
    assert "Chargebacks" in pypdfium2.PdfDocument(paper.content)[0].get_textpage().get_text_range()


def test_the_sheet_of_lines_has_no_formula_and_adds_up(nasty, sign_in):
    answer = sign_in("operator").get(f"{BASE}/statement/{nasty.pk}/", {"csv": "lines"})

    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))))
    assert {row["Department"] for row in rows} == {f"'{NASTY}"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    [account, _none] = statements.accounts(ChargeLine.objects.all())
    assert sum(D(row["Amount"]) for row in rows) == account.sums.total


def test_a_department_that_is_deleted_keeps_its_statement(nasty, sign_in):
    client = sign_in("operator")
    pk = nasty.pk
    departments.delete(nasty)

    assert "(deleted)" in client.get(f"{BASE}/statement/{pk}/").text
    assert "(deleted)" in client.get(f"{BASE}/").text


def test_a_person_without_a_name_any_more_is_shown_by_the_pseudonym(nasty, sign_in, person):
    User.objects.filter(pk=person("viewer").pk).update(name="Person 7f3a")

    assert "Person 7f3a" in sign_in("operator").get(f"{BASE}/statement/{nasty.pk}/").text


@pytest.mark.parametrize("month", ["2026-13", "x", "2026-1", "\0", "0000-00"])
def test_what_is_no_month_is_missing(acme, sign_in, month):
    client = sign_in("admin")

    assert client.get(f"{BASE}/", {"month": month}).status_code == 404
    assert client.post(f"{BASE}/close/", {"month": month}).status_code == 404


def test_a_month_without_lines_is_empty(acme, sign_in):
    assert "Nothing to show" in sign_in("operator").get(f"{BASE}/", {"month": "2020-02"}).text


def test_lines_in_another_currency_are_told_apart_and_never_added(nasty, acme, sign_in):
    Org.objects.filter(pk=acme.pk).update(currency="CHF")

    text = sign_in("operator").get(f"{BASE}/").text

    assert "In other currencies" in text
    assert "0.00 CHF" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_month_is_closed_by_an_admin_once_however_often_it_is_clicked(acme, sign_in):
    client, month = sign_in("admin"), word_of(past())

    for _click in range(2):
        answer = client.post(f"{BASE}/close/", {"month": month}, follow=True)
        assert answer.status_code == 200

    assert MonthClose.objects.count() == 1
    assert Entry.objects.filter(action="charges.close").count() == 1
    assert "closed already" in answer.text


def test_this_month_can_not_be_closed(acme, sign_in):
    client = sign_in("admin")

    answer = client.post(f"{BASE}/close/", {"month": word_of(today().replace(day=1))}, follow=True)

    assert "is not over yet" in answer.text
    assert not MonthClose.objects.exists()
    assert "Close the month" not in client.get(f"{BASE}/").text


def test_closing_tells_what_still_runs(acme, person, sign_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    job = make_job(revision_of(person("viewer")), person("viewer"))
    job.prints.update(state="printing", started_at=timezone.now() - timedelta(days=70))
    month = (timezone.localtime(timezone.now() - timedelta(days=70))).strftime("%Y-%m")

    assert "1 print that began in it still runs" in sign_in("admin").get(f"{BASE}/", {"month": month}).text


def test_a_correction_sent_twice_is_written_once(acme, sign_in, physics):
    client = sign_in("admin")
    once = client.get(f"{BASE}/correct/").context["form"]["once"].value()
    sent = {"once": str(once), "department": str(physics.pk), "amount": "-7.50", "reason": NASTY}

    for _click in range(2):
        assert client.post(f"{BASE}/correct/", sent).status_code == 302

    [line] = ChargeLine.objects.all()
    assert (line.amount, line.department_name, line.by) == (D("-7.50"), "Physics", "acme admin")
    assert "&lt;b&gt;1+1&lt;/b&gt;" in client.get(f"{BASE}/statement/{physics.pk}/").text


def test_a_foreign_department_is_no_choice(acme, rival, sign_in):
    foreign = Department.objects.create(org=rival, name="Theirs")
    client = sign_in("admin")
    once = client.get(f"{BASE}/correct/").context["form"]["once"].value()

    answer = client.post(
        f"{BASE}/correct/", {"once": str(once), "department": str(foreign.pk), "amount": "5", "reason": "x"}
    )

    assert answer.status_code == 422
    assert client.get(f"{BASE}/statement/{foreign.pk}/").status_code == 404
    assert not ChargeLine.objects.exists()


def test_a_line_is_taken_back_on_its_page_and_only_once(nasty, sign_in):
    client, line = sign_in("admin"), ChargeLine.objects.first()
    url = f"{BASE}/lines/{line.pk}/counter/"

    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Free sample"}).status_code == 302
    again = client.post(url, {"reason": "Free sample"})

    assert again.status_code == 422
    assert "taken back already" in again.text
    assert line.pk not in {one.pk for one in standing(ChargeLine.objects.all())}


def test_a_job_that_is_over_is_charged_to_another_department(nasty, sign_in, physics):
    job = Job.objects.get(department=nasty)
    client = sign_in("admin")

    sent = {"department": str(physics.pk), "reason": "Wrong class"}
    assert client.post(f"{BASE}/jobs/{job.pk}/department/", sent).status_code == 302
    again = client.post(f"{BASE}/jobs/{job.pk}/department/", sent)

    assert again.status_code == 422
    text = client.get(f"/o/acme/queue/{job.pk}/").text
    assert "Physics" in text
    assert "taken back" in text
    job.refresh_from_db()
    assert job.department == physics


def test_a_viewer_sees_the_lines_of_own_jobs_and_no_more(nasty, sign_in, person):
    own, other = Job.objects.order_by("number")
    Job.objects.filter(pk=other.pk).update(by=person("operator"))
    client = sign_in("viewer")

    assert "What it is charged" in client.get(f"/o/acme/queue/{own.pk}/").text
    assert client.get(f"/o/acme/queue/{other.pk}/").status_code == 404
    assert "Another department" not in client.get(f"/o/acme/queue/{own.pk}/").text
    assert client.get(f"{BASE}/").status_code == 403


def test_a_month_page_asks_as_much_for_many_lines_as_for_few(
    nasty, sign_in, person, django_assert_max_num_queries
):
    client = sign_in("operator")
    client.get(f"{BASE}/")
    with django_assert_max_num_queries(60) as few:
        client.get(f"{BASE}/")
    revision = Job.objects.first().revision
    for _turn in range(12):
        end_print(make_job(revision, person("viewer"), nasty).prints.get())

    with django_assert_max_num_queries(len(few)):
        client.get(f"{BASE}/")


def test_a_report_of_a_closed_month_says_so(acme, person, sign_in):
    closing.close(past(), person("admin"))

    assert (
        "nothing in it changes any more"
        in sign_in("operator").get(f"{BASE}/", {"month": word_of(past())}).text
    )
