"""Saved views of the printers' list: everybody's own."""

import pytest

from printers import saved_views
from printers.models import SavedView
from tests.factories.printers import make_printer

LIST = "/o/acme/printers/"
VIEWS = f"{LIST}views/"
ADD = f"{VIEWS}add/"


def test_a_view_keeps_filters_search_order_and_layout(acme, sign_in):
    query = "state=printing&tag=a&tag=b&q=voron&sort=-ends&view=wall&page=3&version=7&csrf=x"

    answer = sign_in("viewer").post(ADD, {"name": "Mine", "query": query})

    kept = SavedView.objects.get()
    assert kept.query == "q=voron&sort=-ends&view=wall&state=printing&tag=a&tag=b"
    assert answer.url == f"{LIST}?{kept.query}"


def test_a_view_is_seen_and_changed_by_its_person_only(acme, person, sign_in):
    view = saved_views.add(person("viewer"), "Canary", "view=wall")
    make_printer()
    other = sign_in("admin")

    told = [other.get(path).text for path in (LIST, VIEWS)]
    answers = [other.post(f"{VIEWS}{view.pk}/{verb}/", {"name": "Taken"}) for verb in ("edit", "delete")]

    assert not any("Canary" in text for text in told)
    assert [answer.status_code for answer in answers] == [404, 404]
    assert SavedView.objects.get().name == "Canary"
    assert "Canary" in sign_in("viewer").get(LIST).text


def test_two_people_may_use_one_name(acme, person):
    saved_views.add(person("viewer"), "Wall", "view=wall")
    saved_views.add(person("admin"), "wall", "view=table")

    assert SavedView.objects.count() == 2


def test_a_name_that_is_there_is_replaced_only_when_asked(acme, person, sign_in):
    saved_views.add(person("viewer"), "Wall", "view=wall", opens=True)
    client, sent = sign_in("viewer"), {"name": "wall", "query": "view=table"}

    asked = client.post(ADD, sent)
    client.post(ADD, sent | {"replace": "on"})

    assert asked.status_code == 422
    assert "You have a view called Wall already." in asked.text
    assert "Replace it" in asked.text
    assert list(SavedView.objects.values_list("name", "query", "opens")) == [("wall", "view=table", True)]


def test_the_list_opens_with_the_view_that_was_chosen(acme, person, sign_in):
    client = sign_in("viewer")
    make_printer()
    saved_views.add(person("viewer"), "Old", "view=table", opens=True)
    saved_views.add(person("viewer"), "New", "view=wall&state=printing", opens=True)

    bare, asked, other = client.get(LIST), client.get(LIST, {"view": "cards"}), sign_in("operator").get(LIST)

    assert bare.url == f"{LIST}?view=wall&state=printing"
    assert (asked.status_code, other.status_code) == (200, 200)
    assert SavedView.objects.filter(opens=True).count() == 1


def test_a_view_is_renamed_and_stops_opening_first(acme, person, sign_in):
    view = saved_views.add(person("viewer"), "Wall", "view=wall", opens=True)

    sign_in("viewer").post(f"{VIEWS}{view.pk}/edit/", {"name": "Hall wall"})

    view.refresh_from_db()
    assert (view.name, view.query, view.opens) == ("Hall wall", "view=wall", False)


def test_renaming_onto_another_view_is_refused(acme, person, sign_in):
    saved_views.add(person("viewer"), "Wall", "view=wall")
    view = saved_views.add(person("viewer"), "Table", "view=table")

    answer = sign_in("viewer").post(f"{VIEWS}{view.pk}/edit/", {"name": "WALL"})

    assert answer.status_code == 422
    assert "You have a view called WALL already." in answer.text


def test_a_deleted_view_is_gone(acme, person, sign_in):
    view = saved_views.add(person("viewer"), "Wall", "view=wall")

    sign_in("viewer").post(f"{VIEWS}{view.pk}/delete/")

    assert not SavedView.objects.exists()


def test_nobody_keeps_more_views_than_they_can_read(acme, person, sign_in):
    for number in range(saved_views.MOST):
        saved_views.add(person("viewer"), f"View {number}", "view=wall")

    answer = sign_in("viewer").post(ADD, {"name": "One more", "query": "view=wall"})

    assert answer.status_code == 422
    assert "You have 30 views already." in answer.text
    assert SavedView.objects.count() == saved_views.MOST


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", "view=wall"),
        ("x" * 41, "view=wall"),
        ("a\0b", "view=wall"),
        ("Long", "&".join(f"tag={n:040}" for n in range(60))),
        ("Longest", "tag=" + "x" * 9000),
    ],
    ids=["no name", "long name", "NUL", "many filters", "huge"],
)
def test_an_unsound_view_is_refused(acme, sign_in, name, query):
    answer = sign_in("viewer").post(ADD, {"name": name, "query": query})

    assert answer.status_code == 422
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "view=<script>", "%00=%00", "q=%00&tag=%ff", "&&&==", "next=//evil.test"]
)
def test_a_strange_query_becomes_one_of_ours(acme, sign_in, query):
    client = sign_in("viewer")
    client.post(ADD, {"name": "Odd", "query": query})

    kept = SavedView.objects.get().query
    assert kept.startswith(("q=", "view=cards"))
    assert client.get(f"{LIST}?{kept}").status_code == 200
    assert client.get(VIEWS).status_code == 200


def test_what_a_view_shows_is_told_in_words(acme, person, sign_in):
    saved_views.add(person("viewer"), "Mine", "q=voron&view=wall&sort=-ends&state=printing&tag=petg")

    page = sign_in("viewer").get(VIEWS).text

    assert "Wall · State: Printing · Tag: petg · search: voron · sorted by: Soonest end" in page
