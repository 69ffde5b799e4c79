"""Scheduled reports on their pages, from links in mails, and over the API."""

import re

import pytest
from django.utils import timezone

from audit.models import Entry
from reports import setting, working
from reports.links import CONFIRM, UNSUBSCRIBE, signed
from reports.models import Recipient, Run, Schedule, Sending
from reports.readers import told

LIST = "/o/acme/reports/schedules/"
SENT = {
    "name": "Monday", "kind": "job_summary", "every": "week", "weekday": "0", "day": "1", "hour": "6",
    "recipients": "admin@acme.test\nguest@elsewhere.test",
}  # fmt: skip
JSON = {"name": "Monday", "kind": "job_summary", "recipients": ["admin@acme.test"]}


def test_a_schedule_is_made_on_the_page_and_shows_its_next_five_times(acme, sign_in):
    client = sign_in("operator")

    told = client.post(f"{LIST}add/", SENT, follow=True).text

    schedule = Schedule.objects.get()
    assert schedule.next_at > timezone.now()
    assert len(re.findall(r"<li>Mon ", told)) == 5
    assert "has not confirmed yet" in told
    assert "Monday" in client.get(LIST).text


def test_the_form_previews_the_times_as_it_stands(acme, sign_in):
    told = sign_in("operator").get(f"{LIST}preview/", {**SENT, "every": "month", "day": "31"}).text

    assert told.count("<li>") == 5
    assert "06:00" in told


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"recipients": "nobody"}, "nobody is no e-mail address"),
        ({"recipients": ""}, "required"),
        ({"day": "32"}, "31"),
        ({"hour": "24"}, "24"),
        ({"kind": "own_costs"}, "own_costs"),
        ({"name": ""}, "required"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(acme, sign_in, wrong, words):
    told = sign_in("operator").post(f"{LIST}add/", {**SENT, **wrong})

    assert told.status_code == 422
    assert words in told.text
    assert not Schedule.objects.exists()


def test_it_is_paused_resumed_and_deleted(schedule, sign_in):
    one, client = schedule(), sign_in("operator")

    client.post(f"{LIST}{one.pk}/pause/")
    assert "paused" in client.get(LIST).text
    client.post(f"{LIST}{one.pk}/resume/")
    assert Schedule.objects.get().next_at
    client.post(f"{LIST}{one.pk}/delete/")

    assert not Schedule.objects.exists()
    told = set(Entry.objects.values_list("action", flat=True))
    assert {"report.schedule", "report.pause", "report.resume", "report.unschedule"} <= told


def test_a_run_shows_its_files_and_who_got_it(schedule, sign_in, post):
    one, client = schedule(with_csv=True), sign_in("operator")
    client.post(f"{LIST}{one.pk}/run/")
    working.work()
    run = Run.objects.get()
    page = f"/o/acme/reports/runs/{run.pk}/"

    told = client.get(page).text
    pdf, mail, sheets = (client.get(f"{page}{form}/") for form in ("pdf", "html", "csv"))

    assert told.count("Sent</span>") == 2
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Disposition"].startswith("attachment")
    assert "sandbox" in mail["Content-Security-Policy"]
    assert sheets.content.startswith(b"PK")
    assert client.get(f"{page}else/").status_code == 404
    assert one.name in client.get("/o/acme/reports/runs/").text


def test_a_run_that_was_tried_out_goes_to_oneself_alone(schedule, sign_in, post):
    one = schedule()

    sign_in("operator").post(f"{LIST}{one.pk}/try/")
    working.work()

    assert [mail.to for mail in post.taken] == [["operator@acme.test"]]


def test_an_unclear_mail_is_sent_again_from_the_page(schedule, sign_in, post):
    one = schedule()
    sign_in("operator").post(f"{LIST}{one.pk}/run/")
    working.work()
    Sending.objects.filter(email="admin@acme.test").update(state=Sending.State.UNCLEAR)
    post.taken.clear()

    sending = Sending.objects.get(email="admin@acme.test")
    sign_in("operator").post(f"/o/acme/reports/sendings/{sending.pk}/again/")
    working.work()

    assert [mail.to for mail in post.taken] == [["admin@acme.test"]]


def test_viewers_schedule_nothing(schedule, sign_in):
    one = schedule()

    assert sign_in("viewer").get(LIST).status_code == 403
    assert sign_in("viewer").post(f"{LIST}{one.pk}/run/").status_code == 403


def reader(schedule, what):
    one = schedule("guest@elsewhere.test")
    return one, f"/reports/{what}/{signed(what, one.recipients.get().pk)}/"


def test_a_reader_outside_confirms_by_a_click_and_not_by_looking(schedule, client):
    one, link = reader(schedule, CONFIRM)

    assert client.get(link).status_code == 200
    assert Recipient.objects.get().confirmed_at is None
    client.post(link)

    assert Recipient.objects.filter(told()).exists()


def test_one_click_unsubscribes_without_a_sign_in_and_is_written_down(schedule, client):
    one, link = reader(schedule, UNSUBSCRIBE)
    setting.confirm(Recipient.objects.get().pk)

    client.get(link)
    assert Recipient.objects.filter(told()).exists()
    for _ in range(2):
        assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200

    assert not Recipient.objects.filter(told()).exists()
    assert Entry.objects.filter(action="report.unsubscribe").count() == 1


@pytest.mark.parametrize("what", [CONFIRM, UNSUBSCRIBE])
def test_a_link_that_is_none_of_ours_or_of_something_gone_is_a_404(schedule, client, what):
    one, link = reader(schedule, what)
    other = CONFIRM if what == UNSUBSCRIBE else UNSUBSCRIBE

    assert client.get(f"/reports/{what}/nonsense/").status_code == 404
    assert client.get(link.replace(f"/{what}/", f"/{other}/")).status_code == 404
    setting.delete(one)
    assert client.get(link).status_code == 404


def test_the_api_makes_changes_runs_and_lists(acme, api, post):
    client = api("operator")

    made = client.post("/api/reports/schedules", JSON)
    pk = made.json()["id"]
    changed = client.patch(
        f"/api/reports/schedules/{pk}", {"every": "month", "day": 31, "paused": True}
    ).json()
    run = client.post(f"/api/reports/schedules/{pk}/run")
    working.work()

    assert made.status_code == 201
    assert made.json()["recipients"] == [{"email": "admin@acme.test", "gets_it": True}]
    assert (changed["every"], changed["day"], changed["paused"], changed["next_at"]) == (
        "month",
        31,
        True,
        None,
    )
    assert run.status_code == 202
    told = client.get(f"/api/reports/runs/{run.json()['id']}").json()
    assert told["state"] == "done"
    assert told["sent"] == [{"email": "admin@acme.test", "state": "sent", "error": ""}]
    assert client.get("/api/reports/runs?state=done").json()["count"] == 1
    assert client.get(f"/api/reports/runs/{told['id']}/pdf").content.startswith(b"%PDF")
    assert client.delete(f"/api/reports/schedules/{pk}").status_code == 204


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"recipients": ["nobody"]}, "recipients"),
        ({"tag": "unknown"}, "tag"),
        ({"kind": "own_costs"}, "kind"),
        ({"department_id": "019d0000-0000-7000-8000-000000000000"}, "department_id"),
    ],
)
def test_the_api_names_what_it_does_not_take(acme, api, wrong, field):
    answer = api("operator").post("/api/reports/schedules", {**JSON, **wrong})

    assert answer.status_code == 422
    assert field in answer.text


def test_a_report_comes_as_pdf_and_as_html(acme, api):
    client = api("operator")

    assert client.get("/api/reports/job_summary?format=pdf").content.startswith(b"%PDF")
    assert "<table" in client.get("/api/reports/job_summary?format=html").text
