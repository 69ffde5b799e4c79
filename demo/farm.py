"""Which simulated printers the demo has, and where the simulator and the drivers find them."""

import json
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

SPEED = 60
CONTROL_PORT = 7900
# 127.64 to 127.127.
NETWORKS = 64
ENDER = "ender-3-v2-klipper"
CARBON = "Elegoo Centauri Carbon"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of printer: as it is simulated (`profile`) and as it is entered here."""

    name: str
    profile: str
    protocol: str
    model: str
    bed_mm: tuple[float, float, float]
    port: int
    file_port: int
    rate_per_hour: str
    slots: int


KINDS = {
    kind.name: kind
    for kind in (
        Kind("Voron", "voron-2.4-250", "moonraker", "Voron 2.4 250", (250, 250, 230), 7125, 0, "1.20", 1),
        Kind("Ender", ENDER, "moonraker", "Creality Ender-3 V2", (220, 220, 250), 7125, 0, "0.60", 1),
        Kind("Marlin", "ender-3-v2", "octoprint", "Creality Ender-3 V2", (220, 220, 250), 5000, 0, "0.60", 1),
        Kind("Mini", "a1-mini", "bambu", "Bambu Lab A1 mini", (180, 180, 180), 8883, 9990, "0.70", 4),
        Kind("P1S", "p1s", "bambu", "Bambu Lab P1S", (256, 256, 250), 8883, 9990, "1.00", 4),
        Kind("X1C", "x1-carbon", "bambu", "Bambu Lab X1 Carbon", (256, 256, 250), 8883, 9990, "1.50", 4),
        Kind("Centauri", "centauri-carbon", "elegoo", CARBON, (257, 257, 257), 3030, 0, "0.80", 1),
        Kind("MK4", "mk4", "prusalink", "Prusa MK4", (250, 210, 220), 8080, 0, "0.90", 1),
        Kind("MK3S", "mk3s-pi", "prusalink", "Prusa MK3S", (250, 210, 210), 8080, 0, "0.80", 1),
    )
}  # fmt: skip
MIX = ("Voron", "Ender", "Mini", "P1S", "X1C", "MK4", "Voron", "Mini", "Marlin", "MK3S", "Mini", "Centauri")


@dataclass(frozen=True, slots=True)
class Site:
    """One simulated printer: `key` names it in the simulator, `name` on our pages."""

    key: str
    name: str
    kind: str
    host: str
    serial: str
    secret: str


def free_network(port: int) -> int:
    """The 127.x in which no other farm on this machine has its control: by our `port`, else the next."""
    for network in (64 + (port + at) % NETWORKS for at in range(NETWORKS)):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((control_host(network), CONTROL_PORT))
            except OSError:
                continue
            return network
    raise OSError(f"{NETWORKS} simulated farms run on this machine already.")


def control_host(network: int) -> str:
    return f"127.{network}.0.1"


def sites(org: int, short: str, count: int, network: int, port: int) -> list[Site]:
    """`count` printers of the mix for the org numbered `org`, in 127.`network`; secrets differ by `port`."""
    made: list[Site] = []
    numbers: dict[str, int] = {}
    for at in range(count):
        kind = MIX[at % len(MIX)]
        numbers[kind] = numbers.get(kind, 0) + 1
        bambu, open_to_all = KINDS[kind].protocol == "bambu", KINDS[kind].protocol == "moonraker"
        made.append(
            Site(
                key=f"{short}-{at + 1}",
                name=f"{kind} {numbers[kind]}",
                kind=kind,
                host=f"127.{network}.{org * 4 + at // 250}.{at % 250 + 1}",
                serial=f"0{org}S00D{port:05d}{at + 1:04d}" if bambu else f"{port:08X}{org:04X}{at + 1:012X}",
                secret="" if open_to_all else f"{port % 10000:04d}{at + 1:04d}",
            )
        )
    return made


def config_path() -> Path:
    path: Path = settings.SIMULATOR_CONFIG
    return path


def write_config(printers: list[Site], network: int) -> None:
    """Tell the simulator what to simulate; replaced at once, so that it never reads half a file."""
    home = config_path().parent
    home.mkdir(parents=True, exist_ok=True)
    said = {
        "control": {"host": control_host(network), "port": CONTROL_PORT},
        "speed": SPEED,
        "folder": str(home / "printers"),
        "printers": [
            {
                "name": site.key,
                "profile": KINDS[site.kind].profile,
                "host": site.host,
                "port": KINDS[site.kind].port,
                "file_port": KINDS[site.kind].file_port,
                "serial": site.serial,
                "secret": site.secret,
            }
            for site in printers
        ],
    }
    aside = config_path().with_suffix(".new")
    aside.write_text(json.dumps(said, indent=1))
    aside.replace(config_path())
    (home / "sites.json").write_text(json.dumps([asdict(site) for site in printers]))


def control_url() -> str:
    control = json.loads(config_path().read_text())["control"]
    return f"http://{control['host']}:{control['port']}"


def known_sites() -> Iterator[Site]:
    for said in json.loads((config_path().parent / "sites.json").read_text()):
        yield Site(**said)
