import threading

import pytest
from django_tenants.utils import tenant_context

from gateway import ingest, poll
from orgs.models import Org
from printers import adding, live
from printers.drivers import DRIVERS
from printers.drivers.driver import DriverError, MachineState, PolledDriver, Status, Trouble
from printers.models import Printer
from simulator.config import PrinterSpec
from simulator.farm import Farm
from stations.models import Station
from tests.factories.printers import make_printer

M = MachineState


class FakeDriver(PolledDriver):
    """Answers what the test wrote into `said`, by address."""

    protocol, label, formats = "fake", "Fake", frozenset({"gcode"})
    default_port, secret_label = 80, ""
    said: dict = {}
    asked: list = []

    def status(self):
        self.asked.append((self.endpoint.host, threading.current_thread()))
        answer = self.said.get(self.endpoint.host, Status(M.IDLE))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def nothing(self, *_arguments):
        return None

    probe = upload = remove = close = start = outcome_of = pause = resume = cancel = stop = clear_errors = (
        nothing
    )


FakeDriver.__abstractmethods__ = frozenset()


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setitem(DRIVERS, "fake", FakeDriver)
    monkeypatch.setattr(FakeDriver, "said", {})
    monkeypatch.setattr(FakeDriver, "asked", [])
    return FakeDriver


@pytest.fixture
def clock(monkeypatch):
    """Moves the poller's clock: clock.now += 5."""

    class Clock:
        now = 1_000_000.0

    monkeypatch.setattr(poll.time, "time", lambda: Clock.now)
    monkeypatch.setattr(poll.random, "random", lambda: 0.5)
    return Clock


def state_of(printer):
    found = live.read(printer.station.owner_id, [printer.pk])
    return found[printer.pk].status.state if found else None


def test_every_polled_printer_of_an_active_org_is_sent_once_by_one_query(
    acme, rival, monkeypatch, django_assert_num_queries
):
    sent = []
    monkeypatch.setattr(
        poll.current_app, "send_task", lambda name, args, **_options: sent.append((name, *args))
    )
    monkeypatch.setattr(poll, "CHUNK", 2)
    ours = [make_printer().pk for _ in range(3)]
    make_printer(enabled=False)
    make_printer(protocol="bambu", serial="01S")
    with tenant_context(rival):
        theirs = make_printer().pk

    assert Station.objects.count() == 6  # the schema is chosen anew by now
    with django_assert_num_queries(1):
        assert poll.send_chunks() == 3

    assert {name for name, _schema, _ids in sent} == {"gateway.poll_chunk"}
    assert sorted(pk for _name, schema, ids in sent if schema == acme.schema_name for pk in ids) == sorted(
        map(str, ours)
    )
    assert [ids for _name, schema, ids in sent if schema == rival.schema_name] == [[str(theirs)]]


def test_suspended_orgs_are_not_polled(acme, monkeypatch):
    monkeypatch.setattr(poll.current_app, "send_task", lambda *_arguments, **_options: None)
    make_printer()
    Org.objects.filter(pk=acme.pk).update(state=Org.State.SUSPENDED)

    assert poll.send_chunks() == 0


def test_answers_are_taken_in_and_the_database_is_given_back_before_asking(acme, fake, monkeypatch):
    printers = [make_printer(protocol="fake") for _ in range(3)]
    monkeypatch.setattr(poll, "release_connection", lambda: fake.asked.append("released"))

    poll.poll_chunk([printer.pk for printer in printers])

    assert fake.asked[0] == "released"
    assert all(entry[1] is not threading.main_thread() for entry in fake.asked if entry != "released")
    assert [state_of(printer) for printer in printers] == [M.IDLE] * 3


def test_a_printer_that_is_being_asked_is_not_asked_again(acme, fake):
    printer = make_printer(protocol="fake")

    with poll._claimed(acme, poll._targets([printer.pk])[0]):
        poll.poll_chunk([printer.pk])
    assert fake.asked == []

    poll.poll_chunk([printer.pk])
    assert len(fake.asked) == 1


