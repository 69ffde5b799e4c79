"""What can be done to a simulated printer from outside its protocol: by a hand, a mishap or a test."""

from collections.abc import Callable
from typing import Any, Protocol

from simulator.printer import Machine, Refusal, Spool
from simulator.sliced import Sliced


class Front(Protocol):
    """A protocol's network face of a machine."""

    machine: Machine
    host: str
    port: int
    file_port: int

    async def open(self) -> None: ...

    def close(self) -> None: ...

    def cut(self) -> None: ...


def _print_by_hand(front: Front, name: str = "by-hand.gcode", duration_s: float = 3600.0) -> None:
    """Somebody starts a print at the machine itself."""
    if front.machine.active:
        raise Refusal("A print is running")
    front.machine.start(
        name, Sliced(float(duration_s), 100, 20.0, 6700.0), title=name.split(".")[0], by_hand=True
    )


def _error(front: Front, text: str = "Heater extruder not heating at expected rate") -> None:
    front.machine.fail(text)


def _firmware(
    front: Front, state: str = "disconnected", text: str = "MCU 'mcu' shutdown: Timer too close"
) -> None:
    """Klipper behind Moonraker goes to `state`; anything but "ready" loses the print."""
    if state != "ready":
        front.machine.fail(text, "klippy_disconnect" if state == "disconnected" else "klippy_shutdown")
    else:
        front.machine.reboot()
    front.machine.firmware_state = state


def _reboot(front: Front) -> None:
    front.machine.reboot()
    front.cut()


def _load_spool(front: Front, slot: int, material: str = "PLA", color: str = "#FFFFFF", remain: float = 1.0,
                tag: str = "") -> None:  # fmt: skip
    front.machine.slots[int(slot)] = Spool(material, color, float(remain), tag)
    front.machine.changed()


def _empty_slot(front: Front, slot: int) -> None:
    front.machine.slots[int(slot)] = None
    front.machine.changed()


def _cancel_at_machine(front: Front) -> None:
    front.machine.cancel()


def _finish_now(front: Front) -> None:
    """Jump to the end of the running print."""
    machine = front.machine
    machine.advance()
    if machine.run is None or not machine.active:
        raise Refusal("Nothing is printing")
    if not machine.out_of_filament and machine.phase.value == "paused":
        machine.resume()
    machine.run.prepare_left_s = min(machine.run.prepare_left_s, 0.001)
    machine.run.elapsed_s = max(machine.run.elapsed_s, machine.run.sliced.duration_s - 0.001)
    machine.changed()


def _renew_certificate(front: Front) -> None:
    """Show another certificate, as after a factory reset; Refusal for a printer without one."""
    renew = getattr(front, "renew_certificate", None)
    if renew is None:
        raise Refusal("This printer has no certificate")
    renew()


VERBS: dict[str, Callable[..., None]] = {
    "clear-plate": lambda front: front.machine.clear_plate(),
    "print-by-hand": _print_by_hand,
    "pause-by-hand": lambda front: front.machine.pause(),
    "resume-by-hand": lambda front: front.machine.resume(),
    "cancel-by-hand": _cancel_at_machine,
    "finish-now": _finish_now,
    "acknowledge": lambda front: front.machine.acknowledge(),
    "error": _error,
    "runout": lambda front: front.machine.run_out(),
    "refill": lambda front: front.machine.refill(),
    "firmware": _firmware,
    "reboot": _reboot,
    "cut": lambda front: front.cut(),
    "load-spool": _load_spool,
    "empty-slot": _empty_slot,
    "fault": lambda front, **wanted: front.machine.faults.order(**wanted),
    "renew-certificate": _renew_certificate,
    "mend": lambda front: front.machine.faults.mend(),
}


class UnknownVerb(Exception):
    """There is no such thing to do."""


async def act(front: Front, verb: str, **details: Any) -> None:
    """Do `verb`; raises UnknownVerb, Refusal, or TypeError, KeyError and ValueError for unfit details."""
    if verb == "offline":
        front.close()
    elif verb == "online":
        await front.open()
    elif verb in VERBS:
        VERBS[verb](front, **details)
        front.machine.changed()
    else:
        raise UnknownVerb(verb)


def picture(front: Front) -> dict[str, Any]:
    """All that can be seen of a printer by standing before it."""
    machine = front.machine
    machine.advance()
    run = machine.run
    return {
        "name": machine.name,
        "profile": machine.profile.key,
        "protocol": machine.profile.protocol,
        "host": front.host,
        "port": front.port,
        "file_port": front.file_port,
        "serial": machine.serial,
        "phase": machine.phase.value,
        "file": run.remote_name if run else "",
        "progress": round(run.share, 4) if run else 0.0,
        "remaining_s": round(run.remaining_s / machine.speed, 1) if run else 0.0,
        "plate_full": machine.plate_full,
        "collisions": machine.collisions,
        "out_of_filament": machine.out_of_filament,
        "trouble": machine.trouble,
        "files": sorted(path.name for path in machine.folder.iterdir() if not path.name.startswith(".")),
        "starts": [
            {"remote_name": start.remote_name, "at": start.at, "key": start.key, "by_hand": start.by_hand}
            for start in machine.starts
        ],
    }
