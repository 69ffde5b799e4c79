"""Many simulated printers in one process, each on its own address, in a thread of their own if wanted."""

import asyncio
import tempfile
import threading
import zlib
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from simulator.bambu import BambuFront
from simulator.config import FarmSpec, PrinterSpec
from simulator.control import Control
from simulator.elegoo import ElegooFront
from simulator.moonraker import MoonrakerFront
from simulator.octoprint import OctoPrintFront
from simulator.printer import Machine, Spool, Start
from simulator.profiles import PROFILES
from simulator.prusalink import PrusaLinkFront
from simulator.verbs import Front, act, picture

Found = TypeVar("Found")
_PATIENCE_S = 30.0
_SERIALS = {
    "moonraker": "{:024X}",
    "octoprint": "{:024X}",
    "elegoo": "{:024X}",
    "prusalink": "10589-3742{:012d}",
}
_SPOOLS = (("PLA", "#FF6A13"), ("PLA", "#1A1A1A"), ("PETG", "#FFFFFF"), ("PLA", "#0A62C4"))


def build(spec: PrinterSpec, folder: Path) -> Front:
    """A printer as `spec` says, not yet listening; its files go to a folder of its own under `folder`."""
    profile = PROFILES[spec.profile]
    home = folder / spec.name
    home.mkdir(parents=True, exist_ok=True)
    number = zlib.crc32(spec.name.encode())
    serial = spec.serial or _SERIALS.get(profile.protocol, "01S00C{:09d}").format(number % 10**9)
    machine = Machine(spec.name, profile, home, speed=spec.speed, serial=serial, secret=spec.secret)
    for slot in range(profile.units * 4):
        material, color = _SPOOLS[slot % 4]
        machine.slots[slot] = Spool(material, color, 0.8, f"{number:08X}{slot:024X}" if slot % 2 == 0 else "")
    if profile.protocol == "moonraker":
        return MoonrakerFront(machine, spec.host, spec.port)
    if profile.protocol == "elegoo":
        machine.serial = spec.serial or f"5c441dd3{number:08x}0800009c00000000"
        return ElegooFront(machine, spec.host, spec.port, push_s=spec.push_s)
    if profile.protocol == "octoprint":
        return OctoPrintFront(machine, spec.host, spec.port)
    if profile.protocol == "prusalink":
        return PrusaLinkFront(machine, spec.host, spec.port)
    return BambuFront(machine, spec.host, spec.port, spec.file_port, push_s=spec.push_s)


class Simulation:
    """All printers of a farm and its control endpoint in the running event loop."""

    def __init__(self, spec: FarmSpec, folder: Path) -> None:
        self.fronts: dict[str, Front] = {printer.name: build(printer, folder) for printer in spec.printers}
        self.control = (
            Control(self.fronts, spec.control_host, spec.control_port) if spec.control_host else None
        )

    async def open(self) -> None:
        for front in self.fronts.values():
            await front.open()
        if self.control:
            await self.control.open()

    def close(self) -> None:
        for front in self.fronts.values():
            front.close()
        if self.control:
            self.control.close()


class Handle:
    """A test's hand on one printer of a running Farm; every call is done in the farm's own thread."""

    def __init__(self, farm: "Farm", front: Front) -> None:
        self._farm = farm
        self.front = front

    @property
    def machine(self) -> Machine:
        return self.front.machine

    @property
    def host(self) -> str:
        return self.front.host

    @property
    def port(self) -> int:
        return self.front.port

    @property
    def file_port(self) -> int:
        return self.front.file_port

    @property
    def serial(self) -> str:
        return self.machine.serial

    @property
    def starts(self) -> list[Start]:
        return list(self.machine.starts)

    @property
    def collisions(self) -> int:
        return self.machine.collisions

    def picture(self) -> dict[str, Any]:
        """What can be seen of the printer by standing before it."""
        return self._farm.call(lambda: picture(self.front))

    def act(self, verb: str, **details: Any) -> None:
        """Do one of simulator.verbs.VERBS, "offline" or "online"."""
        self._farm.run(act(self.front, verb, **details))

    def fault(self, **wanted: object) -> None:
        """Order misbehaviour (simulator.faults.Faults)."""
        self.act("fault", **wanted)

    def mend(self) -> None:
        self.act("mend")

    def clear_plate(self) -> None:
        self.act("clear-plate")


class Farm:
    """A simulation in a thread of its own: `with Farm([PrinterSpec(...)]) as farm: farm["name"].port`."""

    def __init__(self, printers: Sequence[PrinterSpec] | FarmSpec, control_host: str = "") -> None:
        self._spec = printers if isinstance(printers, FarmSpec) else FarmSpec(list(printers), control_host)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulated farm", daemon=True)
        self._folder = tempfile.TemporaryDirectory(prefix="odin-simulator-")
        self.simulation = Simulation(self._spec, self._spec.folder or Path(self._folder.name))

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self.simulation.open())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.run(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()
        self._folder.cleanup()

    def __getitem__(self, name: str) -> Handle:
        return Handle(self, self.simulation.fronts[name])

    @property
    def control_url(self) -> str:
        control = self.simulation.control
        return f"http://{control.host}:{control.port}" if control else ""

    def run(self, work: Coroutine[Any, Any, Found]) -> Found:
        """Run a coroutine in the farm's thread and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    def call(self, work: Callable[[], Found]) -> Found:
        """Call a function in the farm's thread and wait for it."""

        async def called() -> Found:
            return work()

        return self.run(called())

    async def _shut(self) -> None:
        self.simulation.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
