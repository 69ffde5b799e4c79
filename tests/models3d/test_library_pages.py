"""Shelves, stars, collections, comparing, and jobs that are behind: the library's pages."""

import pytest

from jobs.models import Job
from jobs.submitting import Order, submit
from models3d import library, shelving
from models3d.models import Collection, Favourite, Model3D, Plate, Revision
from tests.factories.models3d import make_model, upload
from tests.factories.printers import make_printer

MODELS = "/o/acme/models/"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def next_revision(model: Model3D, notes: str = "", **plate) -> Revision:
    """A second revision that was read, with other bytes."""
    first = model.current
    revision = library.add_revision(model, upload(content=b"G1 X1 E1\n"), by=None, notes=notes)
    Revision.objects.filter(pk=revision.pk).update(status="ready", kind="gcode", metadata=first.metadata)
    facts = {"print_s": 1800, "grams": 7, "filaments": first.plates.get().filaments, **plate}
    Plate.objects.create(revision=revision, number=1, **facts)
    model.refresh_from_db()
    revision.refresh_from_db()
    return revision


def test_the_list_shows_one_shelf_and_counts_the_others(acme, sign_in):
    kept, archived, trashed = make_model("Kept"), make_model("Archived"), make_model("Trashed")
    shelving.archive(archived)
    shelving.delete(trashed)
    client = sign_in("operator")

    texts = {shelf: client.get(f"{MODELS}?shelf={shelf}").text for shelf in ("", "archive", "trash")}

    for shelf, model in (("", kept), ("archive", archived), ("trash", trashed)):
        assert [str(one.pk) in texts[shelf] for one in (kept, archived, trashed)].count(True) == 1
        assert str(model.pk) in texts[shelf]


@pytest.mark.parametrize(
    ("put", "shelf"), [(shelving.archive, "archive"), (shelving.delete, "trash")], ids=["archive", "trash"]
)
def test_a_library_that_was_emptied_leads_to_what_was_in_it(acme, sign_in, put, shelf):
    put(make_model())

    text = sign_in("operator").get(MODELS).text

    assert "The library is empty" in text
    assert "No models yet" not in text
    assert f'class="button is-primary" href="?shelf={shelf}"' in text


def test_an_empty_shelf_is_not_offered(acme, sign_in):
    make_model()

    text = sign_in("viewer").get(MODELS).text

    assert "shelf=library" in text
    assert "shelf=trash" not in text


def test_a_star_is_the_persons_own(acme, sign_in, person):
    model = make_model("Starred")
    make_model("Plain")
    client = sign_in("viewer")

    answer = client.post(f"{MODELS}{model.pk}/star/", {"starred": "yes"}, headers={"HX-Request": "true"})

    assert 'aria-pressed="true"' in answer.text
    assert Favourite.objects.get().user == person("viewer")
    mine = client.get(MODELS + "?mine=starred").text
    assert "Starred" in mine
    assert "Plain" not in mine
    assert "Starred" not in sign_in("operator").get(MODELS + "?mine=starred").text.split("data-rows")[1]


def test_two_stars_are_one_and_can_be_taken_off(acme, sign_in):
    model = make_model()
    client = sign_in("viewer")
    path = f"{MODELS}{model.pk}/star/"

    for starred in ("yes", "yes"):
        client.post(path, {"starred": starred})
    twice = Favourite.objects.count()
    client.post(path, {"starred": "no"})

    assert (twice, Favourite.objects.count()) == (1, 0)


def test_models_added_by_oneself_can_be_found(acme, sign_in, person):
    make_model("Own", by=person("viewer"))
    make_model("Other", by=person("operator"))

    text = sign_in("viewer").get(MODELS + "?mine=own").text

    assert "Own" in text
    assert ">Other<" not in text


def test_a_collection_is_made_where_its_name_is_typed(acme, sign_in):
    model = make_model()
    client = sign_in("operator")

    client.post(
        f"{MODELS}{model.pk}/edit/", {"name": "Cube", "collection": " Jigs ", "tags": "", "notes": ""}
    )

    jigs = Collection.objects.get()
    assert (jigs.name, jigs.models.get()) == ("Jigs", model)
    assert "Cube" in client.get(f"{MODELS}?collection={jigs.pk}").text
    assert "No model matches" in client.get(f"{MODELS}?collection=none").text


def test_a_collection_is_renamed_and_deleted(acme, sign_in):
    jigs, _ = shelving.collection_named("Jigs"), shelving.collection_named("Gears")
    client = sign_in("operator")
    path = f"{MODELS}collections/"

    client.post(f"{path}{jigs.pk}/rename/", {"name": "gears"})
    taken = Collection.objects.get(pk=jigs.pk).name
    client.post(f"{path}{jigs.pk}/rename/", {"name": "Fixtures"})

    assert (taken, Collection.objects.get(pk=jigs.pk).name) == ("Jigs", "Fixtures")
    assert "Fixtures" in client.get(path).text
    client.post(f"{path}{jigs.pk}/delete/")
    assert not Collection.objects.filter(pk=jigs.pk).exists()


