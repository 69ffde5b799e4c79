"""Adding tasks, noting that they are done, and taking that back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts.models import Alert
from audit.models import Entry
from maintenance import counting, doing, setting, tasks, warning
from maintenance.doing import Work
from maintenance.due import next_day
from maintenance.models import LogEntry, Task, TaskTemplate
from maintenance.reckoning import reckoned
from maintenance.refusing import Refused
from orgs.models import Due

from .conftest import HOUR


def now(task) -> Task:
    return reckoned(Task.objects.filter(pk=task.pk)).get()


def test_task_counts_from_now_unless_it_was_done_before(printer, task):
    fresh, older = (
        task("Fresh"),
        task("Older", used_h=250, since_on=setting.today_here() - timedelta(days=40)),
    )

    assert (now(fresh).used_s, now(fresh).days) == (0, 0)
    assert (now(older).used_s, now(older).days) == (250 * HOUR, 40)


def test_task_without_hours_and_days_is_impossible(task):
    with pytest.raises(IntegrityError), transaction.atomic():
        task(every_hours=None)


def test_done_is_logged_with_hours_and_cost_and_counts_anew(printer, task, person):
    made = task(used_h=310, since_on=setting.today_here() - timedelta(days=40))

    entry = doing.done(made, person("operator"), Work(Decimal("3.20"), " Two drops "))

    assert (now(made).used_s, now(made).days, now(made).standing) == (0, 0, "fine")
    assert (entry.what, entry.printer_name, entry.note) == ("Lubricate rods", "Voron 1", "Two drops")
    assert (entry.printed_s, entry.used_s, entry.cost) == (100 * HOUR, 310 * HOUR, Decimal("3.20"))
    assert Entry.objects.get(action="maintenance.done").after["cost"] == "3.20"


def test_second_click_is_refused_and_writes_nothing(task, person):
    made = task()
    doing.done(made, person("operator"), Work(), seen_round=made.round)

    with pytest.raises(Refused, match="meanwhile"):
        doing.done(made, person("operator"), Work(), seen_round=made.round)

    assert LogEntry.objects.count() == 1


def test_photo_of_work_that_was_refused_is_not_kept(task, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made = task()

    with pytest.raises(Refused):
        doing.done(made, None, Work(photo=b"jpeg"), seen_round=99)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_taken_back_all_is_as_before(task, person, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.MEDIA_ROOT = tmp_path
    made = task(used_h=310, since_on=setting.today_here() - timedelta(days=40))
    entry = doing.done(made, person("operator"), Work(photo=b"jpeg"))

    with django_capture_on_commit_callbacks(execute=True):
        doing.take_back(entry)

    assert (now(made).used_s, now(made).days, now(made).done_at) == (310 * HOUR, 40, None)
    assert not default_storage.exists(entry.photo)
    assert Entry.objects.get(action="maintenance.take_back").before["what"] == "Lubricate rods"


def test_taken_back_after_hours_were_corrected_the_hours_are_right(printer, task):
    made = task(used_h=310)
    entry = doing.done(made, None, Work())
    counting.correct(printer, 2000 * HOUR, counts_for_tasks=False)
    counting.count(printer.pk, HOUR)

    doing.take_back(entry)

    assert now(made).used_s == 311 * HOUR


def test_only_the_newest_entry_can_be_taken_back(task):
    made = task()
    first, second = (doing.done(made, None, Work()) for _turn in range(2))

    with pytest.raises(Refused, match="newer entry"):
        doing.take_back(first)
    doing.take_back(second)
    doing.take_back(first)

    assert not LogEntry.objects.exists()
    with pytest.raises(Refused, match="already"):
        doing.take_back(first)


def test_log_outlives_task_and_printer(printer, task):
    made = task()
    entry = doing.done(made, None, Work())

    setting.delete(made)
    entry.refresh_from_db()
    with pytest.raises(Refused, match="task is gone"):
        doing.take_back(entry)
    printer.delete()

    entry.refresh_from_db()
    assert entry.printer_name == "Voron 1"
    with pytest.raises(Refused, match="printer is gone"):
        doing.take_back(entry)


def test_edit_that_changes_nothing_leaves_no_line(task):
    made = task()

    setting.edit(made, {"name": made.name})

    assert not Entry.objects.filter(action="maintenance.edit").exists()


def open_alerts() -> list[str]:
    return list(
        Alert.objects.filter(resolved_at=None, kind="maintenance.due").values_list("title", flat=True)
    )


def test_people_are_told_once_when_it_is_due_and_once_when_overdue(printer, task):
    task(used_h=280, holds=True)

    warning.tell()
    warning.tell()
    due = open_alerts()
    counting.count(printer.pk, 30 * HOUR)
    warning.tell()

    assert due == ["Lubricate rods is due soon on Voron 1"]
    assert open_alerts() == ["Lubricate rods is overdue on Voron 1"]
    assert Alert.objects.get(resolved_at=None).detail == "Nothing starts by itself on it until this is done."


def test_alert_that_was_seen_to_does_not_come_back(task, person):
    task(used_h=310)
    warning.tell()
    Alert.objects.update(acknowledged_at="2026-11-25T12:00Z", acknowledged_by=person("operator"))

    warning.tell()

    assert Alert.objects.count() == 1


def test_done_closes_the_alert_and_the_next_round_tells_again(printer, task):
    made = task(used_h=310)
    warning.tell()

    doing.done(made, None, Work())
    after = open_alerts()
    counting.count(printer.pk, 300 * HOUR)
    warning.tell()

    assert after == []
    assert open_alerts() == ["Lubricate rods is overdue on Voron 1"]


@pytest.mark.parametrize("how", ["edited", "deleted", "printer gone"])
def test_alert_is_closed_when_there_is_nothing_to_do_any_more(how, printer, task):
    made = task(used_h=310)
    warning.tell()

    if how == "edited":
        setting.edit(made, {"every_hours": 1000})
    elif how == "deleted":
        setting.delete(made)
    else:
        printer.delete()
    warning.tell()

    assert open_alerts() == []


def test_next_look_is_at_midnight_where_days_count(acme, task):
    task()
    without = warning.next_look()
    task("Dust", every_hours=None, every_days=30)

    assert without is None
    assert warning.next_look() == next_day(timezone.now(), acme.zone)


def test_task_of_the_agenda_copies_tells_and_comes_again_at_midnight(acme, printer):
    TaskTemplate.objects.create(name="Rods", every_days=30, warn_days=365)

    # The copies make a second look due at once; that one finds nothing new.
    for _turn in range(2):
        tasks.look(acme.schema_name)

    assert open_alerts() == ["Rods is due soon on Voron 1"]
    due = Due.objects.get(org=acme, task="maintenance.look")
    assert due.due_at == next_day(timezone.now(), acme.zone)


def test_task_that_somebody_deleted_meanwhile_is_refused(task):
    made = task()
    setting.delete(Task.objects.get())

    for act in (
        lambda: doing.done(made, None, Work()),
        lambda: setting.edit(made, {}),
        lambda: setting.delete(made),
    ):
        with pytest.raises(Refused, match="deleted this task"):
            act()
