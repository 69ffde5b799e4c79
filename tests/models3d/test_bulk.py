"""What can be done to many models, and how it is taken back."""

import pytest

from bulk.actions import Refused
from models3d import shelving
from models3d.bulk import ACTIONS, rows_for
from models3d.models import Model3D
from orgs.models import Membership
from tests.factories.models3d import make_model

Shelf = Model3D.Shelf


@pytest.fixture
def fresh(acme, person):
    """The model as a run finds it."""
    membership = Membership.objects.get(user=person("operator"), org=acme)
    return lambda model: rows_for(membership).get(pk=model.pk)


def on(shelf):
    model = make_model(shelf.label)
    if shelf != Shelf.LIBRARY:
        (shelving.archive if shelf == Shelf.ARCHIVE else shelving.delete)(model)
    return model


APPLY = {
    Shelf.LIBRARY: {"add_tag", "move", "archive", "delete"},
    Shelf.ARCHIVE: {"add_tag", "move", "restore", "delete"},
    Shelf.TRASH: {"restore", "purge"},
}


@pytest.mark.parametrize("shelf", Shelf)
def test_each_shelf_has_its_actions(shelf, fresh):
    model = fresh(on(shelf))

    assert {name for name, action in ACTIONS.items() if not action.why_not(model, None)} == APPLY[shelf]


@pytest.mark.parametrize(
    ("shelf", "name", "values"),
    [
        (Shelf.LIBRARY, "archive", {}),
        (Shelf.LIBRARY, "delete", {}),
        (Shelf.ARCHIVE, "delete", {}),
        (Shelf.ARCHIVE, "restore", {}),
        (Shelf.TRASH, "restore", {}),
        (Shelf.LIBRARY, "add_tag", {"tag": "petg"}),
        (Shelf.LIBRARY, "move", {"collection": "Jigs"}),
    ],
)
def test_what_was_done_is_taken_back_whole(shelf, name, values, fresh):
    model = on(shelf)

    def picture():
        one = fresh(model)
        return one.shelf, one.collection, [tag.name for tag in one.tags.all()]

    before = picture()
    memory = ACTIONS[name].run(fresh(model), values)
    after = picture()
    ACTIONS[name].undo(fresh(model), memory)

    assert after != before
    assert picture() == before


def test_archived_model_comes_from_the_trash_into_the_archive_and_back(fresh):
    model = on(Shelf.ARCHIVE)
    shelving.delete(model)

    memory = ACTIONS["restore"].run(fresh(model), {})
    there = fresh(model).shelf
    ACTIONS["restore"].undo(fresh(model), memory)

    assert (there, fresh(model).shelf) == (Shelf.ARCHIVE, Shelf.TRASH)


def test_removed_tag_comes_back(fresh):
    model = make_model()
    model.tags.create(name="PETG")

    memory = ACTIONS["remove_tag"].run(fresh(model), {"tag": "petg"})
    ACTIONS["remove_tag"].undo(fresh(model), memory)

    assert model.tags.get().name == "PETG"


def test_model_moved_on_since_is_not_moved_back(fresh):
    model = make_model()
    memory = ACTIONS["move"].run(fresh(model), {"collection": "Jigs"})
    shelving.move(model, shelving.collection_named("Gears"))

    with pytest.raises(Refused, match="changed since"):
        ACTIONS["move"].undo(fresh(model), memory)


def test_model_is_not_moved_back_into_a_collection_that_is_gone(fresh):
    model, jigs = make_model(), shelving.collection_named("Jigs")
    shelving.move(model, jigs)
    memory = ACTIONS["move"].run(fresh(model), {"collection": ""})
    shelving.delete_collection(jigs)

    with pytest.raises(Refused, match="is gone"):
        ACTIONS["move"].undo(fresh(model), memory)


def test_moving_to_where_it_is_does_not_apply(fresh):
    model = make_model()
    shelving.move(model, shelving.collection_named("Jigs"))

    assert ACTIONS["move"].why_not(fresh(model), {"collection": "JIGS"}) == "It is there already."
    assert ACTIONS["move"].why_not(fresh(model), {"collection": ""}) == ""
