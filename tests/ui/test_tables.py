from typing import Any

import pytest
from django.db.models import F, Q
from django.http import QueryDict
from django.template import engines
from django.test import RequestFactory

from accounts.models import User
from orgs.models import Membership
from orgs.roles import Role
from ui.tables import Column, Filter, Table


class PersonTable(Table[User]):
    id = "people"
    columns = [
        Column("name", "Name", "name"),
        Column("mail", "Mail", ("is_superadmin", "email"), "number extra"),
        Column("note", "Note"),
    ]
    filters = [
        Filter("active", "Active", [(True, "Yes"), (False, "No")], "is_active"),
        Filter("ends", "Ends", lambda: [("1", "in 1"), ("2", "in 2")], lambda value: Q(name__endswith=value)),
        Filter("role", "Role", Role.choices, "memberships__role", is_many=True),
    ]
    search = ["name", "email"]
    order = ["-name"]


@pytest.fixture
def people(db: None) -> Any:
    """130 people, number 5 inactive, apart from those of the two organisations."""
    User.objects.bulk_create(
        User(email=f"p{at:03}@people.test", name=f"Person {at:03}", is_active=at != 5) for at in range(130)
    )
    return User.objects.filter(email__endswith="@people.test")


def table(people: Any, address: str = "") -> PersonTable:
    return PersonTable(people, QueryDict(address))


def names(found: PersonTable) -> list[str]:
    return [one.name for one in found.rows]


def test_a_list_shows_its_first_page_in_its_own_order(people) -> None:
    shown = table(people)

    assert names(shown)[:2] == ["Person 129", "Person 128"]
    assert (shown.first, shown.last, shown.total, shown.pages) == (1, 50, 130, 3)


@pytest.mark.parametrize(
    ("asked", "page"),
    [("2", 2), ("0", 1), ("-4", 1), ("999", 3), ("x", 1), ("²", 1), ("9" * 5000, 1), ("", 1)],
)
def test_a_page_that_is_not_there_gives_the_nearest(people, asked: str, page: int) -> None:
    assert table(people, f"page={asked}").page == page


@pytest.mark.parametrize(("asked", "size"), [("25", 25), ("200", 200), ("3", 50), ("100000", 50), ("x", 50)])
def test_only_known_sizes_of_pages_are_given(people, asked: str, size: int) -> None:
    assert table(people, f"size={asked}").page_size == size


def test_sorting_upwards_and_downwards(people) -> None:
    assert names(table(people, "sort=name"))[0] == "Person 000"
    assert names(table(people, "sort=-mail"))[0] == "Person 129"


@pytest.mark.parametrize("asked", ["password", "note", "-is_superadmin", "--name", "name,password"])
def test_nothing_else_may_be_sorted_by(people, asked: str) -> None:
    shown = table(people, f"sort={asked}")

    assert shown.sort == ""
    assert names(shown)[0] == "Person 129"


def test_every_word_searched_for_must_be_found(people) -> None:
    assert names(table(people, "q=person+p007")) == ["Person 007"]
    assert names(table(people, "q=person+nobody")) == []


@pytest.mark.parametrize("words", ["%00", "%25", "_", "'", "x" * 1000])
def test_odd_searches_find_nothing_odd(people, words: str) -> None:
    assert table(people, f"q={words}").total in (0, 130)


def test_values_of_one_filter_are_either_and_filters_are_both(people) -> None:
    assert table(people, "ends=1&ends=2").total == 26
    assert names(table(people, "active=False")) == ["Person 005"]
    assert table(people, "active=False&ends=1").total == 0


@pytest.mark.parametrize("address", ["active=maybe", "ends=7", "password=x", "role="])
def test_a_value_nobody_offers_filters_nothing(people, address: str) -> None:
    shown = table(people, address)

    assert shown.total == 130
    assert not shown.is_filtered


def test_a_row_with_two_matches_is_shown_once(people, acme, rival) -> None:
    person = people.get(name="Person 007")
    for org in (acme, rival):
        Membership.objects.create(org=org, user=person, role=Role.VIEWER)

    assert names(table(people, "role=10")) == ["Person 007"]


def test_a_list_costs_two_queries(people, django_assert_num_queries) -> None:
    shown = table(people, "q=person&ends=1&sort=name&page=2&role=10")

    with django_assert_num_queries(2):
        assert shown.total == len(shown.rows) == 0
        assert len(shown.chips) == 2


def test_rows_without_a_value_come_last_either_way(people) -> None:
    ordering = PersonTable(people, QueryDict("sort=-name"))._ordering()

    assert ordering[0] == F("name").desc(nulls_last=True)


def test_a_chip_takes_its_filter_off(people) -> None:
    shown = table(people, "ends=1&ends=2&page=2")

    assert [(str(chip.value), chip.url) for chip in shown.chips] == [("in 1", "?ends=2"), ("in 2", "?ends=1")]


def test_the_parts_of_a_list_are_drawn(people) -> None:
    shown = table(people, "ends=1&sort=-name")
    source = '{% include "ui/_toolbar.html" %}{% include "ui/_table_head.html" with selects=True %}'

    page = (
        engines["django"]
        .from_string(source + '{% include "ui/_pager.html" %}')
        .render({"table": shown}, RequestFactory().get("/people/?ends=1&sort=-name"))
    )

    assert 'aria-sort="descending"' in page
    assert 'href="?ends=1&amp;sort=name"' in page
    assert '<input type="hidden" name="ends" value="1">' in page
    assert "1 to 13 of 13" in page
    assert 'class="is-number is-extra"' in page
