"""Each row is done once or refused with a reason."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from audit.models import Entry
from bulk import editing, running
from bulk.actions import Refused
from bulk.choosing import Choice
from bulk.models import Item, Run
from bulk.tasks import work_off
from jobs.submitting import Order, submit
from models3d import shelving
from models3d.bulk import ACTIONS, MODELS
from models3d.models import Model3D
from orgs.models import Due, Membership
from orgs.roles import Role
from tests.factories.models3d import make_model

from .conftest import said

Shelf = Model3D.Shelf


def shelf(model):
    return Model3D.objects.get(pk=model.pk).shelf


def many(count, **fields):
    models = [Model3D(name=f"M{number:05}", **fields) for number in range(count)]
    return Model3D.objects.bulk_create(models)


@pytest.fixture
def slow(monkeypatch):
    """Even few rows are left to the worker."""
    monkeypatch.setattr(running, "AT_ONCE", -1)


def test_few_rows_are_done_at_once_and_each_outcome_is_told(begin, person):
    free, busy, gone = make_model("Free"), make_model("Busy"), make_model("Gone")
    submit(Order(busy.current), person("operator"))
    pk = gone.pk
    gone.delete()
    gone.pk = pk

    run = begin("delete", [free, busy, gone])

    assert run.is_over
    assert said(run) == {
        "Free": "done",
        "Busy": "A job of this model is waiting or printing. Cancel it first.",
        "": "is gone",
    }
    assert (shelf(free), shelf(busy)) == (Shelf.TRASH, Shelf.LIBRARY)


def test_viewer_changes_only_own_models(begin, person):
    own, other = make_model("Own", by=person("viewer")), make_model("Other", by=person("operator"))

    run = begin("archive", [own, other], role="viewer")

    assert said(run) == {
        "Own": "done",
        "Other": "You can change only models that you uploaded yourself.",
    }


def test_many_rows_are_left_to_a_worker(begin, acme, django_capture_on_commit_callbacks):
    models = many(201)

    run = begin("archive", models)

    assert not run.is_over
    assert Due.objects.get(org=acme, task="bulk.work").due_at < timezone.now() + timedelta(seconds=10)
    work_off(acme.schema_name)
    run.refresh_from_db()
    assert run.is_over
    assert run.counts()["done"] == 201
    assert Due.objects.get(org=acme, task="bulk.work").due_at is None


def test_role_lowered_between_start_and_run_refuses_what_is_left(begin, acme, person, slow, monkeypatch):
    monkeypatch.setattr(editing, "CHUNK", 1)
    first, second = make_model("First", by=person("operator")), make_model("Second")
    run = begin("archive", [first, second])
    editing.do_chunk(run)

    Membership.objects.filter(org=acme, user=person("operator")).update(role=Role.VIEWER)
    work_off(acme.schema_name)

    assert said(run) == {
        "First": "done",
        "Second": "You can change only models that you uploaded yourself.",
    }


@pytest.mark.parametrize("how", ["removed", "disabled"])
def test_run_of_a_person_who_is_gone_does_nothing(how, begin, acme, person, slow):
    model = make_model("Left")
    run = begin("archive", [model])
    if how == "removed":
        Membership.objects.filter(org=acme, user=person("operator")).delete()
    else:
        type(person("operator")).objects.filter(pk=person("operator").pk).update(is_active=False)

    work_off(acme.schema_name)

    assert said(run) == {"Left": "Whoever began this is no longer a member."}
    assert shelf(model) == Shelf.LIBRARY


def test_killed_worker_loses_nothing_and_nothing_is_done_twice(begin, acme, slow, monkeypatch):
    models = [make_model(f"M{number}") for number in range(4)]
    run = begin("archive", models)
    real = shelving.archive

    def dies_at_the_third(model):
        real(model)
        if model.name == "M2":
            raise OperationalError("the connection was lost")

    monkeypatch.setattr(shelving, "archive", dies_at_the_third)
    with pytest.raises(OperationalError):
        editing.do_chunk(run)
    assert sorted(said(run).values()) == ["done", "done", "waiting", "waiting"]
    assert shelf(models[2]) == Shelf.LIBRARY

    monkeypatch.setattr(shelving, "archive", real)
    assert editing.do_chunk(run) == 0
    Item.objects.filter(state="waiting").update(since=timezone.now() - editing.LEASE - timedelta(seconds=1))
    work_off(acme.schema_name)

    assert set(said(run).values()) == {"done"}
    assert Entry.objects.filter(action="model.archive").count() == 4


def test_worker_that_was_too_slow_changes_nothing_when_another_took_over(begin, slow, monkeypatch):
    model = make_model("A")
    run = begin("archive", [model])
    real = shelving.archive

    def is_overtaken(model):
        real(model)
        Item.objects.update(since=timezone.now())

    monkeypatch.setattr(shelving, "archive", is_overtaken)
    editing.do_chunk(run)

    assert said(run) == {"A": "waiting"}
    assert shelf(model) == Shelf.LIBRARY


def test_wait_for_the_disk_is_spared_for_rows_only(begin, monkeypatch):
    def setting():
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return cursor.fetchone()[0]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO on")
    seen = []
    real = shelving.archive
    monkeypatch.setattr(shelving, "archive", lambda model: (seen.append(setting()), real(model)))

    begin("archive", [make_model("A")])

    assert seen == ["off"]


def test_mistake_of_ours_in_one_row_does_not_keep_the_others(begin, monkeypatch, caplog):
    real = shelving.archive
    monkeypatch.setattr(shelving, "archive", lambda model: 1 / 0 if model.name == "Bad" else real(model))

    run = begin("archive", [make_model("Bad"), make_model("Good")])

    assert said(run) == {"Bad": "Something went wrong here. It has been logged.", "Good": "done"}
    assert "ZeroDivisionError" in caplog.text


def test_second_of_two_equal_runs_finds_nothing_left_to_do(begin):
    models = [make_model("A"), make_model("B")]
    begin("archive", models)

    again = begin("archive", models)

    assert said(again) == dict.fromkeys("AB", "It is in the archive already.")
    assert again.is_over


def test_more_than_ten_thousand_rows_are_refused_in_words(acme, person):
    many(10_001)
    membership = Membership.objects.get(user=person("operator"), org=acme)

    with pytest.raises(Refused, match="More than 10,000 are chosen"):
        running.start(Choice(MODELS, membership, matching=Model3D.objects.all()), "archive", {})

    assert not Run.objects.exists()


def test_all_matching_are_those_that_match_at_the_start(acme, person):
    for name in ("Gear 1", "Gear 2", "Lid"):
        make_model(name)
    membership = Membership.objects.get(user=person("operator"), org=acme)
    choice = Choice(MODELS, membership, matching=Model3D.objects.filter(name__contains="Gear"))

    run = running.start(choice, "archive", {})

    assert said(run) == {"Gear 1": "done", "Gear 2": "done"}


def test_run_is_a_line_of_the_trail_and_each_row_another_that_names_it(begin):
    run = begin("add_tag", [make_model("A"), make_model("B")], tag="petg")

    whole = Entry.objects.get(action="bulk.add_tag")
    assert (whole.target_id, whole.after) == (str(run.pk), {"rows": 2, "tag": "petg"})
    lines = Entry.objects.filter(action="model.tag")
    assert {(line.target, line.via, line.actor) for line in lines} == {
        ("A", f"run {run.pk}", "acme operator"),
        ("B", f"run {run.pk}", "acme operator"),
    }


def test_runs_take_turns(begin, acme, slow, monkeypatch):
    monkeypatch.setattr(editing, "CHUNK", 1)
    first, second = begin("archive", [make_model("A"), make_model("B")]), begin("archive", [make_model("C")])
    order = []
    real = shelving.archive
    monkeypatch.setattr(shelving, "archive", lambda model: (order.append(model.name), real(model)))

    work_off(acme.schema_name)

    assert order == ["A", "C", "B"]
    assert all(run.items.filter(state="done").exists() for run in (first, second))


def test_worker_out_of_time_comes_back_at_once(begin, acme, slow, monkeypatch):
    monkeypatch.setattr(editing, "CHUNK", 1)
    monkeypatch.setattr(running, "TURN_S", 0.0)
    run = begin("archive", [make_model("A"), make_model("B")])

    work_off(acme.schema_name)

    assert run.counts()["waiting"] == 2
    assert Due.objects.get(org=acme, task="bulk.work").due_at <= timezone.now()


def test_old_runs_are_forgotten(begin, acme):
    old, fresh = begin("archive", [make_model("A")]), begin("archive", [make_model("B")])
    Run.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=31))

    work_off(acme.schema_name)

    assert list(Run.objects.all()) == [fresh]


def test_every_action_asks_for_an_action_of_the_roles_and_has_its_words():
    for action in ACTIONS.values():
        assert action.ask % {"rows": "3 models"} != action.ask
        assert action.label
        assert action.done
