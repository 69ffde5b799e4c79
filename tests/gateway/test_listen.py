import threading
import time

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisGone

from gateway import holdings, ingest, leases, links, listen
from gateway.listen import Listener
from orgs.keys import redis_client
from printers import adding, commands, link_requests, live
from printers.drivers.driver import DriverError, MachineState, Trouble
from printers.models import Printer
from stations.models import Station
from tests.gateway.conftest import printer_for

M = MachineState


def known(printer):
    return live.read(printer.station.owner_id, [printer.pk]).get(printer.pk)


def is_state(printer, *states):
    return lambda: (found := known(printer)) and found.status.state in states


def test_a_bambu_printer_is_heard_and_shown(listener, printer, x1):
    listener.until(is_state(printer, M.IDLE))

    assert known(printer).status.full
    assert printer.slots.count() >= 4
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))
    assert Station.objects.get(pk=printer.pk).plate == "occupied"


def test_the_first_certificate_is_remembered_and_another_one_refused(listener, printer, x1):
    listener.until(is_state(printer, M.IDLE))
    assert len(Printer.objects.get().fingerprint) == 64

    x1.act("renew-certificate")
    x1.act("cut")
    listener.until(is_state(printer, M.OFFLINE))

    assert "another certificate" in known(printer).problem


def test_a_wrong_access_code_is_told_and_not_tried_again(listener, x1):
    printer = printer_for(x1, secret="00000000")

    listener.until(is_state(printer, M.OFFLINE))

    assert "access code" in known(printer).problem
    link = listener.links[printer.pk]
    assert not link.wants_connection(time.monotonic() + 500)
    assert link.wants_connection(time.monotonic() + 700)


def test_a_changed_access_code_is_tried_at_once(listener, x1, django_capture_on_commit_callbacks):
    printer = printer_for(x1, secret="00000000")
    listener.until(is_state(printer, M.OFFLINE))

    with django_capture_on_commit_callbacks(execute=True):
        adding.change(Printer.objects.get(), secret="12345678")

    listener.until(is_state(printer, M.IDLE))


def test_a_wrong_serial_number_is_told_after_a_silence(listener, x1, monkeypatch):
    monkeypatch.setattr(links, "FIRST_REPORT_S", 0.3)
    printer = printer_for(x1, serial="01P00A000000000")

    listener.until(is_state(printer, M.OFFLINE))

    assert "serial number is most likely wrong" in known(printer).problem


def test_a_cut_link_comes_back_with_a_higher_epoch_and_no_alarm(listener, printer, x1):
    listener.until(is_state(printer, M.IDLE))
    before = listener.links[printer.pk].epoch

    x1.act("cut")
    listener.until(lambda: listener.links[printer.pk].epoch > before)
    listener.until(lambda: listener.links[printer.pk].is_up)

    assert known(printer).status.state is M.IDLE


def test_a_silent_printer_is_asked_once_and_then_given_up(listener, printer, x1, monkeypatch):
    listener.until(lambda: printer.pk in listener.links and listener.links[printer.pk].is_up)
    link, said = listener.links[printer.pk], []
    monkeypatch.setattr(type(link), "say", lambda _link, messages: said.append(messages) or True)
    heard = link.heard_at

    assert link.trouble(heard + 59) is None
    assert said == []
    assert link.trouble(heard + 61) is None
    assert link.trouble(heard + 62) is None
    assert len(said) == 1
    assert "silent" in str(link.trouble(heard + 91))


def ask(printer, name, send=commands.send, **more):
    """Send a command as a web process does: in a thread of its own, with the holder already looked up."""
    answers = []

    def run():
        try:
            answers.append(send(printer, name, **more))
        except DriverError as error:
            answers.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return answers


@pytest.fixture
def holder(listener, monkeypatch):
    """Another thread cannot see what the test's transaction wrote, so it is told who holds the link."""
    monkeypatch.setattr(link_requests, "_holder", lambda _pk: listener.holdings.holder)


def test_a_person_pauses_and_resumes_through_the_holder_of_the_link(listener, printer, x1, holder):
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))

    answers = ask(printer, "pause")
    listener.until(lambda: answers)
    assert answers == ["The printer took the order to pause."]
    listener.until(is_state(printer, M.PAUSED))

    answers = ask(printer, "resume", job_key=known(printer).status.job_key)
    listener.until(lambda: answers)
    assert answers == ["The printer took the order to go on."]


def test_light_speed_and_fans_are_set_and_reported(listener, printer, x1, holder):
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))

    for name, value in (("light", "off"), ("speed", "sport"), ("aux_fan", "60")):
        answers = ask(printer, name, commands.adjust, value=value)
        listener.until(lambda found=answers: found)
        assert answers == ["The printer took it."]

    wanted = {"light": "off", "speed": "sport", "aux_fan": "60"}
    listener.until(lambda: wanted.items() <= known(printer).status.adjusted.items())


def test_an_order_for_another_print_is_refused(listener, printer, x1, holder):
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))

    answers = ask(printer, "cancel", job_key="4711")
    listener.until(lambda: answers)

    assert answers[0].trouble is Trouble.REFUSED
    assert x1.machine.active