def test_a_printer_is_offline_after_three_failures_and_back_at_once(acme, fake, clock):
    printer = make_printer(protocol="fake", address="10.1.1.1")
    poll.poll_chunk([printer.pk])
    fake.said["10.1.1.1"] = DriverError(Trouble.UNREACHABLE, "No answer.")
    states = []
    for _ in range(3):
        poll.poll_chunk([printer.pk])
        states.append(state_of(printer))
        clock.now += 10

    assert states == [M.IDLE, M.IDLE, M.OFFLINE]
    assert live.read(acme.pk, [printer.pk])[printer.pk].problem == "No answer."

    del fake.said["10.1.1.1"]
    poll.poll_chunk([printer.pk])
    assert state_of(printer) is M.IDLE


def test_an_unreachable_printer_is_left_alone_for_a_while(acme, fake, clock):
    printer = make_printer(protocol="fake", address="10.1.1.2")
    fake.said["10.1.1.2"] = DriverError(Trouble.UNREACHABLE, "No answer.")
    poll.poll_chunk([printer.pk])

    poll.poll_chunk([printer.pk])
    assert len(fake.asked) == 1

    clock.now += 1.1
    poll.poll_chunk([printer.pk])
    assert len(fake.asked) == 2


def test_a_refused_secret_is_not_tried_again_until_it_is_changed(acme, fake, clock):
    printer = make_printer(protocol="fake", address="10.1.1.3", secret="wrong")
    fake.said["10.1.1.3"] = DriverError(Trouble.CREDENTIALS, "The key is wrong.")
    poll.poll_chunk([printer.pk])
    clock.now += 500
    poll.poll_chunk([printer.pk])
    assert len(fake.asked) == 1
    assert live.read(acme.pk, [printer.pk])[printer.pk].problem == "The key is wrong."

    adding.change(Printer.objects.get(pk=printer.pk), secret="right")
    poll.poll_chunk([printer.pk])

    assert len(fake.asked) == 2


def test_a_secret_of_another_key_is_told_and_nobody_is_asked(acme, fake, settings):
    printer = make_printer(protocol="fake", secret="abc")
    settings.FIELD_KEY = "A" * 43 + "="

    poll.poll_chunk([printer.pk])

    assert fake.asked == []
    assert "Enter the printer's secret again" in live.read(acme.pk, [printer.pk])[printer.pk].problem


def test_a_forbidden_address_is_never_asked(acme, fake):
    printer = make_printer(protocol="fake")
    Printer.objects.filter(pk=printer.pk).update(address="169.254.169.254")

    poll.poll_chunk([printer.pk])

    assert fake.asked == []


@pytest.mark.parametrize("where", ["driver", "jobs"])
def test_one_printer_that_breaks_everything_costs_the_others_nothing(acme, fake, clock, monkeypatch, where):
    first, broken, last = (make_printer(protocol="fake", address=f"10.1.2.{n}") for n in range(3))

    def follow(pk, _status, _before):
        if pk == broken.pk:
            raise KeyError("a bug")

    if where == "driver":
        fake.said["10.1.2.1"] = KeyError("a bug")
    else:
        monkeypatch.setattr(ingest, "follow", follow)
    poll.poll_chunk([first.pk, broken.pk, last.pk])

    assert [state_of(printer) for printer in (first, broken, last)] == [M.IDLE, None, M.IDLE]


def test_a_real_conversation_with_a_simulated_printer(acme):
    with Farm([PrinterSpec("voron", "voron-2.4-250")]) as farm:
        simulated = farm["voron"]
        printer = make_printer(address=simulated.host, port=simulated.port)
        poll.poll_chunk([printer.pk])
        assert state_of(printer) is M.IDLE

        simulated.act("print-by-hand")
        poll.poll_chunk([printer.pk])

        assert state_of(printer) is M.PREPARING
        assert Station.objects.get(pk=printer.pk).plate == "occupied"
