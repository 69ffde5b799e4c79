"""Maintenance over the REST API."""

from datetime import timedelta
from decimal import Decimal

import pytest

from maintenance import doing, setting
from maintenance.doing import Work
from maintenance.models import LogEntry, Task
from printers.models import Tag
from tests.factories.printers import make_printer

from .conftest import HOUR

TASKS, LOG = "/api/maintenance/tasks", "/api/maintenance/log"


@pytest.fixture
def client(acme, api):
    return api("operator")


def test_task_is_added_changed_done_and_deleted(client, printer):
    day = setting.today_here() - timedelta(days=10)
    new = {"printer_id": str(printer.pk), "name": " Rods ", "every_hours": 300, "every_days": 90,
           "holds": True, "since_on": day.isoformat(), "used_s": 310 * HOUR}  # fmt: skip

    added = client.post(TASKS, new)
    url = f"{TASKS}/{added.json()['id']}"
    changed = client.patch(url, {"every_hours": 400, "every_days": None})
    done = client.post(f"{url}/done", {"cost": "3.20", "note": "Two drops"})
    after = client.get(url).json()
    gone = client.delete(url)

    assert [one.status_code for one in (added, changed, done, gone)] == [201, 200, 201, 204]
    told = added.json()
    assert (told["name"], told["state"], told["used_s"], told["days"]) == ("Rods", "overdue", 310 * HOUR, 10)
    assert told["used"] == pytest.approx(310 / 300, abs=1e-4)
    assert (changed.json()["state"], changed.json()["every_days"]) == ("fine", None)
    assert (done.json()["cost"], done.json()["currency"], done.json()["used_s"]) == (
        "3.20",
        "EUR",
        310 * HOUR,
    )
    assert (done.json()["by"], done.json()["printed_s"]) == ("acme operator", 100 * HOUR)
    assert (after["state"], after["used_s"], after["done_at"] is None) == ("fine", 0, False)
    assert client.get(url).status_code == 404
    assert client.get(LOG).json()["items"][0]["task_id"] is None


def test_list_is_filtered_and_the_most_overdue_is_first(client, printer, task):
    tag = Tag.objects.create(name="Small")
    other = make_printer("Mini", tags=[tag])
    setting.add(other, {"name": "Dust", "every_hours": 10}, used_s=11 * HOUR)
    task("Fresh"), task("Late", used_h=900)

    def names(query: str) -> list[str]:
        return [one["name"] for one in client.get(f"{TASKS}?{query}").json()["items"]]

    assert names("") == ["Late", "Dust", "Fresh"]
    assert names("state=overdue&tag=small") == ["Dust"]
    assert names(f"printer_id={printer.pk}&ordering=name") == ["Fresh", "Late"]
    assert names("search=dust") == ["Dust"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"every_hours": None},
        {"every_hours": 0},
        {"every_days": 3651},
        {"warn_percent": 0},
        {"warn_days": 366},
        {"name": "  "},
        {"used_s": -1},
        {"since_on": "2999-01-01"},
        {"unknown": 1},
    ],
    ids=str,
)
def test_unsound_task_is_refused(client, printer, wrong):
    sent = {"printer_id": str(printer.pk), "name": "Rods", "every_hours": 300} | wrong

    assert client.post(TASKS, sent).status_code == 422
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"every_hours": None}, {"name": None}, {"holds": None}, {"name": ""}], ids=str
)
def test_unsound_change_is_refused(client, task, wrong):
    made = task()

    assert client.patch(f"{TASKS}/{made.pk}", wrong).status_code == 422
    assert Task.objects.get().every_hours == 300


def test_change_leaves_alone_what_it_does_not_name(client, task):
    made = task(used_h=33, holds=True, warn_percent=75)

    client.patch(f"{TASKS}/{made.pk}", {"name": "Rods"})

    now = Task.objects.get()
    assert (now.name, now.holds, now.warn_percent, now.since_s) == ("Rods", True, 75, made.since_s)


def test_done_twice_with_one_key_is_one_entry_and_an_old_round_is_a_conflict(client, task):
    made = task()
    url, key = f"{TASKS}/{made.pk}/done", {"Idempotency-Key": "done-1"}

    first, second = (client.post(url, {"round": made.round}, headers=key) for _turn in range(2))
    third = client.post(url, {"round": made.round})

    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 409)
    assert first.json() == second.json()
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("cost", ["-1", "NaN", "Infinity", "1e12", "0.001", True, None, []], ids=str)
def test_impossible_cost_is_refused(client, task, cost):
    made = task()

    assert client.post(f"{TASKS}/{made.pk}/done", {"cost": cost}).status_code == 422
    assert not LogEntry.objects.exists()


def test_only_the_newest_entry_is_taken_back(client, task, person):
    made = task(used_h=310)
    older, newest = (doing.done(made, person("operator"), Work(Decimal(1))) for _turn in range(2))

    refused = client.delete(f"{LOG}/{older.pk}")
    taken = client.delete(f"{LOG}/{newest.pk}")

    assert (refused.status_code, taken.status_code) == (409, 204)
    assert "newer entry" in refused.json()["detail"]
    assert client.get(f"{LOG}?task_id={made.pk}&kind=task").json()["count"] == 1


def test_lists_ask_as_often_for_thirty_as_for_one(client, task, django_assert_max_num_queries):
    for number in range(30):
        doing.done(task(f"Task {number}"), None, Work())

    for url in (TASKS, LOG):
        client.get(url)
        with django_assert_max_num_queries(5):
            assert client.get(url).json()["count"] == 30


def test_hours_are_told_and_corrected(client, printer, task):
    made = task(used_h=5)
    url = f"/api/maintenance/printers/{printer.pk}"

    before = client.get(url).json()
    after = client.patch(url, {"printed_s": 130 * HOUR, "counts_for_tasks": True}).json()

    assert (before["printed_s"], before["nozzle"]["used_s"]) == (100 * HOUR, 100 * HOUR)
    assert (after["printed_s"], after["nozzle"]["used_s"]) == (130 * HOUR, 130 * HOUR)
    assert client.get(f"{TASKS}/{made.pk}").json()["used_s"] == 35 * HOUR


def test_other_nozzle_is_the_printers_and_in_the_log(client, printer):
    url = f"/api/maintenance/printers/{printer.pk}"

    entry = client.post(f"{url}/nozzle", {"nozzle_mm": 0.6, "hardened": True, "cost": "12.50"}).json()

    assert (entry["kind"], entry["what"], entry["cost"]) == ("nozzle", "Nozzle of 0.6 mm, hardened", "12.50")
    told = client.get(url).json()["nozzle"]
    assert (told["nozzle_mm"], told["hardened"], told["used_s"]) == (0.6, True, 0)
    assert client.get(f"/api/printers/{printer.pk}").json()["nozzle_mm"] == 0.6


@pytest.mark.parametrize("size", [0, -1, 6, "x", None], ids=str)
def test_impossible_nozzle_is_refused(client, printer, size):
    answer = client.post(f"/api/maintenance/printers/{printer.pk}/nozzle", {"nozzle_mm": size})

    assert answer.status_code == 422
