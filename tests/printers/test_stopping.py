"""The emergency stop: all at once, none waits for another, and each is seen stopped or is not."""

import socket
import threading
import time
from datetime import timedelta
from queue import SimpleQueue

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from audit.models import Entry
from bulk import rushing
from bulk.choosing import Choice
from bulk.models import Item, Run
from bulk.running import start, work
from bulk.tasks import rush
from orgs.aside import aside
from orgs.current import current_org
from orgs.models import Membership
from printers import live, stopping, telling
from printers.bulk import PRINTERS
from printers.commands import COMMANDS
from printers.drivers.driver import DriverError, Heat, MachineState, Status, Trouble
from printers.models import Printer
from printers.ordering import order
from printers.stop_report import report_on
from printers.stopped import SEEN_WITHIN, Verdict, verdict_of
from simulator.config import PrinterSpec
from simulator.farm import Farm
from stations.models import Dispatch, DispatchState, Station
from tests.factories.printers import make_printer

M = MachineState
NOW = timezone.now()
REFUSED = DriverError(Trouble.UNREACHABLE, "The printer does not answer.")


@pytest.fixture(scope="module")
def voron():
    with Farm([PrinterSpec("voron", "voron-2.4-250")]) as farm:
        yield farm["voron"]


@pytest.fixture
def printing(acme, voron):
    voron.mend()
    voron.act("reboot")
    voron.act("print-by-hand")
    return make_printer("Voron", address=voron.host, port=voron.port)


@pytest.fixture
def begin(acme, person):
    def begin(*printers, role="operator"):
        member = Membership.objects.get(user=person(role), org=acme)
        return start(Choice(PRINTERS, member, tuple(one.pk for one in printers)), "stop", {})

    return begin


@pytest.fixture
def told(monkeypatch):
    """What was sent to whom instead of the order: (id, name, key); `told.answer` may hang or refuse."""

    class Told(list):
        def answer(self, pk):
            return "Stopped."

    sent = Told()

    def send(pk, name, key=""):
        sent.append((pk, name, key))
        return sent.answer(pk)

    monkeypatch.setattr(telling, "send_to", lambda target, name, key="": send(target.id, name, key))
    monkeypatch.setattr(
        telling.link_requests, "command_by", lambda holder, pk, name, key="": send(pk, name, key)
    )
    return sent


def says(org, printer, state, **more):
    live.swap(org.pk, printer.pk, Status(state, **more))


def outcomes(run):
    return {item.name: item.reason or item.state for item in run.items.all()}


def test_machine_stops_and_stays_out_of_service_until_somebody_looks(acme, begin, printing, voron):
    run = begin(printing)

    rush(acme.schema_name, str(run.pk))

    assert not voron.machine.active
    run.refresh_from_db()
    assert run.is_over
    assert outcomes(run) == {"Voron": "done"}
    printing.refresh_from_db()
    assert printing.out_of_service_reason.startswith("Emergency stop, ")
    assert "by acme operator" in printing.out_of_service_reason
    entry = Entry.objects.get(action="printer.stop")
    assert (entry.actor, entry.target, entry.after) == (
        "acme operator", "Voron", {"answer": COMMANDS["stop"]},
    )  # fmt: skip


def test_stop_of_one_takes_it_out_of_service_too(printing, voron):
    order(printing, "stop")

    assert not voron.machine.active
    assert Printer.objects.get().out_of_service_reason.startswith("Emergency stop, ")


def test_reason_for_being_out_of_service_is_kept(acme, begin, told):
    run = begin(make_printer(out_of_service_reason="Belt"))

    rush(acme.schema_name, str(run.pk))

    assert Printer.objects.get().out_of_service_reason == "Belt"


def test_orders_carry_no_key_and_name_no_print(acme, begin, told):
    pushed, polled = make_printer(protocol="bambu", serial="01S00A000000001"), make_printer()
    says(acme, polled, M.PRINTING, job_key="k1")

    rush(acme.schema_name, str(begin(pushed, polled).pk))

    assert sorted(told) == sorted([(pushed.pk, "stop", ""), (polled.pk, "stop", "")])


