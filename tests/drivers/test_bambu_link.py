"""Traps on the wire to a Bambu printer: certificates, serials, lost messages, cut files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from printers.drivers.bambu import BambuDriver
from printers.drivers.driver import DriverError, MachineState, StartRefused, Trouble
from simulator.bambu import BambuFront
from simulator.farm import Handle
from tests.drivers.rig import LinkRig, endpoint_of, make_3mf, sha256


@pytest.fixture
def bambu(rig_of: Callable[..., LinkRig]) -> LinkRig:
    return rig_of("p1s")


def front_of(printer: Handle) -> BambuFront:
    assert isinstance(printer.front, BambuFront)
    return printer.front


def test_a_wrong_serial_connects_and_stays_silent(bambu: LinkRig) -> None:
    with pytest.raises(DriverError, match="serial number") as caught:
        BambuDriver(endpoint_of(bambu.printer, serial=bambu.printer.serial.lower())).probe()

    assert caught.value.trouble is Trouble.WRONG_SERIAL


def test_a_missing_serial_is_said_at_once(bambu: LinkRig) -> None:
    with pytest.raises(DriverError) as caught:
        BambuDriver(endpoint_of(bambu.printer, serial="")).probe()

    assert caught.value.trouble is Trouble.WRONG_SERIAL


def test_a_changed_certificate_is_refused_before_the_code_is_sent(bambu: LinkRig) -> None:
    first = bambu.driver.probe().fingerprint
    driver = BambuDriver(endpoint_of(bambu.printer, fingerprint=first))
    driver.probe()
    bambu.printer.act("renew-certificate")

    for call in (driver.probe, lambda: driver.remove("a.gcode.3mf")):
        with pytest.raises(DriverError) as caught:
            call()
        assert caught.value.trouble is Trouble.CERTIFICATE
    assert BambuDriver(endpoint_of(bambu.printer)).probe().fingerprint not in ("", first)


def test_a_probe_tries_the_storage_too(bambu: LinkRig) -> None:
    with pytest.raises(DriverError, match="file port"):
        BambuDriver(endpoint_of(bambu.printer, file_port=1)).probe()


def test_a_probe_warns_of_a_missing_developer_mode(rig_of: Callable[..., LinkRig]) -> None:
    rig = rig_of("x1-carbon")
    rig.printer.fault(locked=True)

    assert "Developer Mode" in rig.driver.probe().warnings[0]


def test_a_locked_printer_refuses_the_start_by_its_answer(bambu: LinkRig) -> None:
    bambu.upload()
    bambu.printer.fault(locked=True)

    with pytest.raises(StartRefused, match="Developer Mode"):
        bambu.start(bambu.order)

    assert bambu.printer.starts == []


def test_a_file_cut_on_its_way_is_found_by_its_size(bambu: LinkRig) -> None:
    bambu.printer.fault(short_upload=100)

    with pytest.raises(DriverError, match="Only 100 of") as caught:
        bambu.upload()

    assert caught.value.trouble is Trouble.DAMAGED


def test_a_transfer_whose_answer_never_comes_is_judged_by_size(bambu: LinkRig) -> None:
    bambu.printer.fault(late_reply=True)

    bambu.upload()

    assert bambu.printer.picture()["files"] == [bambu.remote_name]


@pytest.mark.parametrize("fault", ["nonsense", "mute"])
def test_a_broken_file_server_gives_a_driver_error(bambu: LinkRig, fault: str) -> None:
    bambu.printer.fault(**{fault: True})

    with pytest.raises(DriverError):
        bambu.upload()


def test_a_printer_without_storage_says_so(bambu: LinkRig) -> None:
    bambu.printer.fault(storage="missing")

    with pytest.raises(DriverError, match="memory card"):
        bambu.upload()


def test_a_large_file_arrives_whole(bambu: LinkRig, tmp_path: Path) -> None:
    file = make_3mf(tmp_path / "large.gcode.3mf", padding=5_000_000)

    bambu.driver.upload(file, "large.gcode.3mf", sha256(file))

    assert (bambu.printer.machine.folder / "large.gcode.3mf").stat().st_size == file.stat().st_size


def test_a_start_of_a_damaged_file_is_refused_by_the_printer(bambu: LinkRig) -> None:
    (bambu.printer.machine.folder / bambu.remote_name).write_bytes(bambu.file.read_bytes()[:200])

    with pytest.raises(StartRefused):
        bambu.start(bambu.order)

    assert bambu.until(lambda status: status.faults).faults[0].code == "0500_4003"


def test_a_start_with_the_wrong_checksum_of_the_plate_is_refused(bambu: LinkRig) -> None:
    bambu.upload()

    with pytest.raises(StartRefused):
        bambu.start(replace(bambu.order, plate_md5="0" * 32))


def test_starts_are_sent_with_qos_0_and_not_again_after_a_loss(bambu: LinkRig) -> None:
    bambu.upload()
    bambu.printer.fault(cut_next=1, no_ack=True)

    bambu.start(bambu.order)
    seen = bambu.until(lambda status: status.job_key == "77001")

    assert seen.state in (MachineState.PREPARING, MachineState.PRINTING)
    assert len(bambu.printer.starts) == 1
    sent = [message for message in front_of(bambu.printer).received if message.command == "project_file"]
    assert [message.qos for message in sent] == [0]


def test_a_start_lost_with_the_line_starts_nothing_and_leaves_the_old_job(bambu: LinkRig) -> None:
    bambu.upload()
    bambu.printer.fault(drop_next=1)

    bambu.start(bambu.order)
    seen = bambu.until(lambda status: status.full)

    assert seen.job_key == ""
    assert bambu.printer.starts == []


def test_a_start_that_slips_through_while_busy_cancels_the_print_of_an_a1_mini(
    rig_of: Callable[..., LinkRig],
) -> None:
    rig = rig_of("a1-mini")
    rig.upload()
    sequence, messages = rig.talk.start(rig.order)
    rig.send(sequence, messages)
    rig.until_state(MachineState.PREPARING, MachineState.PRINTING)

    rig.send("none", messages, patience_s=0.01)

    rig.until(lambda status: status.raw_state == "FAILED")
    assert [run.end for run in rig.printer.machine.runs] == ["cancelled"]


def test_the_link_comes_back_after_a_reboot_with_the_new_state(bambu: LinkRig) -> None:
    bambu.upload()
    bambu.start(bambu.order)
    bambu.until_state(MachineState.PREPARING, MachineState.PRINTING)

    bambu.printer.act("reboot")

    assert bambu.until(lambda status: status.full and status.state is MachineState.IDLE).job_key == ""


def test_spools_are_told_and_their_changes_too(bambu: LinkRig) -> None:
    before = bambu.status().trays

    bambu.printer.act("load-spool", slot=1, material="ABS", color="#112233", remain=0.5, tag="AB" * 16)
    loaded = bambu.until(lambda status: status.trays[1].material == "ABS").trays[1]
    bambu.printer.act("empty-slot", slot=0)
    bambu.until(lambda status: status.trays[0].material == "")

    assert before[0].material == "PLA"
    assert (loaded.color, loaded.remain, loaded.tag) == ("#112233", 0.5, "AB" * 16)


def test_an_unreachable_name_is_a_driver_error(bambu: LinkRig) -> None:
    driver = BambuDriver(endpoint_of(bambu.printer, host="no-such-host.invalid"))

    for call in (driver.probe, lambda: driver.remove("a.gcode.3mf")):
        with pytest.raises(DriverError) as caught:
            call()
        assert caught.value.trouble is Trouble.UNREACHABLE
