"""The bar, the question before, and what a run came to."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from bulk import running
from bulk.models import Run
from bulk.tasks import work_off
from models3d.models import Model3D
from tests.factories.models3d import make_model

from .conftest import said

MODELS, BULK = "/o/acme/models/", "/o/acme/models/bulk/"
HTMX = {"HX-Request": "true", "HX-Target": "bulk"}


@pytest.fixture
def click(sign_in, acme):
    """click("archive", models, role="operator", …): what a button of the bar answers."""

    def click(action, models=(), role="operator", query="", headers=HTMX, **sent):
        data = {"action": action, "row": [str(one.pk) for one in models], **sent}
        return sign_in(role).post(BULK + query, data, headers=headers)

    return click


@pytest.mark.parametrize("view", ["", "?view=table"])
def test_each_row_says_what_applies_to_it(acme, sign_in, view):
    make_model("Plain")

    text = sign_in("operator").get(MODELS + view).text

    assert 'data-applies="add_tag move archive delete"' in text
    assert 'value="purge" data-elsewhere' in text
    assert 'value="remove_tag">' in text


def test_viewer_is_offered_what_they_may_do_with_their_own(acme, sign_in, person):
    make_model("Own", by=person("viewer"))
    make_model("Other")

    text = sign_in("viewer").get(MODELS).text

    assert text.count('data-applies="add_tag move archive delete"') == 1
    assert text.count('data-applies=""') == 1


def test_what_can_be_undone_runs_at_once_and_offers_the_undo(click, sign_in):
    models = [make_model("A"), make_model("B")]

    answer = click("archive", models)

    run = Run.objects.get()
    assert answer.text == ""
    assert "2 archived." in answer["HX-Trigger"]
    assert f"/o/acme/bulk/{run.pk}/undo/" in answer["HX-Trigger"]
    assert "table-changed" in answer["HX-Trigger"]
    back = sign_in("operator").post(f"/o/acme/bulk/{run.pk}/undo/", headers=HTMX)
    assert "2 put back." in back["HX-Trigger"]
    assert all(model.shelf == "library" for model in Model3D.objects.all())
    again = sign_in("operator").post(f"/o/acme/bulk/{run.pk}/undo/", headers=HTMX)
    assert "taken back already" in again["HX-Trigger"]


def test_a_run_that_found_nothing_to_do_is_no_success(click):
    answer = click("archive", query="?q=nothing", all_matching="1", confirmed="1")

    told = json.loads(answer["HX-Trigger"])["toast"]
    assert (told["text"], told["tone"]) == ("Nothing was archived.", "warn")


@pytest.mark.parametrize(("action", "words"), [("delete", "can be restored"), ("add_tag", "Tag")])
def test_what_destroys_or_needs_a_value_asks_first(click, action, words):
    answer = click(action, [make_model("A"), make_model("B")])

    assert answer.status_code == 200
    assert words in answer.text
    assert "2 models" in answer.text
    assert "<html" not in answer.text
    assert not Run.objects.exists()


def test_question_names_those_to_which_it_does_not_apply_and_why(click):
    models = [make_model(f"M{number:02}") for number in range(12)]
    Model3D.objects.update(deleted_at="2026-01-01T00:00Z")
    models.append(make_model("Last"))

    text = click("delete", models).text

    assert "Put 1 model into the trash" in text
    assert "12 stay as they are" in text
    assert "M09" in text
    assert "M10" not in text
    assert "and 2 more" in text
    assert "It is in the trash already." in text


def test_question_about_what_applies_to_none_has_nothing_to_confirm(click):
    text = click("purge", [make_model("A")]).text

    assert "It applies to none of 1 model" in text
    assert 'type="submit"' not in text


def test_confirmed_action_does_what_was_asked_and_names_what_was_refused(click, sign_in):
    tagged, plain = make_model("Tagged"), make_model("Plain")
    tagged.tags.create(name="petg")

    answer = click("add_tag", [tagged, plain], confirmed="1", **{"value-tag": "PETG"})

    assert "1 tagged, 1 not." in answer.text
    assert "It has this tag already." in answer.text
    assert "table-changed" in answer["HX-Trigger"]
    run = Run.objects.get()
    assert f"/o/acme/bulk/{run.pk}/undo/" in answer.text
    sign_in("operator").post(f"/o/acme/bulk/{run.pk}/undo/", headers=HTMX)
    assert [model.tags.count() for model in Model3D.objects.order_by("name")] == [0, 1]


@pytest.mark.parametrize("tag", ["", "a, b", "x" * 41, "\u200b"])
def test_wrong_value_is_asked_for_again(click, tag):
    answer = click("add_tag", [make_model("A")], confirmed="1", **{"value-tag": tag})

    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert not Run.objects.exists()


def test_all_matching_go_beyond_the_page_and_are_asked_about(click):
    for number in range(60):
        make_model(f"Gear {number}")
    make_model("Lid")

    asked = click("archive", query="?q=gear&page=2", all_matching="1")
    done = click("archive", query="?q=gear", all_matching="1", confirmed="1")

    assert "Archive 60 models" in asked.text
    assert "60 archived." in done["HX-Trigger"]
    assert Model3D.objects.filter(archived_at=None).get().name == "Lid"


def test_long_run_shows_how_far_it_is_until_it_is_over(click, sign_in, acme, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 1)
    models = [make_model("A"), make_model("B")]

    begun = click("archive", models)
    assert "Archive: 0 of 2 models" in begun.text
    url = f"/o/acme/bulk/{Run.objects.get().pk}/"
    assert f'hx-get="{url}"' in begun.text
    assert "hx-get" in sign_in("operator").get(url, headers=HTMX).text
    work_off(acme.schema_name)

    over = sign_in("operator").get(url, headers=HTMX)
    assert over.text == ""
    assert "2 archived." in over["HX-Trigger"]
    page = sign_in("operator").get(url)
    assert "2 archived." in page.text
    assert "<html" in page.text
    assert "hx-trigger" not in page.text.split('id="bulk-run"')[1].split(">")[0]


def test_second_click_finds_nothing_left_to_do_and_says_so(click):
    models = [make_model("A"), make_model("B")]
    click("archive", models)

    answer = click("archive", models)

    assert "Nothing was archived." in answer.text
    assert "It is in the archive already." in answer.text


def test_everything_works_without_scripts(click, sign_in):
    models = [make_model("A"), make_model("B")]

    asked = click("delete", models, headers={})
    done = click("delete", models, headers={}, confirmed="1")

    assert "<html" in asked.text
    assert str(models[0].pk) in asked.text
    assert done.status_code == 302
    page = sign_in("operator").get(done["Location"])
    assert "2 put into the trash." in page.text
    back = sign_in("operator").post(f"{done['Location']}undo/")
    assert "2 put back." in sign_in("operator").get(back["Location"]).text


def test_name_is_text_and_never_markup(click):
    evil = make_model('<img src=x onerror="alert(1)">')

    asked = click("restore", [evil], all_matching="")
    question = click("purge", [evil])
    bar = click("archive", [evil], headers={}, all_matching="1")

    for answer in (asked, question, bar):
        assert "<img src=x" not in answer.text
    assert "&lt;img src=x" in question.text


def test_viewer_may_not_confirm_for_what_is_not_theirs(click):
    other = make_model("Other")

    answer = click("delete", [other], role="viewer", confirmed="1")

    assert "You can change only models that you uploaded yourself." in answer.text
    assert said(Run.objects.get()) == {"Other": "You can change only models that you uploaded yourself."}


@pytest.mark.parametrize(
    ("action", "row"), [("nothing", "ok"), ("archive", ""), ("archive", "rubbish"), ("", "ok")]
)
def test_what_names_no_action_or_no_row_is_missing(click, acme, action, row):
    model = make_model("A")

    answer = click(action, row=[str(model.pk) if row == "ok" else row])

    assert answer.status_code == 404
    assert not Run.objects.exists()


def test_row_of_another_organisation_is_gone_and_stays(click, rival):
    with tenant_context(rival):
        theirs = make_model("Quetzalcoatl")

    answer = click("archive", [theirs])

    assert "Something that is no longer there" in answer.text
    assert "Quetzalcoatl" not in answer.text
    with tenant_context(rival):
        assert Model3D.objects.get().archived_at is None


def test_too_many_are_refused_in_words(click, monkeypatch):
    monkeypatch.setattr("bulk.choosing.MOST", 1)
    make_model("A")
    make_model("B")

    answer = click("archive", all_matching="1")

    assert answer.status_code == 422
    assert "the most for one run" in answer.text


def test_run_is_seen_by_its_person_and_by_operators(click, sign_in, person):
    click("archive", [make_model("A")], role="admin")
    url = f"/o/acme/bulk/{Run.objects.get().pk}/"

    seen = {role: sign_in(role).get(url).status_code for role in ("viewer", "operator", "admin")}

    assert seen == {"viewer": 404, "operator": 200, "admin": 200}


def test_queries_of_a_question_do_not_grow_with_the_rows(click):
    def queries(models):
        with CaptureQueriesContext(connection) as seen:
            assert click("delete", models).status_code == 200
        return len(seen)

    few = [make_model("A")]
    click("delete", few)
    at_one = queries(few)

    assert queries([make_model(f"M{number}") for number in range(30)]) == at_one
