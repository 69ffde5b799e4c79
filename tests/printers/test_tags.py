"""The organisation's tags: their names, their colours, and where they are shown."""

import pytest

from audit.models import Entry
from jobs.models import Preset
from orgs.models import Due
from printers import live, saved_views
from printers.hues import Hue
from printers.models import SavedView, Tag
from tests.factories.printers import make_printer

TAGS = "/o/acme/printers/tags/"
LIST = "/o/acme/printers/"


def at(tag, verb):
    return f"{TAGS}{tag.pk}/{verb}/"


def test_a_tag_is_added_with_its_colour(acme, sign_in):
    sign_in("operator").post(TAGS, {"name": "  hall   2 ", "hue": "plum"})

    assert list(Tag.objects.values_list("name", "hue")) == [("hall 2", "plum")]
    assert Entry.objects.get(action="tag.add").after == {"name": "hall 2", "hue": "plum"}


@pytest.mark.parametrize(
    ("name", "hue", "words"),
    [
        ("PETG", "teal", "There is a tag called PETG already"),
        ("a, b", "teal", "Leave the comma out"),
        ("", "teal", "required"),
        ("x" * 41, "teal", "at most 40"),
        ("abs", "#ff0000", "not one of the available choices"),
        ("a\0b", "teal", "Null characters"),
    ],
)
def test_an_unsound_tag_is_refused_in_words(acme, sign_in, name, hue, words):
    Tag.objects.create(name="petg")

    answer = sign_in("operator").post(TAGS, {"name": name, "hue": hue})

    assert answer.status_code == 422
    assert words in answer.text
    assert Tag.objects.count() == 1


def test_a_tag_keeps_its_printers_when_it_is_renamed(acme, sign_in):
    tag = Tag.objects.create(name="petg")
    printer = make_printer(tags=[tag])

    sign_in("operator").post(at(tag, "edit"), {"name": "PETG only", "hue": "rust"})

    assert [(one.name, one.hue) for one in printer.tags.all()] == [("PETG only", "rust")]
    assert Entry.objects.get(action="tag.change").before == {"name": "petg", "hue": "slate"}


def test_two_tags_are_never_merged_by_renaming(acme, sign_in):
    petg, hall = Tag.objects.create(name="petg"), Tag.objects.create(name="hall")
    make_printer(tags=[petg])

    answer = sign_in("operator").post(at(petg, "edit"), {"name": "Hall", "hue": "slate"}, follow=True)

    assert "Tags are not merged" in answer.text
    assert set(Tag.objects.values_list("name", flat=True)) == {"petg", "hall"}
    assert hall.printers.count() == 0


def test_saved_views_follow_a_renamed_tag(acme, person, sign_in):
    tag = Tag.objects.create(name="petg & co")
    view = saved_views.add(person("viewer"), "Mine", "view=wall&tag=petg+%26+co&tag=other")

    sign_in("operator").post(at(tag, "edit"), {"name": "hall 1", "hue": "slate"})

    assert SavedView.objects.get(pk=view.pk).query == "view=wall&tag=hall+1&tag=other"


def test_a_deleted_tag_leaves_its_printers_and_wakes_the_queue(
    acme, sign_in, django_capture_on_commit_callbacks
):
    tag = Tag.objects.create(name="petg")
    printer = make_printer("Voron", tags=[tag])
    Preset.objects.create(name="P", target="tag", target_tag=tag)
    Due.objects.all().delete()
    version = live.version_of(acme.pk)

    with django_capture_on_commit_callbacks(execute=True):
        sign_in("operator").post(at(tag, "delete"))

    assert list(printer.tags.all()) == []
    assert Due.objects.filter(task="jobs.match").exists()
    assert printer.pk in live.changes_since(acme.pk, version)[1]
    assert Entry.objects.get(action="tag.delete").before["printers"] == ["Voron"]


def test_the_page_tells_how_many_printers_a_deletion_concerns(acme, sign_in):
    tag = Tag.objects.create(name="petg")
    for _ in range(3):
        make_printer(tags=[tag])

    assert "Delete the tag petg? 3 printers have it." in sign_in("operator").get(TAGS).text


def test_the_page_costs_as_much_for_many_tags_as_for_one(acme, sign_in, django_assert_max_num_queries):
    Tag.objects.create(name="zeal")
    client = sign_in("operator")
    client.get(TAGS)
    Tag.objects.bulk_create(Tag(name=f"tag {n}", hue=Hue.TEAL) for n in range(30))

    with django_assert_max_num_queries(8):
        page = client.get(TAGS).text

    assert page.index('value="tag 1"') < page.index('value="zeal"')


@pytest.mark.parametrize("view", ["cards", "table"])
def test_a_tag_is_shown_by_name_and_colour(acme, sign_in, view):
    make_printer(tags=[Tag.objects.create(name="<b>petg</b>", hue="plum")])

    page = sign_in("viewer").get(LIST, {"view": view}).text

    assert '<span class="tag" data-hue="plum">&lt;b&gt;petg&lt;/b&gt;</span>' in page


def test_the_printers_page_and_the_filter_show_the_colour_too(acme, sign_in):
    printer = make_printer(tags=[Tag.objects.create(name="hall 1", hue="moss")])
    client = sign_in("viewer")

    assert 'data-hue="moss" href="/o/acme/printers/?tag=hall%201"' in client.get(f"{LIST}{printer.pk}/").text
    assert 'class="truncate tag is-bare" data-hue="moss">hall 1<' in client.get(LIST).text
