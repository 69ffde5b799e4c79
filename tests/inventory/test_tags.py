"""Tags of spools."""

import pytest
from django.core.exceptions import ValidationError
from django_tenants.utils import tenant_context

from audit.models import Entry
from inventory import tagging
from inventory.models import Spool, SpoolTag
from inventory.refusing import Refused
from tests.factories.inventory import make_spool

LIST, TAGS = "/o/acme/filament/", "/o/acme/filament/tags/"


def names(spool):
    return sorted(Spool.objects.get(pk=spool.pk).tags.values_list("name", flat=True))


def test_a_tag_is_the_same_whatever_its_case(acme):
    one, other = make_spool(), make_spool()

    assert tagging.add_tag(one, "Course 7")
    assert tagging.add_tag(other, " COURSE  7 ")
    assert not tagging.add_tag(one, "course 7")

    assert SpoolTag.objects.get().name == "Course 7"
    assert tagging.remove_tag(other, "course 7")
    assert not tagging.remove_tag(other, "course 7")
    told = Entry.objects.filter(action="spool.tags").order_by("pk")
    assert [entry.after["tags"] for entry in told] == [["Course 7"], ["Course 7"], []]


@pytest.mark.parametrize("given", [["x" * 41], ["a,b"], [f"tag {n}" for n in range(21)]])
def test_what_is_no_tag_is_refused(acme, given):
    spool = make_spool()

    with pytest.raises(ValidationError):
        tagging.set_tags(spool, given)

    assert names(spool) == []


def test_a_spool_has_at_most_twenty(acme):
    spool = make_spool()
    tagging.set_tags(spool, [f"tag {n}" for n in range(20)])

    with pytest.raises(ValidationError, match="at most 20"):
        tagging.add_tag(spool, "one more")


def test_tags_are_shown_with_their_colours_and_filter_the_list(acme, sign_in):
    tagged, plain = make_spool(), make_spool()
    tagging.add_tag(tagged, "<b>مرحبا</b> 🧵")
    SpoolTag.objects.update(hue="plum")
    client = sign_in("viewer")

    told = client.get(LIST).text
    narrowed = client.get(LIST, {"tag": "<b>مرحبا</b> 🧵"}).text

    assert '<span class="tag" data-hue="plum">&lt;b&gt;مرحبا&lt;/b&gt; 🧵</span>' in told
    assert f'id="spool-{tagged.pk}"' in narrowed
    assert f'id="spool-{plain.pk}"' not in narrowed


def test_tags_of_one_spool_are_typed_beside_it(acme, sign_in):
    spool, client = make_spool(), sign_in("operator")

    told = client.post(f"{LIST}{spool.pk}/tags/", {"tags": "food safe,  Course 7, course 7,"}, follow=True)

    assert names(spool) == ["Course 7", "food safe"]
    assert 'value="Course 7, food safe"' in told.text
    refused = client.post(f"{LIST}{spool.pk}/tags/", {"tags": "x" * 41}, follow=True)
    assert "at most 40 characters" in refused.text
    assert names(spool) == ["Course 7", "food safe"]


def test_tags_are_made_renamed_and_deleted_on_their_page(acme, sign_in):
    client, spool = sign_in("operator"), make_spool()
    client.post(TAGS, {"name": "Course 7", "hue": "sky"})
    tag = SpoolTag.objects.get()
    tagging.add_tag(spool, "course 7")

    client.post(f"{TAGS}{tag.pk}/edit/", {"name": "Course 8", "hue": "rust"})
    assert names(spool) == ["Course 8"]
    assert "1 spool has it" in client.get(TAGS).text
    client.post(f"{TAGS}{tag.pk}/delete/")

    assert names(spool) == []
    assert Entry.objects.get(action="spool_tag.delete").before["spools"] == [spool.number]


def test_two_tags_never_become_one(acme, sign_in):
    one, _other = tagging.make("Course 7", "sky"), tagging.make("Course 8", "sky")

    with pytest.raises(Refused, match="called course 8 already"):
        tagging.change(one, "course 8", "sky")
    told = sign_in("operator").post(TAGS, {"name": "COURSE 8", "hue": "sky"})

    assert told.status_code == 422
    assert "Tags are not merged" in told.text


def test_the_api_has_tags_of_spools(acme, api):
    client = api()
    made = client.post("/api/spools", {"filament_id": str(make_spool().filament_id), "tags": ["b", "A", "a"]})
    path = f"/api/spools/{made.json()['id']}"

    assert made.json()["tags"] == ["A", "b"]
    assert client.get("/api/spools?tag=B").json()["count"] == 1
    assert client.patch(path, {"tags": []}).json()["tags"] == []
    assert client.patch(path, {"tags": ["a,b"]}).status_code == 422
    assert client.patch(path, {"tags": None}).status_code == 422
    assert client.patch(path, {"lot": "L1", "tags": ["x" * 41]}).status_code == 422
    assert client.get(path).json()["lot"] == ""


def test_two_who_tag_at_once_never_make_one_too_many(for_real, at_once):
    with tenant_context(for_real):
        spool = make_spool()
        tagging.set_tags(spool, [f"tag {n}" for n in range(19)])

    outcomes = at_once(*(lambda name=name: tagging.add_tag(spool, name) for name in ("one", "other")))

    with tenant_context(for_real):
        assert sorted(type(one).__name__ for one in outcomes) == ["ValidationError", "bool"]
        assert Spool.objects.get(pk=spool.pk).tags.count() == 20
