"""Runs of scheduled reports: each made once, each recipient's mail sent at most once."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tenants.utils import tenant_context

from alerts.models import Alert
from orgs.editing import change_settings
from orgs.models import Due, Membership, Org
from printers.models import Tag
from reports import planning, setting, working
from reports.making import make
from reports.models import Run, Schedule, Sending
from tests.reports.conftest import DOWN, LATER, LONG_AGO, LOST, NEVER

State = Sending.State


def plan_and_work():
    planning.plan(timezone.now())
    working.work()


def states(run=None):
    run = run or Run.objects.get()
    return dict(run.sendings.values_list("email", "state"))


def made_due(schedule):
    return schedule(next_at=timezone.now() - timedelta(minutes=1))


def again(run):
    """As if the time had come to try again."""
    run.sendings.update(next_at=None)
    Run.objects.update(next_try_at=None)
    working.work()


def test_a_due_schedule_is_made_and_mailed_to_each_recipient(schedule, post):
    made_due(schedule)

    plan_and_work()

    run = Run.objects.get()
    assert run.state == Run.State.DONE
    assert states() == {"admin@acme.test": "sent", "operator@acme.test": "sent"}
    assert sorted(mail.to[0] for mail in post.taken) == ["admin@acme.test", "operator@acme.test"]


def test_the_mail_has_text_html_pictures_beside_it_and_the_pdf(schedule, post):
    made_due(schedule)

    plan_and_work()

    mail = message_from_bytes(post.taken[0].message().as_bytes(), policy=policy.default)
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert mail["Subject"].startswith("Acme")
    html = parts["text/html"].get_content()
    assert not {word for word in ("data:", "<svg", "<style", "<script") if word in html}
    assert "Unsubscribe: http" in parts["text/plain"].get_content()
    assert parts["application/pdf"].get_filename().startswith("job-summary-")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_table_that_is_in_the_pdf_alone_is_not_told_as_empty(schedule, post):
    made_due(lambda **more: schedule(kind="job_summary", every="month", **more))

    plan_and_work()

    text = post.taken[0].body
    over_time = text.split("OVER TIME")[1].split("BY DEPARTMENT")[0]
    assert "Nothing in this time." not in over_time
    assert re.search(r"and (28|29|30|31) more, in the PDF", over_time)


def test_the_link_in_the_mail_keeps_the_filters(schedule, post):
    Tag.objects.create(name="petg & co")
    made_due(lambda **more: schedule(filters={"tag": "petg & co"}, **more))

    plan_and_work()

    run = Run.objects.get()
    address = f"/o/acme/reports/job_summary/?from={run.first}&to={run.last}&tag=petg+%26+co"
    assert address in post.taken[0].body


def test_a_time_is_planned_once_whoever_looks(schedule):
    made_due(schedule)
    stale = Schedule.objects.get()

    assert planning.plan(timezone.now()) == 1
    assert planning.plan(timezone.now()) == 0
    assert not planning._plan_one(stale, timezone.now())
    assert Run.objects.count() == 1


def test_what_was_missed_while_the_server_was_off_runs_once_for_the_last_time(schedule):
    made = schedule(next_at=LONG_AGO)

    while planning.plan(timezone.now()):
        pass

    run = Run.objects.get()
    assert timezone.now() - run.due_at < timedelta(days=1)
    made.refresh_from_db()
    assert made.next_at > timezone.now()


def test_another_worker_at_the_same_run_sends_nothing_twice(schedule, post):
    made_due(schedule)
    plan_and_work()

    Run.objects.update(state=Run.State.SENDING, next_try_at=None)
    working.work()

    assert len(post.taken) == 2


def test_a_maker_that_died_is_followed_by_another_and_a_living_one_is_left_alone(schedule, post):
    made_due(schedule)
    planning.plan(timezone.now())
    Run.objects.update(state=Run.State.MAKING, step_at=timezone.now())

    working.work()
    assert not post.taken
    Run.objects.update(step_at=timezone.now() - 2 * working.STALE)
    working.work()

    assert len(post.taken) == 2


def test_a_mail_that_may_have_gone_out_is_never_sent_again_by_itself(schedule, post):
    made_due(schedule)
    post.says = {"admin@acme.test": LOST}

    plan_and_work()
    post.says = {}
    again(Run.objects.get())

    assert states() == {"admin@acme.test": "unclear", "operator@acme.test": "sent"}
    assert [mail.to for mail in post.taken] == [["operator@acme.test"]]


def test_a_sender_killed_while_handing_over_leaves_it_unclear(schedule, post):
    made_due(schedule)
    planning.plan(timezone.now())
    run = Run.objects.get()
    Sending.objects.filter(email="admin@acme.test").update(state=State.HANDING)
    working.work()
    assert states()["admin@acme.test"] == "handing"

    Sending.objects.update(step_at=timezone.now() - timedelta(minutes=11))
    again(run)

    assert states() == {"admin@acme.test": "unclear", "operator@acme.test": "sent"}
    assert Run.objects.get().state == Run.State.DONE


def test_unclear_and_failed_mails_are_sent_again_when_a_person_says_so(schedule, post):
    made_due(schedule)
    post.says = {"admin@acme.test": LOST}
    plan_and_work()
    post.says = {}

    assert planning.send_again(Sending.objects.get(email="admin@acme.test"))
    assert not planning.send_again(Sending.objects.get(email="operator@acme.test"))
    working.work()

    assert states() == {"admin@acme.test": "sent", "operator@acme.test": "sent"}
    assert len(post.taken) == 2


def test_a_server_that_is_down_for_a_day_loses_nothing(schedule, post):
    made_due(schedule)
    post.says = {"": DOWN}
    plan_and_work()
    run = Run.objects.get()
    for _ in range(10):
        again(run)
    assert set(states().values()) == {"waiting"}
    assert run.state != Run.State.DONE
    assert Sending.objects.first().next_at - timezone.now() > timedelta(hours=3)

    post.says = {}
    again(run)

    assert set(states().values()) == {"sent"}


def test_a_server_that_dies_between_two_mails_is_asked_again_for_those_it_did_not_get(schedule, post):
    made_due(schedule)
    post.says, post.dies = {"admin@acme.test": LOST}, True

    plan_and_work()

    assert states() == {"admin@acme.test": "unclear", "operator@acme.test": "waiting"}
    post.says = {}
    again(Run.objects.get())
    assert states() == {"admin@acme.test": "unclear", "operator@acme.test": "sent"}


def test_it_is_given_up_when_the_server_is_down_for_too_long(schedule, post):
    made_due(schedule)
    post.says = {"": DOWN}
    plan_and_work()
    Run.objects.update(at=timezone.now() - timedelta(hours=31))

    again(Run.objects.get())

    assert set(states().values()) == {"failed"}
    assert Run.objects.get().state == Run.State.FAILED
    assert Alert.objects.get().kind == "report.failed"


def test_one_refused_recipient_keeps_it_from_nobody_else_and_is_remembered(schedule, post):
    made = made_due(schedule)
    post.says = {"admin@acme.test": NEVER}

    plan_and_work()

    assert states() == {"admin@acme.test": "failed", "operator@acme.test": "sent"}
    assert "550" in made.recipients.get(email="admin@acme.test").bounced
    assert Run.objects.get().state == Run.State.DONE
    assert "550" in Alert.objects.get().detail


def test_a_greylisting_server_is_asked_again_later(schedule, post):
    made_due(schedule)
    post.says = {"admin@acme.test": LATER}
    plan_and_work()
    waiting = Sending.objects.get(email="admin@acme.test")
    assert (waiting.state, waiting.next_at > timezone.now()) == ("waiting", True)
    post.says = {}

    again(Run.objects.get())

    assert set(states().values()) == {"sent"}
    assert len(post.taken) == 2


def test_who_unsubscribed_a_second_ago_gets_nothing(schedule, post):
    made = made_due(schedule)
    planning.plan(timezone.now())
    setting.unsubscribe(made.recipients.get(email="admin@acme.test").pk)

    working.work()

    assert states() == {"admin@acme.test": "dropped", "operator@acme.test": "sent"}


def test_who_is_outside_and_has_not_confirmed_gets_nothing(schedule, post, mailoutbox):
    schedule("guest@elsewhere.test", next_at=timezone.now() - timedelta(minutes=1))

    plan_and_work()

    assert states() == {}
    assert not post.taken


def test_who_has_left_the_organisation_gets_nothing_more(schedule, post, person, sign_in, api):
    made = made_due(schedule)
    planning.plan(timezone.now())
    Membership.objects.get(user=person("operator"), org__slug="acme").delete()

    working.work()

    assert states() == {"admin@acme.test": "sent", "operator@acme.test": "dropped"}
    planning.run_now(made, person("admin"))
    assert set(states(Run.objects.first())) == {"admin@acme.test"}
    page = sign_in("admin").get(f"/o/acme/reports/schedules/{made.pk}/").text
    assert "is no member any more" in page
    told = api("admin").get(f"/api/reports/schedules/{made.pk}").json()["recipients"]
    assert [one["gets_it"] for one in told] == [True, False]


def test_three_failures_in_a_row_pause_the_schedule_and_tell_somebody(schedule, post):
    made = schedule(kind="job_summary", filters={"tag": "gone"})

    for round in (0, 10, 20):
        Schedule.objects.update(next_at=timezone.now() - timedelta(minutes=1))
        for at, run in enumerate(Run.objects.all()):
            Run.objects.filter(pk=run.pk).update(due_at=LONG_AGO - timedelta(days=at + round))
        plan_and_work()

    made.refresh_from_db()
    assert made.is_paused
    assert made.paused_because == "It failed 3 times in a row."
    alert = Alert.objects.get()
    assert (alert.kind, alert.count) == ("report.failed", 3)
    assert "no tag gone" in alert.detail


def test_a_run_that_is_sent_again_is_one_failure_however_often(schedule, post):
    made = schedule("admin@acme.test", next_at=timezone.now() - timedelta(minutes=1))
    post.says = {"admin@acme.test": NEVER}
    plan_and_work()

    for _ in range(3):
        planning.send_again(Sending.objects.get())
        working.work()

    made.refresh_from_db()
    assert (made.failed_in_row, made.is_paused) == (1, False)
    assert Run.objects.get().state == Run.State.FAILED


def test_a_good_run_ends_the_row_of_failures_and_closes_the_alert(schedule, post):
    made = made_due(schedule)
    Schedule.objects.update(filters={"tag": "gone"})
    plan_and_work()
    Schedule.objects.update(filters={}, next_at=timezone.now() - timedelta(minutes=1))
    Run.objects.update(due_at=LONG_AGO)

    plan_and_work()

    made.refresh_from_db()
    assert made.failed_in_row == 0
    assert Alert.objects.get().resolved_at


def test_a_fault_of_ours_is_tried_three_times_and_then_told(schedule, post, monkeypatch):
    made_due(schedule)
    planning.plan(timezone.now())
    monkeypatch.setattr(working, "make", lambda run: 1 / 0)

    for _ in range(3):
        Run.objects.update(next_try_at=None)
        working.work()

    run = Run.objects.get()
    assert (run.state, run.attempts) == (Run.State.FAILED, 3)
    assert "ZeroDivisionError" in run.error


def test_the_history_has_the_exact_files_that_were_sent(schedule, post):
    made = schedule(with_csv=True, next_at=timezone.now() - timedelta(minutes=1))
    plan_and_work()
    run = Run.objects.get()

    def stored(path):
        with default_storage.open(path) as file:
            return file.read()

    attached = {
        name: data
        for name, data, _kind in (one for one in post.taken[0].attachments if isinstance(one, tuple))
    }
    assert stored(run.pdf) == next(data for name, data in attached.items() if name.endswith(".pdf"))
    assert stored(run.csv) == next(data for name, data in attached.items() if name.endswith(".zip"))
    assert run.pdf.startswith(f"orgs/{made.created_by.memberships.get().org_id}/reports/")


def test_files_that_are_gone_end_the_run_with_the_reason(schedule, post):
    made_due(schedule)
    post.says = {"": DOWN}
    plan_and_work()
    default_storage.delete(Run.objects.get().html)
    post.says = {}

    again(Run.objects.get())

    run = Run.objects.get()
    assert run.state == Run.State.FAILED
    assert "files are gone" in run.error
    assert not post.taken


def test_an_address_that_is_taken_again_is_no_longer_told_as_refused(schedule, post):
    made = made_due(schedule)
    made.recipients.update(bounced="550 no such person")

    plan_and_work()

    assert set(made.recipients.values_list("bounced", flat=True)) == {""}


def test_the_same_time_twice_is_one_run(schedule):
    made = made_due(schedule)
    planning.plan(timezone.now())
    Schedule.objects.update(next_at=Run.objects.get().due_at)

    planning.plan(timezone.now())

    assert Run.objects.count() == 1
    made.refresh_from_db()
    assert made.next_at > timezone.now()


def test_run_now_and_a_dry_run_leave_the_schedule_as_it_is(schedule, post, person):
    made = schedule()
    before = made.next_at

    planning.run_now(made, person("operator"))
    planning.try_out(made, person("viewer"))
    working.work()

    made.refresh_from_db()
    assert made.next_at == before
    assert sorted(mail.to[0] for mail in post.taken) == [
        "admin@acme.test",
        "operator@acme.test",
        "viewer@acme.test",
    ]


def test_a_schedule_edited_while_it_runs_is_sent_as_it_began(schedule, post):
    made = made_due(schedule)
    planning.plan(timezone.now())

    setting.edit(
        made, {"name": "Other", "filters": {"tag": "gone"}, "every": "month"}, ["operator@acme.test"]
    )
    working.work()

    run = Run.objects.get()
    assert (run.name, run.state) == ("Weekly", Run.State.DONE)
    # Who is no longer to have it gets nothing.
    assert [mail.to for mail in post.taken] == [["operator@acme.test"]]


def test_a_deleted_schedule_leaves_its_history(schedule, post):
    made = made_due(schedule)
    plan_and_work()

    setting.delete(made)

    assert Run.objects.get().name == "Weekly"
    assert Sending.objects.count() == 2


def test_the_agenda_knows_the_next_time(schedule, acme):
    made = schedule()
    assert Due.objects.get(org=acme, task=planning.TASK).due_at == made.next_at

    setting.pause(made)
    assert planning.next_look(timezone.now()) is None
    setting.resume(made)
    assert planning.next_look(timezone.now()) == Schedule.objects.get().next_at


def test_another_time_zone_of_the_organisation_moves_the_next_time(acme, schedule):
    made = schedule(hour=6)
    Due.objects.all().delete()

    change_settings(Org.objects.get(pk=acme.pk), {"time_zone": "Pacific/Kiritimati"})
    assert Due.objects.filter(org=acme, task="reports.set_times").exists()
    with tenant_context(Org.objects.get(pk=acme.pk)):
        planning.set_times()

    made.refresh_from_db()
    assert made.next_at.astimezone(ZoneInfo("Pacific/Kiritimati")).hour == 6


@pytest.mark.parametrize("kind", ["failure_analysis", "fleet_utilisation", "filament_consumption", "costs"])
def test_every_kind_is_made_of_an_empty_farm_too(schedule, acme, person, kind):
    made = schedule(kind=kind)
    run = planning.run_now(made, person("admin"))

    with tenant_context(acme):
        files = make(run)

    assert files.pdf.startswith(b"%PDF")
    assert b"</html>" in files.html


def test_the_mail_of_a_branded_organisation_carries_its_logo_beside_it(acme, schedule, post):
    png = b"\x89PNG\r\n\x1a\n canary"
    path = default_storage.save(f"orgs/{acme.pk}/brand/logo.png", ContentFile(png))
    acme.logo, acme.accent = path, "#8a2be2"
    acme.save(update_fields=["logo", "accent"])
    made_due(schedule)

    plan_and_work()

    mail = message_from_bytes(post.taken[0].message().as_bytes(), policy=policy.default)
    html = mail.get_body(["html"]).get_content()
    beside = {part["Content-ID"]: part.get_content() for part in mail.walk() if part["Content-ID"]}
    assert "#8a2be2" in html
    assert "data:image" not in html
    assert png in beside.values()