def test_printer_to_which_a_start_is_on_its_way_is_told_again_when_that_has_come(
    acme, begin, told, monkeypatch
):
    monkeypatch.setattr(stopping, "STARTS_WITHIN_S", 0.3)
    about_to, idle = make_printer(), make_printer()
    dispatch = Dispatch.objects.create(
        station_id=about_to.pk, org=acme, print_id=about_to.pk, sha256="0" * 64, size=9, start_id="1",
        state=DispatchState.STARTING,
    )  # fmt: skip
    Station.objects.filter(pk=about_to.pk).update(hold=dispatch)
    at = time.monotonic()

    rush(acme.schema_name, str(begin(about_to, idle).pk))

    assert [pk for pk, _name, _key in told].count(about_to.pk) == 2
    assert [pk for pk, _name, _key in told].count(idle.pk) == 1
    assert time.monotonic() - at >= 0.3


def test_printers_that_hang_keep_nobody_waiting(acme, told):
    hung = threading.Event()
    printers = [make_printer() for _ in range(40)]
    hanging = {one.pk for one in printers[:20]}
    told.answer = lambda pk: hung.wait(60) if pk in hanging else "Stopped."

    done = stopping.stop(printers)
    first = [next(done)[0].pk for _ in range(20)]
    waiting = hung.is_set()
    hung.set()

    assert not waiting
    assert not hanging & set(first)
    assert len(list(done)) == 20