def test_what_the_printer_answers_reaches_the_person(listener, printer, x1, holder):
    listener.until(is_state(printer, M.IDLE))

    answers = ask(printer, "pause")
    listener.until(lambda: answers)

    assert "not in a state for that" in str(answers[0])


def test_an_order_without_an_answer_says_so_and_renews_the_link(listener, printer, x1, holder, monkeypatch):
    from gateway import mailroom  # noqa: PLC0415

    monkeypatch.setattr(mailroom, "ANSWER_S", 0.3)
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))
    x1.fault(lose_next=0, drop_next=0, delay_s=60)
    before = listener.links[printer.pk].epoch

    answers = ask(printer, "pause")
    listener.until(lambda: answers)
    x1.mend()

    assert "has not answered" in str(answers[0])
    listener.until(lambda: listener.links[printer.pk].epoch > before)


def test_an_order_nobody_takes_is_withdrawn_and_never_carried_out(acme, printer, monkeypatch):
    monkeypatch.setattr(link_requests, "_holder", lambda _pk: "a listener that died")
    monkeypatch.setattr(link_requests, "_waited", lambda _key: None)

    with pytest.raises(DriverError, match="Nothing was sent"):
        commands.send(printer, "pause")

    late = link_requests.take("a listener that died", 1)
    assert late is not None
    assert not link_requests.is_permitted(late)


def test_without_a_holder_a_command_says_so_at_once(acme, printer):
    with pytest.raises(DriverError, match="not connected"):
        commands.send(printer, "pause")


def test_a_lost_lease_closes_the_link(listener, printer, x1):
    listener.until(is_state(printer, M.IDLE))
    Station.objects.filter(pk=printer.pk).update(link_holder="another", link_epoch=99)

    listener._due["leases"] = 0
    listener.turn()

    assert printer.pk not in listener.links
    assert Station.objects.get(pk=printer.pk).link_holder == "another"


def test_a_listener_with_an_older_epoch_closes_and_changes_nothing(listener, printer, x1):
    listener.until(is_state(printer, M.IDLE))
    shown = known(printer).status
    newer = listener.links[printer.pk].epoch + 5
    live.swap(printer.station.owner_id, printer.pk, shown, link_epoch=newer)

    x1.act("print-by-hand")
    listener.until(lambda: printer.pk not in listener.links)

    assert known(printer).status.state is M.IDLE


def test_links_are_closed_when_no_lease_can_be_renewed(listener, printer, x1, monkeypatch):
    listener.until(is_state(printer, M.IDLE))

    def gone(*_arguments):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(leases, "renew", gone)
    monkeypatch.setattr(holdings, "LEASE_S", 0.0)
    listener._due["leases"] = 0
    listener.turns(2)

    assert listener.links == {}


def test_a_redis_that_comes_back_is_filled_again(listener, printer, x1, monkeypatch):
    listener.until(is_state(printer, M.IDLE))
    monkeypatch.setattr(listen, "QUIET_S", 0.05)
    calls, swap = [], live.swap

    def away(*arguments, **more):
        calls.append(1)
        if len(calls) < 3:
            raise RedisGone("no Redis")
        return swap(*arguments, **more)

    monkeypatch.setattr(ingest.live, "swap", away)
    redis_client().flushdb()
    x1.act("print-by-hand")

    listener.until(is_state(printer, M.PREPARING, M.PRINTING))


def test_a_report_that_cannot_be_taken_in_does_not_stop_the_loop(listener, printer, x1, monkeypatch):
    listener.until(is_state(printer, M.IDLE))
    monkeypatch.setattr(listen, "QUIET_S", 0.05)
    calls = []

    def fails_twice(_pk, _status, _before):
        calls.append(1)
        if len(calls) < 3:
            raise KeyError("a bug")

    monkeypatch.setattr(ingest, "follow", fails_twice)
    x1.act("print-by-hand")

    listener.until(lambda: len(calls) >= 3)
    assert listener.links[printer.pk].is_up


def test_a_disabled_printer_is_left_alone(listener, printer, x1):
    listener.until(is_state(printer, M.IDLE))
    Station.objects.filter(pk=printer.pk).update(enabled=False)

    listener._due["leases"] = 0
    listener.turn()

    assert printer.pk not in listener.links


def test_the_database_is_given_back_after_every_use(listener, printer, monkeypatch):
    given_back = []
    monkeypatch.setattr(listen, "release_connection", lambda: given_back.append(1))

    listener.turn()

    assert given_back


def test_it_stops_at_once_when_asked_and_gives_its_stations_back(listener, printer, x1, monkeypatch):
    listener.until(is_state(printer, M.IDLE))
    begun = time.monotonic()

    listener.stop()
    monkeypatch.setattr(listener._mailroom, "start", lambda: None)
    Listener.run(listener)

    assert time.monotonic() - begun < 3
    assert Station.objects.get(pk=printer.pk).link_until is None
