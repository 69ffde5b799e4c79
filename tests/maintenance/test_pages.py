"""The pages of maintenance."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from maintenance import copying, doing, setting
from maintenance.doing import Work
from maintenance.examples import EXAMPLES
from maintenance.models import LogEntry, Meter, Task, TaskTemplate
from maintenance.reckoning import reckoned
from printers.models import Printer, Tag
from tests.factories.printers import make_printer
from tests.jobs.test_photos import picture
from tests.jobs.test_photos import sent as photo_sent

from .conftest import HOUR

AT = "/o/acme/maintenance"
PLAN = {"name": "Belts", "instructions": "", "every_hours": "500", "every_days": "", "warn_percent": "90",
        "warn_days": "3"}  # fmt: skip


@pytest.fixture
def client(acme, sign_in):
    return sign_in("operator")


def rows(page: str) -> list[str]:
    return [part.split("</a>")[0].rpartition(">")[2] for part in page.split('id="task-')[1:]]


def test_most_overdue_comes_first_and_filters_narrow(client, printer, task):
    other = make_printer("Mini", tags=[Tag.objects.create(name="small")])
    setting.add(other, {"name": "Dust", "every_days": 10}, since_on=setting.today_here() - timedelta(days=11))
    task("Fresh"), task("Soon", used_h=290), task("Late", used_h=600)

    def shown(query: str) -> list[str]:
        return rows(client.get(f"{AT}/{query}").text)

    assert shown("") == ["Late", "Dust", "Soon", "Fresh"]
    assert shown("?state=overdue") == ["Late", "Dust"]
    assert shown("?state=due") == ["Soon"]
    assert shown("?tag=small") == ["Dust"]
    assert shown(f"?printer={printer.pk}&state=overdue") == ["Late"]
    assert shown("?q=soon") == ["Soon"]


def test_list_asks_as_often_for_thirty_as_for_one(client, task, django_assert_max_num_queries):
    task()
    client.get(f"{AT}/")
    for number in range(30):
        task(f"Task {number}")

    with django_assert_max_num_queries(13):
        page = client.get(f"{AT}/")

    assert len(rows(page.text)) == 31


def test_log_asks_as_often_for_thirty_as_for_one(client, task, django_assert_max_num_queries):
    made = task()
    for _turn in range(30):
        doing.done(made, None, Work(Decimal(1)))
    client.get(f"{AT}/log/")

    with django_assert_max_num_queries(13):
        page = client.get(f"{AT}/log/").text

    assert page.count('id="entry-') == 30
    assert page.count("/delete/") == 1
    assert "30.00" in page


def test_task_is_added_as_it_was_last_done(client, printer):
    day = setting.today_here() - timedelta(days=7)
    sent = PLAN | {"printer": printer.pk, "since_on": day.isoformat(), "used_h": "12.5", "holds": "on"}

    answer = client.post(f"{AT}/add/?back=printer", sent)

    made = reckoned().get()
    assert answer.url == f"/o/acme/printers/{printer.pk}/"
    assert (made.name, made.used_s, made.days, made.holds) == ("Belts", 12.5 * HOUR, 7, True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"every_hours": ""}, "Say after how many print hours or days"),
        ({"every_hours": "0"}, "Say after how many print hours or days"),
        ({"every_days": "99999999999"}, "less than or equal to 3650"),
        ({"warn_percent": "101"}, "less than or equal to 100"),
        ({"name": " "}, "required"),
        ({"since_on": "2999-01-01"}, "still to come"),
        ({"used_h": "-1"}, "greater than or equal to 0"),
        ({"used_h": "NaN"}, "Enter a number"),
        ({"printer": "nonsense"}, "valid"),
        ({"printer": ""}, "required"),
    ],
)  # fmt: skip
def test_form_says_what_is_wrong_and_adds_nothing(client, printer, wrong, words):
    answer = client.post(f"{AT}/add/", PLAN | {"printer": printer.pk} | wrong)

    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert not Task.objects.exists()


def test_edit_without_changing_the_counts_leaves_them(client, task):
    made = task(used_h=33.333)
    page = client.get(f"{AT}/{made.pk}/edit/")
    shown = page.context["form"]["used_h"].value()

    sent = PLAN | {"name": "Rods", "used_h": str(shown), "since_on": made.since_on.isoformat()}
    client.post(f"{AT}/{made.pk}/edit/", sent)

    now = Task.objects.get()
    assert (now.name, now.since_s, now.since_on) == ("Rods", made.since_s, made.since_on)


def test_done_with_cost_note_and_photo_is_in_the_log(client, person, task, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made = task(used_h=310)
    sent = {"round": made.round, "cost": "3.20", "note": "<b>Two drops</b>", "photo": photo_sent(picture())}

    answer = client.post(f"{AT}/{made.pk}/done/", sent)
    again = client.post(f"{AT}/{made.pk}/done/", sent | {"photo": photo_sent(picture())})

    entry = LogEntry.objects.get()
    assert (answer.status_code, again.status_code) == (302, 422)
    assert (entry.cost, entry.by) == (Decimal("3.20"), person("operator"))
    assert "&lt;b&gt;Two drops" in client.get(f"{AT}/log/").text
    photo = client.get(f"{AT}/log/{entry.pk}/photo/")
    assert (photo["Content-Type"], b"".join(photo.streaming_content)[:2]) == ("image/jpeg", b"\xff\xd8")


def test_what_is_no_photo_is_refused(client, task):
    made = task()

    upload = photo_sent(b"<svg onload=alert(1)>")
    answer = client.post(f"{AT}/{made.pk}/done/", {"round": made.round, "photo": upload})

    assert (answer.status_code, "no photo that can be read" in answer.text) == (422, True)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("cost", ["-1", "1e9", "0.001", "Infinity", "x"])
def test_impossible_cost_is_refused(client, task, cost):
    made = task()

    answer = client.post(f"{AT}/{made.pk}/done/", {"round": made.round, "cost": cost})

    assert answer.status_code == 422
    assert not LogEntry.objects.exists()


def test_entry_is_taken_back_once_and_the_second_time_says_so(client, task):
    made = task()
    entry = doing.done(made, None, Work())

    first = client.post(f"{AT}/log/{entry.pk}/delete/", follow=True)
    second = client.post(f"{AT}/log/{entry.pk}/delete/")

    assert "the entry is deleted" in first.text
    assert second.status_code == 404


def test_csv_has_what_the_list_is_filtered_to_and_no_formula(client, printer, task):
    made = task('=HYPERLINK("http://else.test")', used_h=310)
    doing.done(made, None, Work(Decimal("3.20"), "+1 drop"))
    other = setting.add(make_printer("Mini"), {"name": "Dust", "every_days": 9})
    doing.done(other, None, Work())

    answer = client.get(f"{AT}/log.csv?printer={printer.pk}")

    read = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert len(read) == 2
    assert read[1][3] == '\'=HYPERLINK("http://else.test")'
    assert read[1][5:] == ["100.0", "310.0", "3.20", "EUR", "'+1 drop"]


def test_hours_are_corrected_on_their_page(client, printer):
    sent = {"seen_s": 100 * HOUR, "hours": "1500.5", "counts_for_tasks": "before"}

    answer = client.post(f"{AT}/printers/{printer.pk}/hours/", sent)
    late = client.post(f"{AT}/printers/{printer.pk}/hours/", sent)

    assert (answer.status_code, late.status_code) == (302, 422)
    assert Meter.objects.get().printed_s == 1500.5 * HOUR


def test_nozzle_is_changed_on_its_page_once(client, printer):
    sent = {"seen": "", "nozzle_mm": "0.6", "hardened": "on", "cost": "", "note": ""}

    answer = client.post(f"{AT}/printers/{printer.pk}/nozzle/", sent)
    again = client.post(f"{AT}/printers/{printer.pk}/nozzle/", sent)

    assert (answer.status_code, again.status_code) == (302, 422)
    assert Printer.objects.get().nozzle_mm == 0.6


@pytest.mark.parametrize("size", ["0", "-1", "6", "nan", "inf"])
def test_impossible_nozzle_is_refused(client, printer, size):
    answer = client.post(f"{AT}/printers/{printer.pk}/nozzle/", {"seen": "", "nozzle_mm": size})

    assert answer.status_code == 422
    assert Printer.objects.get().nozzle_mm == 0.4


def test_example_fills_the_form_and_adds_nothing_by_itself(client, printer):
    listed = client.get(f"{AT}/templates/").text
    page = client.get(f"{AT}/templates/add/?example=rods").text

    assert all(str(one.name).replace("'", "&#x27;") in listed for one in EXAMPLES.values())
    assert 'value="300"' in page
    assert not TaskTemplate.objects.exists()


def test_template_is_changed_with_or_without_its_copies(client, printer):
    client.post(f"{AT}/templates/add/", PLAN | {"model": "Voron 2.4 250"})
    template = TaskTemplate.objects.get()

    client.post(f"{AT}/templates/{template.pk}/edit/", PLAN | {"model": "Voron 2.4 250", "name": "One"})
    first = Task.objects.get().name
    sent = PLAN | {"model": "Voron 2.4 250", "name": "Two", "with_copies": "on"}
    client.post(f"{AT}/templates/{template.pk}/edit/", sent)

    assert (first, Task.objects.get().name) == ("Belts", "Two")


def test_printers_page_shows_its_maintenance_to_operators_alone(client, sign_in, printer, task):
    made = task(used_h=310)
    doing.done(task("Dust"), None, Work(Decimal("3.20")))
    copying.add({"name": "Else", "model": "Else", "every_days": 3})

    page = client.get(f"/o/acme/printers/{printer.pk}/").text
    theirs = sign_in("viewer").get(f"/o/acme/printers/{printer.pk}/").text

    assert all(words in page for words in ("10 h over", "every 300 h", "100 h", "€3.20"))
    assert f"/o/acme/maintenance/{made.pk}/done/?back=printer" in page
    assert "upkeep-title" not in theirs