def test_machine_that_takes_the_connection_and_says_nothing_holds_up_no_other(
    acme, printing, voron, monkeypatch
):
    monkeypatch.setattr("printers.drivers.web.ANSWER_S", 3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = make_printer("Mute", address="127.0.0.1", port=mute.getsockname()[1])

        (first, said), (last, silence) = stopping.stop([silent, printing])

    assert (first, said) == (printing, {"answer": COMMANDS["stop"]})
    assert not voron.machine.active
    assert last == silent
    assert isinstance(silence, DriverError)


def test_what_prints_is_told_first_and_what_is_offline_last(acme, begin, told, monkeypatch):
    monkeypatch.setattr(telling, "THREADS", 1)
    states = {"Off": M.OFFLINE, "Idle": M.IDLE, "Hot": M.PRINTING, "Mute": None, "Warm": M.PREPARING}
    made = {name: make_printer(name) for name in states}
    for name, state in states.items():
        if state:
            says(acme, made[name], state)

    rush(acme.schema_name, str(begin(*made.values()).pk))

    names = dict(Printer.objects.values_list("pk", "name"))
    order = [names[pk] for pk, _name, _key in told]
    assert order == ["Hot", "Warm", "Idle", "Off", "Mute"]


def test_each_printers_refusal_and_mistake_is_its_own(acme, begin, told, caplog):
    good, bad, odd = make_printer("Good"), make_printer("Bad"), make_printer("Odd")

    def answer(pk):
        if pk == bad.pk:
            raise REFUSED
        return 1 / 0 if pk == odd.pk else "Stopped."

    told.answer = answer
    run = begin(good, bad, odd)
    rush(acme.schema_name, str(run.pk))

    assert outcomes(run) == {
        "Good": "done",
        "Bad": "The printer does not answer.",
        "Odd": "Something went wrong while it was told. Look at it.",
    }
    assert Entry.objects.filter(action="printer.stop").count() == 3


def test_two_who_work_at_one_stop_tell_each_printer_once(acme, begin, told):
    run = begin(make_printer())

    rush(acme.schema_name, str(run.pk))
    rush(acme.schema_name, str(run.pk))
    work()

    assert len(told) == 1


def test_what_a_dead_process_left_is_told_again(acme, begin, told):
    run = begin(make_printer())
    rushing._claim(run)

    work()
    assert told == []
    Item.objects.update(since=timezone.now() - rushing.LEFT_AFTER - timedelta(seconds=1))
    work()

    assert len(told) == 1
    run.refresh_from_db()
    assert run.is_over


def test_role_is_read_again_before_anything_is_told(acme, begin, told, person):
    run = begin(make_printer("A"))
    Membership.objects.filter(user=person("operator"), org=acme).update(role=10)

    rush(acme.schema_name, str(run.pk))

    assert told == []
    assert outcomes(run) == {"A": "Your role does not allow this."}


def test_it_is_begun_by_this_process_and_workers_are_told_besides(
    begin, monkeypatch, django_capture_on_commit_callbacks
):
    begun, sent = [], []
    monkeypatch.setattr(rushing, "aside", lambda name, work: begun.append(name))
    monkeypatch.setattr(rushing.current_app, "send_task", lambda name, args: sent.append((name, args[1])))

    with django_capture_on_commit_callbacks(execute=True):
        run = begin(make_printer())

    assert begun == ["bulk.rush"]
    assert ("bulk.rush", str(run.pk)) in sent


def test_work_aside_is_done_in_the_organisation_that_asked(acme):
    seen = SimpleQueue()

    aside("look", lambda: seen.put(current_org().slug))

    assert seen.get(timeout=20) == "acme"


def test_printers_of_another_organisation_are_never_told(acme, begin, rival, told):
    with tenant_context(rival):
        theirs = make_printer()

    run = begin(theirs)
    rush(acme.schema_name, str(run.pk))

    assert told == []
    assert outcomes(run) == {"": "is gone"}


# Seen stopped, or not.


def known(state, seconds=1, **more):
    return live.Live(Status(state, **more), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("answered", "entry", "was_absent", "after_s", "verdict"),
    [
        (True, known(M.ERROR), False, 2, "stopped"),
        (True, known(M.IDLE), False, 2, "stopped"),
        (False, known(M.FINISHED), False, 2, "stopped"),
        (None, known(M.IDLE), False, 2, "stopped"),
        (True, known(M.IDLE, seconds=-1), False, 2, "told"),
        (True, known(M.IDLE, full=False), False, 2, "told"),
        (True, known(M.IDLE, bed=Heat(60, 60)), False, 2, "told"),
        (True, known(M.IDLE, nozzles=(Heat(200, 210),)), False, 30, "unconfirmed"),
        (True, known(M.IDLE, nozzles=(Heat(200, 0),)), False, 2, "stopped"),
        (True, known(M.PRINTING), False, 2, "told"),
        (True, known(M.PRINTING), False, 30, "unconfirmed"),
        (True, known(M.PAUSED), False, 30, "unconfirmed"),
        (True, None, True, 30, "unconfirmed"),
        (None, None, False, 2, "waiting"),
        (False, None, False, 2, "unconfirmed"),
        (False, known(M.OFFLINE), True, 2, "absent"),
    ],
)
def test_only_what_reports_that_it_stands_is_stopped(answered, entry, was_absent, after_s, verdict):
    now = NOW + timedelta(seconds=after_s)

    found = verdict_of(answered=answered, since=NOW, live=entry, was_absent=was_absent, now=now)

    assert found == verdict


def test_what_was_offline_but_has_a_print_of_ours_on_it_is_not_thought_absent(acme, begin, told):
    told.answer = lambda pk: (_ for _ in ()).throw(REFUSED)
    away, held = make_printer("Away"), make_printer("Held")
    run = begin(away, held)
    run.items.filter(row=held.pk).update(seen={"machine": "offline", "is_taken": True})

    rush(acme.schema_name, str(run.pk))

    assert {one.name: one.verdict for one in report_on(Run.objects.get())} == {
        "Held": Verdict.UNCONFIRMED, "Away": Verdict.ABSENT,
    }  # fmt: skip


def test_answer_alone_is_not_believed_for_long(acme, begin, told):
    printer = make_printer()
    says(acme, printer, M.PRINTING, job_key="k1")
    run = begin(printer)
    rush(acme.schema_name, str(run.pk))
    assert report_on(run)[0].verdict == Verdict.TOLD

    Item.objects.update(since=timezone.now() - SEEN_WITHIN)

    assert report_on(run)[0].verdict == Verdict.UNCONFIRMED