@pytest.mark.parametrize(
    ("act", "shelf"), [("archive", "archive"), ("delete", "trash")], ids=["archive", "trash"]
)
def test_a_model_goes_to_a_shelf_and_back_by_its_page(acme, sign_in, act, shelf):
    model = make_model()
    client = sign_in("operator")

    client.post(f"{MODELS}{model.pk}/{act}/")
    there = Model3D.objects.get().shelf
    client.post(f"{MODELS}{model.pk}/restore/")

    assert (there, Model3D.objects.get().shelf) == (shelf, "library")


def test_a_model_in_the_trash_is_deleted_for_ever_by_its_page(acme, sign_in):
    model = make_model()
    client = sign_in("operator")

    client.post(f"{MODELS}{model.pk}/purge/")
    before = Model3D.objects.count()
    client.post(f"{MODELS}{model.pk}/delete/")
    client.post(f"{MODELS}{model.pk}/purge/")

    assert (before, Model3D.objects.count()) == (1, 0)


def test_a_viewer_does_not_shelve_what_others_added(acme, sign_in):
    model = make_model()

    answer = sign_in("viewer").post(f"{MODELS}{model.pk}/archive/")

    assert answer.status_code == 403
    assert Model3D.objects.get().shelf == "library"


def test_a_revert_keeps_everything_and_says_what_it_brought_back(acme, sign_in):
    model = make_model()
    next_revision(model, notes="wider")

    text = sign_in("operator").post(f"{MODELS}{model.pk}/revisions/1/revert/", follow=True).text

    assert "back to revision 1" in text
    assert "wider" in text
    assert list(model.revisions.values_list("number", "back_to")) == [(3, 1), (2, None), (1, None)]


def test_waiting_jobs_of_an_older_revision_are_shown_and_moved(acme, sign_in, person):
    model = make_model()
    first, second = (submit(Order(model.current), person("viewer")) for _ in range(2))
    revision = next_revision(model)
    client = sign_in("viewer")

    page = client.get(f"{MODELS}{model.pk}/").text
    client.post(f"{MODELS}{model.pk}/move-jobs/", {"job": [first.pk, "rubbish"]})

    assert "2 waiting jobs print an older revision" in page
    assert [Job.objects.get(pk=one.pk).revision.number for one in (first, second)] == [revision.number, 1]


def test_a_viewer_moves_only_own_jobs(acme, sign_in, person):
    model = make_model()
    job = submit(Order(model.current), person("operator"))
    next_revision(model)
    client = sign_in("viewer")

    client.post(f"{MODELS}{model.pk}/move-jobs/", {"job": [job.pk]})

    assert Job.objects.get().revision.number == 1
    assert "older revision" not in client.get(f"{MODELS}{model.pk}/").text


def test_two_revisions_are_compared_fact_by_fact(acme, sign_in):
    model = make_model()
    next_revision(model, notes="thicker walls")

    text = sign_in("viewer").get(f"{MODELS}{model.pk}/compare/").text

    for words in (
        "Revision 1 and 2",
        "thicker walls",
        "+50\N{NO-BREAK SPACE}%",
        "+100\N{NO-BREAK SPACE}%",
        "MK3S",
    ):
        assert words in text, words


def test_the_same_bytes_are_said_to_be_the_same(acme, sign_in):
    model = make_model()
    next_revision(model)
    library.revert(model, 1, by=None)

    assert "byte for byte" in sign_in("viewer").get(f"{MODELS}{model.pk}/compare/?old=1&new=3").text


@pytest.mark.parametrize("query", ["old=9", "new=x", "old=-1", "new=99999999999"])
def test_revisions_that_are_not_there_are_not_compared(acme, sign_in, query):
    model = make_model()

    assert sign_in("viewer").get(f"{MODELS}{model.pk}/compare/?{query}").status_code == 404


def test_every_check_of_every_printer_is_shown_with_its_origin(acme, sign_in):
    model = make_model()
    origins = {"nozzle_mm": "tail: nozzle_diameter"}
    Revision.objects.update(metadata={**model.current.metadata, "origins": origins})
    make_printer("Mini", nozzle_mm=0.6)

    text = sign_in("viewer").get(f"{MODELS}{model.pk}/fits/").text

    for words in ("Mini", "tail: nozzle_diameter", "0.4 mm", "0.6 mm", "Does not fit", "not known"):
        assert words in text, words


def test_a_page_of_a_model_asks_no_more_with_more_revisions(acme, sign_in, django_assert_max_num_queries):
    model = make_model()
    client = sign_in("operator")
    client.get(f"{MODELS}{model.pk}/")
    for number in range(9):
        library.add_revision(model, upload(content=b"G1 X%d\n" % number), by=None)

    with django_assert_max_num_queries(25):
        assert client.get(f"{MODELS}{model.pk}/").status_code == 200


def test_a_viewer_sees_only_their_own_in_the_trash(acme, sign_in, person):
    own, other = make_model("Own", by=person("viewer")), make_model("Other", by=person("operator"))
    for model in (own, other):
        shelving.delete(model)
    client = sign_in("viewer")

    text = client.get(MODELS + "?shelf=trash").text

    assert (str(own.pk) in text, str(other.pk) in text) == (True, False)
    assert client.get(f"{MODELS}{other.pk}/revisions/1/file/").status_code == 404
    assert "2</span>" in sign_in("operator").get(MODELS + "?shelf=trash").text
