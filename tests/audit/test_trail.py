"""The audit trail: written with each change, read on its page and by the API."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from audit.models import Entry
from audit.reading import in_words
from audit.trail import record
from audit.views import PAGE


def test_only_what_changed_is_kept_before_and_after(acme):
    entry = record("org.settings", acme, before={"a": 1, "b": 2}, after={"a": 1, "b": 3, "c": None})

    assert (entry.before, entry.after) == ({"b": 2}, {"b": 3, "c": None})


def test_page_tells_who_what_when_from_where_before_and_after(acme, sign_in, person):
    Entry.objects.create(
        actor_id=person("admin").pk,
        actor="Ann",
        via="token nightly",
        address="10.1.2.3",
        action="printer.edit",
        target="Voron",
        before={"name": "Old"},
        after={"name": "New"},
    )

    text = sign_in("admin").get("/o/acme/audit/").text

    for words in ("Ann", "token nightly", "10.1.2.3", "printer.edit", "Voron", "<del>Old</del>", "New"):
        assert words in text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "yes"),
        (["read:jobs", "admin"], "read:jobs, admin"),
        ({"x": 1, "y": None}, "x 1, y "),
        ("2026-03-02T12:00:00+00:00", "2 Mar 2026 13:00"),
        ("2026-99-99T12:00:00+00:00 or so+00:00", "2026-99-99T12:00:00+00:00 or so+00:00"),
        (0, "0"),
    ],
)
def test_values_are_told_in_words(value, words):
    with timezone.override("Europe/Berlin"):
        assert in_words(value) == words


@pytest.fixture
def lines(acme):
    """Entry by name: three of different people, actions, targets and days."""
    made = {}
    for name, action, target_id, day in (
        ("one", "a.first", "1", 1),
        ("two", "b.second", "2", 2),
        ("three", "a.first", "3", 3),
    ):
        entry = Entry.objects.create(
            actor=name, action=action, target_type="x", target_id=target_id, target=f"thing {name}"
        )
        Entry.objects.filter(pk=entry.pk).update(at=datetime(2026, 3, day, 12, tzinfo=UTC))
        made[name] = entry
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=a.first", {"one", "three"}),
        ("target=x/2", {"two"}),
        ("q=thing+two", {"two"}),
        ("since=2026-03-02&until=2026-03-02", {"two"}),
        ("since=2026-03-02&action=a.first", {"three"}),
    ],
    ids=["what", "target", "words", "one day", "both"],
)
def test_page_filters(acme, sign_in, lines, query, found):
    shown = sign_in("admin").get(f"/o/acme/audit/?{query}").context["lines"]

    assert {entry.actor for entry, _changes in shown} == found


def test_page_filters_by_person(acme, sign_in, person, lines):
    Entry.objects.filter(pk=lines["two"].pk).update(actor_id=person("viewer").pk)

    shown = sign_in("admin").get(f"/o/acme/audit/?person={person('viewer').pk}").context["lines"]

    assert [entry.pk for entry, _changes in shown] == [lines["two"].pk]


def test_unsound_filters_are_left_out_and_break_nothing(acme, sign_in, lines):
    answer = sign_in("admin").get("/o/acme/audit/?since=never&person=1&action=zzz&before=5&target=%00")

    assert answer.status_code == 200


def test_older_lines_follow_without_overlap(acme, sign_in):
    Entry.objects.bulk_create(Entry(actor="a", action=f"n.{number}") for number in range(PAGE + 5))
    client = sign_in("admin")

    first = client.get("/o/acme/audit/").context
    second = client.get(f"/o/acme/audit/?before={first['older']}").context

    newest, older = ([entry.pk for entry, _changes in page["lines"]] for page in (first, second))
    assert len(newest) == PAGE
    assert newest + older == list(Entry.objects.values_list("pk", flat=True)[: PAGE + len(older)])
    assert second["older"] is None


@pytest.mark.parametrize("extra", [1, 30])
def test_page_asks_the_same_queries_however_many_lines_there_are(
    acme, sign_in, extra, django_assert_max_num_queries
):
    Entry.objects.bulk_create(Entry(actor="a", action="x", before={"a": 1}) for _ in range(extra))
    client = sign_in("admin")
    client.get("/o/acme/audit/")

    with django_assert_max_num_queries(7):
        client.get("/o/acme/audit/")


def test_fragment_is_served_to_a_swap(acme, sign_in):
    text = sign_in("admin").get("/o/acme/audit/", headers={"HX-Request": "true"}).text

    assert "<html" not in text
    assert 'id="entries"' in text


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_trail_is_for_admins(acme, sign_in, api, role):
    assert sign_in(role).get("/o/acme/audit/").status_code == 403
    assert api(role).get("/api/audit").status_code == 403


def test_other_organisations_lines_are_not_shown(acme, rival, sign_in, api):
    with tenant_context(rival):
        record("canary.seen", rival)

    assert "canary.seen" not in sign_in("admin").get("/o/acme/audit/").text
    assert "canary.seen" not in api("admin").get("/api/audit").text


def test_api_lists_newest_first_with_a_count(acme, api, lines):
    answer = api("admin").get("/api/audit?limit=2&action=a.first").json()

    assert answer["count"] == 2
    assert [item["actor"] for item in answer["items"]] == ["three", "one"]
    assert set(answer["items"][0]) == {
        "id", "at", "actor_id", "actor", "via", "address", "action", "target_type", "target_id", "target",
        "before", "after",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("since=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00%2B00:00", ["two"]),
        ("target_type=x&target_id=3", ["three"]),
        ("search=thing+one", ["one"]),
        ("target_type=x&ordering=at", ["one", "two", "three"]),
    ],
)
def test_api_filters(acme, api, lines, query, found):
    items = api("admin").get(f"/api/audit?{query}").json()["items"]

    assert [item["actor"] for item in items] == found


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "ordering=actor",
        "since=yesterday",
        "since=2026-03-02T00:00:00",
        "limit=2001",
        "action=%00",
    ],
)
def test_api_refuses_what_it_does_not_know(acme, api, query):
    assert api("admin").get(f"/api/audit?{query}").status_code == 422
