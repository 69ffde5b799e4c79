"""Pause, resume and cancel of many printers: all are told at once, each once, none waits for another."""

import threading

import pytest

from audit.models import Entry
from bulk import talking
from bulk.choosing import Choice
from bulk.models import Item
from bulk.running import start
from bulk.tasks import talk
from orgs.models import Membership
from orgs.roles import Role
from printers import live, telling
from printers.bulk import PRINTERS
from printers.drivers.driver import DriverError, MachineState, Status, Trouble
from printers.models import Printer
from tests.factories.printers import make_printer

M = MachineState


@pytest.fixture
def member(acme, person):
    return Membership.objects.get(user=person("operator"), org=acme)


@pytest.fixture
def begin(member):
    def begin(name, *printers):
        return start(Choice(PRINTERS, member, tuple(one.pk for one in printers)), name, {})

    return begin


@pytest.fixture
def told(monkeypatch):
    """What was sent to whom instead of the order: (id, name, key); `told.answer` may hang or refuse."""

    class Told(list):
        def answer(self, pk):
            return "Done."

    sent = Told()

    def send(pk, name, key):
        sent.append((pk, name, key))
        return sent.answer(pk)

    monkeypatch.setattr(telling, "send_to", lambda target, name, key: send(target.id, name, key))
    monkeypatch.setattr(
        telling.link_requests, "command_by", lambda holder, pk, name, key: send(pk, name, key)
    )
    return sent


def printing(acme, count, **fields):
    made = [make_printer(f"P{number}", **fields) for number in range(count)]
    for one in made:
        live.swap(acme.pk, one.pk, Status(M.PRINTING, job_key=f"key of {one.name}"))
    return made


def said(run):
    return {item.name: item.reason or item.state for item in run.items.all()}


def test_half_of_the_printers_may_hang_and_the_others_are_settled_meanwhile(acme, begin, told, monkeypatch):
    printers = printing(acme, 40)
    hanging, let_go, outcomes = {one.pk for one in printers[:20]}, threading.Event(), []

    def answer(pk):
        if pk in hanging:
            assert let_go.wait(60)
        return "Done."

    told.answer = answer
    update = talking._settled

    def settled(run, row, answer):
        outcomes.append(row)
        if len(outcomes) == 20:
            assert len(told) == 40
            let_go.set()
        return update(run, row, answer)

    monkeypatch.setattr(talking, "_settled", settled)
    run = begin("pause", *printers)

    talk(acme.schema_name, str(run.pk))

    assert hanging.isdisjoint(outcomes[:20])
    assert set(said(run).values()) == {"done"}
    assert len(told) == 40


def test_each_order_carries_the_key_of_the_print_that_was_seen(acme, begin, told):
    (printer,) = printing(acme, 1)

    talk(acme.schema_name, str(begin("cancel", printer).pk))

    assert told == [(printer.pk, "cancel", "key of P0")]


def test_what_changed_before_the_worker_came_is_refused_and_not_told(acme, begin, told):
    first, second = printing(acme, 2)
    run = begin("pause", first, second)
    live.swap(acme.pk, first.pk, Status(M.PRINTING, job_key="another"))

    talk(acme.schema_name, str(run.pk))

    assert said(run) == {"P0": "Another print is on it than the one you saw.", "P1": "done"}
    assert [pk for pk, _name, _key in told] == [second.pk]


def test_each_answer_and_refusal_is_its_own_and_written_down_as_the_persons(acme, begin, told, person):
    good, bad, broken = printing(acme, 3)

    def answer(pk):
        if pk == bad.pk:
            raise DriverError(Trouble.REFUSED, "The door is open.")
        return 1 / 0 if pk == broken.pk else "Paused."

    told.answer = answer
    run = begin("pause", good, bad, broken)

    talk(acme.schema_name, str(run.pk))

    assert said(run)["P0"] == "done"
    assert said(run)["P1"] == "The door is open."
    assert "Look at it" in said(run)["P2"]
    entries = {entry.target: entry for entry in Entry.objects.filter(action="printer.pause")}
    assert entries["P0"].after == {"answer": "Paused."}
    assert entries["P1"].after == {"refused": "The door is open."}
    assert {entry.actor_id for entry in entries.values()} == {person("operator").pk}


def test_two_workers_tell_each_printer_once(acme, begin, told, monkeypatch):
    printers = printing(acme, 5)
    monkeypatch.setattr(talking, "TOGETHER", 2)
    run = begin("pause", *printers)

    for _hand in range(2):
        talk(acme.schema_name, str(run.pk))

    assert sorted(pk for pk, _name, _key in told) == sorted(one.pk for one in printers)
    run.refresh_from_db()
    assert run.is_over


def test_that_all_are_begun_is_written_down_before_any_is_told(acme, begin, told, monkeypatch):
    printers = printing(acme, 3)
    run = begin("pause", *printers)
    states = []
    release = telling.release_connection
    monkeypatch.setattr(
        telling,
        "release_connection",
        lambda: (states.extend(run.items.values_list("state", flat=True)), release())[1],
    )

    talk(acme.schema_name, str(run.pk))

    assert states == ["doing"] * 3


def test_what_a_dead_worker_left_is_in_doubt_and_never_told_again(acme, begin, told):
    printers = printing(acme, 3)
    run = begin("pause", *printers)
    talking._claim(run)
    long_ago = run.at - talking.DOUBT_AFTER
    Item.objects.filter(run=run).update(since=long_ago)

    talk(acme.schema_name, str(run.pk))
    talking.settle_doubt(run)

    assert told == []
    assert set(said(run).values()) == {"It isn't known whether it was done. Look at it."}


def test_a_mistake_of_ours_leaves_only_those_in_doubt_that_had_not_answered(acme, begin, told, monkeypatch):
    printers = printing(acme, 3)
    real, written = telling.record, []

    def record(*given, **more):
        if written:
            raise RuntimeError("the disk is full")
        written.append(given)
        real(*given, **more)

    monkeypatch.setattr(telling, "record", record)
    run = begin("pause", *printers)

    talk(acme.schema_name, str(run.pk))

    assert sorted(said(run).values()) == ["It isn't known whether it was done. Look at it."] * 2 + ["done"]


def test_a_role_lost_meanwhile_tells_nobody(acme, begin, told, member):
    run = begin("pause", *printing(acme, 2))
    Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER)

    talk(acme.schema_name, str(run.pk))

    assert told == []
    assert set(said(run).values()) == {"Your role does not allow this."}


def test_pushing_printers_are_told_through_the_holder_of_their_link(acme, begin, told):
    (bambu,) = printing(acme, 1, protocol="bambu", serial="01S", address="10.3.0.1")

    talk(acme.schema_name, str(begin("resume", bambu).pk))
    live.swap(acme.pk, bambu.pk, Status(M.PAUSED, job_key="key of P0"))
    talk(acme.schema_name, str(begin("resume", bambu).pk))

    assert told == [(bambu.pk, "resume", "key of P0")]
    assert Printer.objects.count() == 1
