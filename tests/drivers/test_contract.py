"""What every driver promises, tried on a simulated printer of every profile."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from printers.drivers import DRIVERS
from printers.drivers.driver import DriverError, MachineState, Outcome, StartOrder, StartRefused, Trouble
from tests.drivers.conftest import PROFILES
from tests.drivers.rig import Rig, endpoint_of, sha256

PREPARING, PRINTING = MachineState.PREPARING, MachineState.PRINTING


def started(rig: Rig) -> None:
    rig.upload()
    rig.start(rig.order)
    rig.until_state(PREPARING, PRINTING)


def test_a_probe_tells_model_firmware_and_the_machine_itself(rig: Rig) -> None:
    found = rig.driver.probe()

    assert found.model == rig.printer.machine.profile.model
    assert found.firmware
    assert rig.printer.serial in found.machine_key
    # SDCP tells nothing of the nozzle.
    assert found.nozzle_mm == (None if rig.driver.protocol == "elegoo" else 0.4)


@pytest.mark.parametrize("rig", [name for name in PROFILES if name != "centauri-carbon"], indirect=True)
def test_a_probe_names_a_wrong_secret(rig: Rig) -> None:
    driver = type(rig.driver)(endpoint_of(rig.printer, secret="87654321"))

    with pytest.raises(DriverError) as caught:
        driver.probe()

    assert caught.value.trouble is Trouble.CREDENTIALS


def test_a_probe_of_a_closed_port_says_so(rig: Rig) -> None:
    rig.printer.act("offline")

    with pytest.raises(DriverError, match="closed") as caught:
        rig.driver.probe()

    assert caught.value.trouble is Trouble.UNREACHABLE


def test_an_upload_starts_nothing_and_stores_every_byte(rig: Rig) -> None:
    told: list[int] = []

    rig.driver.upload(rig.file, rig.remote_name, sha256(rig.file), told.append)

    assert (rig.printer.machine.folder / rig.remote_name).read_bytes() == rig.file.read_bytes()
    assert rig.printer.starts == []
    assert told[-1] == rig.file.stat().st_size


def test_an_upload_of_a_file_that_changed_in_storage_is_given_up(rig: Rig) -> None:
    promised = sha256(rig.file)
    rig.file.write_bytes(rig.file.read_bytes()[:-1] + b"!")

    with pytest.raises(DriverError) as caught:
        rig.driver.upload(rig.file, rig.remote_name, promised)

    assert caught.value.trouble is Trouble.DAMAGED


def test_an_upload_to_a_printer_without_room_says_storage(rig: Rig) -> None:
    rig.printer.fault(storage="full")

    with pytest.raises(DriverError) as caught:
        rig.upload()

    assert caught.value.trouble is Trouble.STORAGE


@pytest.mark.parametrize("name", ["../up.gcode", "a\r\nDELE b.gcode", "x" * 300 + ".gcode", "part.stl", ""])
def test_a_name_no_storage_can_bear_is_refused_before_anything_is_sent(rig: Rig, name: str) -> None:
    with pytest.raises(DriverError) as caught:
        rig.driver.upload(rig.file, name, sha256(rig.file))

    assert caught.value.trouble is Trouble.REFUSED


def test_a_print_runs_from_start_to_finish_and_is_started_once(rig: Rig) -> None:
    rig.upload()
    before = rig.status()

    rig.start(rig.order)
    rig.until_state(PREPARING)
    printing = rig.until(lambda status: status.state is PRINTING and status.progress)
    rig.printer.act("finish-now")
    done = rig.until_state(MachineState.FINISHED)

    assert before.state is MachineState.IDLE
    assert printing.file == rig.remote_name
    assert printing.job_key != before.job_key
    if rig.remembers:
        assert (done.file, done.job_key) == (rig.remote_name, printing.job_key)
    else:
        assert (done.file, done.job_key) == ("", "")
    assert printing.remaining_s is not None
    assert printing.layers == (50 if rig.tells_layers else None)
    assert (done.outcome, done.progress) == (Outcome.COMPLETED, 1.0)
    assert [start.remote_name for start in rig.printer.starts] == [rig.remote_name]


def test_a_second_start_is_refused_and_the_print_goes_on(rig: Rig) -> None:
    started(rig)
    first = rig.until(lambda status: status.job_key).job_key

    with pytest.raises(StartRefused):
        rig.start(replace(rig.order, start_id="77002"))

    assert rig.status().job_key == first
    assert len(rig.printer.starts) == 1


def test_a_paused_print_is_not_replaced_by_a_start(rig: Rig) -> None:
    started(rig)
    rig.order_by_name("pause")
    rig.until_state(MachineState.PAUSED)

    with pytest.raises(StartRefused):
        rig.start(replace(rig.order, start_id="77002"))

    assert len(rig.printer.starts) == 1


def test_pause_and_resume_keep_the_job(rig: Rig) -> None:
    started(rig)
    rig.order_by_name("pause")
    paused = rig.until_state(MachineState.PAUSED)

    rig.order_by_name("resume")
    resumed = rig.until_state(PREPARING, PRINTING)

    assert resumed.job_key == paused.job_key


def test_a_cancelled_print_is_finished_and_cancelled(rig: Rig) -> None:
    started(rig)

    rig.order_by_name("cancel")
    ended = rig.until_state(MachineState.FINISHED)

    assert ended.outcome is Outcome.CANCELLED


def test_runout_pauses_with_a_fault(rig: Rig) -> None:
    started(rig)

    rig.printer.act("runout")
    paused = rig.until(
        lambda status: status.state is MachineState.PAUSED and bool(status.faults) is rig.tells_why
    )

    assert all(fault.text for fault in paused.faults)


def test_an_error_is_an_error_with_words_and_the_print_failed(rig: Rig) -> None:
    started(rig)

    rig.printer.act("error", text="Heater not heating")
    failed = rig.until_state(MachineState.ERROR)

    assert failed.outcome is Outcome.FAILED
    assert failed.faults[0].text


def test_a_print_by_hand_shows_as_another_job(rig: Rig) -> None:
    before = rig.status()

    rig.printer.act("print-by-hand")
    seen = rig.until(lambda status: status.state is not MachineState.IDLE)

    assert seen.job_key != before.job_key
    assert rig.remote_name not in seen.job_key


def test_a_start_that_the_printer_loses_leaves_it_idle(rig: Rig) -> None:
    rig.upload()
    rig.printer.fault(lose_next=1)

    rig.start(rig.order)

    assert rig.status().state is MachineState.IDLE
    assert rig.printer.starts == []


def test_a_removed_file_is_gone_and_removing_it_again_is_no_error(rig: Rig) -> None:
    rig.upload()

    rig.driver.remove(rig.remote_name)
    rig.driver.remove(rig.remote_name)

    assert rig.printer.picture()["files"] == []


@pytest.mark.parametrize("fault", ["nonsense", "half", "mute"])
def test_whatever_answers_a_probe_only_a_driver_error_comes_out(
    rig: Rig, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("printers.drivers.web.ANSWER_S", 0.4)
    monkeypatch.setattr("printers.drivers.octoprint_http.ANSWER_S", 0.4)
    rig.printer.fault(**{fault: True})

    with pytest.raises(DriverError) as caught:
        type(rig.driver)(rig.driver.endpoint).probe()

    assert str(caught.value).endswith(".")


def test_every_driver_tells_what_a_set_up_page_must_know() -> None:
    for name, driver in DRIVERS.items():
        assert driver.protocol == name
        assert driver.label
        assert bool(driver.secret_label) == driver.takes_secret
        assert driver.default_port
        assert driver.formats


def test_a_start_of_a_missing_file_is_refused(rig_of: Callable[..., Rig]) -> None:
    for profile in ("voron-2.4-250", "p1s", "centauri-carbon", "ender-3-v2", "mk4", "mk3s-pi"):
        rig = rig_of(profile)
        ending = rig.remote_name.split(".", 1)[1]

        with pytest.raises(StartRefused):
            rig.start(StartOrder(f"nothing.{ending}", "5", tray_map=rig.order.tray_map))

        assert rig.printer.starts == []
