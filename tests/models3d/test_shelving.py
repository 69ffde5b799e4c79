"""Collections, archive and trash."""

import pytest

from audit.models import Entry
from jobs.stopping import cancel
from jobs.submitting import Order, submit
from models3d import shelving, tagging
from models3d.models import Collection, Model3D
from tests.factories.models3d import make_model

Shelf = Model3D.Shelf


def on_shelf(model):
    return Model3D.objects.get(pk=model.pk).shelf


def test_a_model_goes_to_the_archive_and_back(acme):
    model = make_model()

    shelving.archive(model)
    archived = on_shelf(model)
    shelving.restore(model)

    assert (archived, on_shelf(model)) == (Shelf.ARCHIVE, Shelf.LIBRARY)


def test_a_model_comes_back_from_the_trash_to_where_it_was(acme):
    model = make_model()
    shelving.archive(model)

    shelving.delete(model)
    trashed = on_shelf(model)
    shelving.restore(model)

    assert (trashed, on_shelf(model)) == (Shelf.TRASH, Shelf.ARCHIVE)


@pytest.mark.parametrize(
    ("act", "words"),
    [(shelving.restore, "already"), (shelving.purge, "Only what is in the trash")],
    ids=["restore", "purge"],
)
def test_what_does_not_apply_to_a_model_in_the_library_is_refused(acme, act, words):
    with pytest.raises(shelving.CannotShelve, match=words):
        act(make_model())


def test_a_model_with_an_open_job_is_not_deleted(acme, person):
    model = make_model()
    job = submit(Order(model.current), person("operator"))

    with pytest.raises(shelving.CannotShelve, match="Cancel it first"):
        shelving.delete(model)
    cancel(job)
    shelving.delete(model)

    assert on_shelf(model) == Shelf.TRASH


def test_a_model_that_was_printed_stays_in_the_trash_with_its_files(acme, person):
    model = make_model()
    cancel(submit(Order(model.current), person("operator")))
    shelving.delete(model)

    with pytest.raises(shelving.CannotShelve, match="keep their exact file"):
        shelving.purge(model)


def test_a_model_without_jobs_is_deleted_for_ever(acme):
    model = make_model()
    shelving.delete(model)

    shelving.purge(model)

    assert not Model3D.objects.exists()
    assert Entry.objects.filter(action="model.purge", target="Cube").exists()


def test_a_collection_is_found_whatever_its_case(acme):
    first, again = shelving.collection_named(" Jigs\n"), shelving.collection_named("jigs")

    assert first == again
    assert first.name == "Jigs"
    assert shelving.collection_named(" ") is None


def test_moving_tells_where_the_model_was(acme):
    model, jigs = make_model(), shelving.collection_named("Jigs")

    first = shelving.move(model, jigs)
    second = shelving.move(model, None)

    assert (first, second) == (None, jigs)
    assert Entry.objects.filter(action="model.move").count() == 2


def test_a_deleted_collection_leaves_its_models(acme):
    model, jigs = make_model(), shelving.collection_named("Jigs")
    shelving.move(model, jigs)

    shelving.delete_collection(jigs)

    assert Model3D.objects.get().collection is None
    assert not Collection.objects.exists()


def test_two_collections_never_have_one_name(acme):
    jigs, _ = shelving.collection_named("Jigs"), shelving.collection_named("Gears")

    with pytest.raises(shelving.CannotShelve, match="already"):
        shelving.rename_collection(jigs, "GEARS")


def test_a_tag_is_added_and_taken_off_once(acme):
    model = make_model()

    assert [tagging.add_tag(model, "PETG"), tagging.add_tag(model, "petg")] == [True, False]
    assert [tagging.remove_tag(model, "petg"), tagging.remove_tag(model, "petg")] == [True, False]
    assert Entry.objects.filter(action__in=["model.tag", "model.untag"]).count() == 2
