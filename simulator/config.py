"""What a farm to be simulated is made of, and how a configuration file says it.

The file is JSON: {"control": {"host": "127.0.0.1", "port": 7900}, "speed": 60, "folder": "/tmp/sim",
"printers": [{"name": "voron-1", "profile": "voron-2.4-250", "host": "127.77.0.1", "port": 7125,
"file_port": 0, "serial": "", "secret": "", "speed": 60}]}. Port 0 lets the system choose.
"""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from simulator.profiles import PROFILES


class ConfigError(Exception):
    """The configuration cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class PrinterSpec:
    """One printer to simulate. `speed` 60 makes an hour's print last a minute; `push_s` paces reports."""

    name: str
    profile: str
    host: str = "127.0.0.1"
    port: int = 0
    file_port: int = 0
    serial: str = ""
    secret: str = ""
    speed: float = 1.0
    push_s: float = 1.0

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ConfigError(
                f"printer {self.name}: no profile {self.profile!r}, there are {sorted(PROFILES)}"
            )


@dataclass(frozen=True, slots=True)
class FarmSpec:
    """A whole farm; without `control_host` there is no control endpoint."""

    printers: list[PrinterSpec]
    control_host: str = ""
    control_port: int = 0
    folder: Path | None = field(default=None)


def load(path: Path) -> FarmSpec:
    """Read a configuration file; ConfigError if it is none."""
    try:
        said: dict[str, Any] = json.loads(path.read_text())
        known = {entry.name for entry in fields(PrinterSpec)}
        printers = []
        for entry in said["printers"]:
            if unknown := set(entry) - known:
                raise ConfigError(f"printer {entry.get('name')}: unknown {sorted(unknown)}")
            printers.append(PrinterSpec(**{"speed": said.get("speed", 1.0), **entry}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: {error!r}") from error
    control = said.get("control", {})
    folder = said.get("folder")
    return FarmSpec(
        printers, control.get("host", ""), int(control.get("port", 0)), Path(folder) if folder else None
    )
