"""Taking a run back: once, soon, by the same person, and never over what was changed since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bulk import running
from bulk.actions import Refused
from bulk.models import Run
from models3d import shelving
from models3d.models import Model3D
from orgs.models import Membership
from tests.factories.models3d import make_model

from .conftest import said

Shelf = Model3D.Shelf


def shelf(model):
    return Model3D.objects.get(pk=model.pk).shelf


def test_undo_puts_back_what_was_done_and_only_that(begin, acme, person):
    models = [make_model("A"), make_model("B")]
    shelving.archive(models[1])
    run = begin("archive", models)
    membership = Membership.objects.get(user=person("operator"), org=acme)

    back = running.undo(run, membership)

    assert said(back) == {"A": "done"}
    assert [shelf(model) for model in models] == [Shelf.LIBRARY, Shelf.ARCHIVE]


def test_undo_is_possible_once(begin, acme, person):
    run = begin("archive", [make_model("A")])
    membership = Membership.objects.get(user=person("operator"), org=acme)
    back = running.undo(run, membership)

    with pytest.raises(Refused, match="taken back already"):
        running.undo(run, membership)
    with pytest.raises(Refused, match="can't be taken back"):
        running.undo(back, membership)


def test_undo_is_for_the_same_person_and_soon(begin, acme, person):
    run = begin("archive", [make_model("A")])
    mine, other = (Membership.objects.get(user=person(role), org=acme) for role in ("operator", "admin"))

    with pytest.raises(Refused, match="can't be taken back"):
        running.undo(run, other)
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(minutes=6))
    with pytest.raises(Refused, match="too late"):
        running.undo(run, mine)


def test_undo_leaves_what_was_changed_since(begin, acme, person):
    kept, changed = make_model("Kept"), make_model("Changed")
    run = begin("archive", [kept, changed])
    shelving.restore(changed)
    shelving.delete(changed)

    back = running.undo(run, Membership.objects.get(user=person("operator"), org=acme))

    assert said(back) == {"Kept": "done", "Changed": "It was changed since."}
    assert shelf(changed) == Shelf.TRASH


def test_action_that_can_not_be_undone_says_so(begin, acme, person):
    model = make_model("A")
    shelving.delete(model)
    run = begin("purge", [model])

    with pytest.raises(Refused, match="can't be taken back"):
        running.undo(run, Membership.objects.get(user=person("operator"), org=acme))
