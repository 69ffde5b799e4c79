"""Actions that talk to machines: never twice, and what is in doubt is said."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from bulk import talking
from bulk.models import Item
from bulk.tasks import talk, work_off
from tests.factories.models3d import make_model

from .conftest import refuse, said


def rung(begin, *names):
    return begin("ring", [make_model(name) for name in names])


def test_machines_are_never_asked_in_the_request(machines, begin, acme):
    run = rung(begin, "A")

    assert machines.asked == []
    assert not run.is_over


def test_each_machine_is_asked_once_and_told_what_it_said(machines, begin, acme):
    run = rung(begin, "A", "B", "Mute")
    machines.answer = lambda model: refuse(model) if model.name == "B" else None

    talk(acme.schema_name, str(run.pk))
    talk(acme.schema_name, str(run.pk))
    work_off(acme.schema_name)

    assert said(run) == {"A": "done", "B": "It hung up.", "Mute": "It has no bell."}
    assert machines.asked == ["A", "B"]
    run.refresh_from_db()
    assert run.is_over


def test_that_it_is_begun_is_known_to_all_before_the_machine_is_asked(machines, begin, acme):
    run = rung(begin, "A")
    seen = []
    depth = len(connection.savepoint_ids)
    machines.answer = lambda model: seen.append(
        (run.items.get().state, len(connection.savepoint_ids) - depth)
    )

    talk(acme.schema_name, str(run.pk))

    assert seen == [("doing", 0)]


def test_worker_killed_while_talking_leaves_a_doubt_that_is_never_repeated(machines, begin, acme):
    run = rung(begin, "A", "B")
    talking._claim(run)

    work_off(acme.schema_name)
    assert said(run) == {"A": "doing", "B": "done"}
    long_ago = timezone.now() - talking.DOUBT_AFTER - timedelta(seconds=1)
    Item.objects.filter(state="doing").update(since=long_ago)
    work_off(acme.schema_name)

    assert said(run) == {"A": "It isn't known whether it was done. Look at it.", "B": "done"}
    assert machines.asked == ["B"]
    run.refresh_from_db()
    assert run.is_over


def test_late_answer_does_not_end_the_doubt(machines, begin, acme):
    run = rung(begin, "A")

    def answers_late(model):
        Item.objects.update(since=timezone.now() - talking.DOUBT_AFTER - timedelta(seconds=1))
        talking.settle_doubt(run)

    machines.answer = answers_late
    talk(acme.schema_name, str(run.pk))

    assert said(run) == {"A": "It isn't known whether it was done. Look at it."}


def test_mistake_while_talking_is_a_doubt(machines, begin, acme, caplog):
    run = rung(begin, "A")
    machines.answer = lambda model: 1 / 0

    talk(acme.schema_name, str(run.pk))

    assert said(run) == {"A": "It isn't known whether it was done. Look at it."}
    assert "ZeroDivisionError" in caplog.text


def test_several_workers_are_called_for_one_run(
    machines, begin, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(talking.current_app, "send_task", lambda name, args: sent.append((name, args[1])))

    with django_capture_on_commit_callbacks(execute=True):
        run = rung(begin, *(f"M{number}" for number in range(9)))

    assert sent == [("bulk.talk", str(run.pk))] * talking.HANDS
