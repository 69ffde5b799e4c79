import pytest

from printers import commands
from printers.drivers.driver import DriverError, MachineState, Trouble
from printers.reaching import driver_of
from simulator.config import PrinterSpec
from simulator.farm import Farm
from tests.factories.printers import make_printer


@pytest.fixture(scope="module")
def voron():
    with Farm([PrinterSpec("voron", "voron-2.4-250")]) as farm:
        yield farm["voron"]


@pytest.fixture
def printing(acme, voron):
    """A printer of ours that prints something started by hand."""
    voron.mend()
    voron.act("reboot")
    voron.act("print-by-hand")
    return make_printer(address=voron.host, port=voron.port)


def state_of(printer):
    return driver_of(printer).status().state


def test_a_printer_is_paused_and_goes_on(printing):
    assert commands.send(printing, "pause") == "The printer took the order to pause."
    assert state_of(printing) is MachineState.PAUSED

    commands.send(printing, "resume", job_key=driver_of(printing).status().job_key)
    assert state_of(printing) in (MachineState.PREPARING, MachineState.PRINTING)


def test_an_order_for_another_print_is_refused_and_not_sent(printing, voron):
    with pytest.raises(DriverError) as caught:
        commands.send(printing, "cancel", job_key="000001:other.gcode")

    assert caught.value.trouble is Trouble.REFUSED
    assert voron.machine.active


def test_the_emergency_stop_asks_nothing_first(printing, voron):
    commands.send(printing, "stop")

    assert not voron.machine.active


def test_the_database_is_given_back_before_the_printer_is_talked_to(printing, monkeypatch):
    seen = []
    monkeypatch.setattr(commands, "release_connection", lambda: seen.append("given back"))
    monkeypatch.setattr(commands, "resolved", lambda endpoint, _protocol: seen.append("talks") or endpoint)

    commands.send(printing, "pause")

    assert seen == ["given back", "talks"]


def test_what_is_no_command_is_never_sent(printing):
    with pytest.raises(ValueError, match="no command"):
        commands.send(printing, "start")
