"""The programs O.D.I.N. consists of, as command lines."""

import sys
from dataclasses import dataclass
from pathlib import Path

from .places import Place

ROOT = Path(__file__).resolve().parent.parent
MANAGE = (sys.executable, str(ROOT / "manage.py"))
WEB_PROCESSES, WEB_THREADS, WORKER_THREADS = 2, 8, 8


@dataclass(frozen=True)
class Program:
    """A command line; where `needs` names a file, it runs only from when that exists."""

    name: str
    argv: tuple[str, ...]
    needs: Path | None = None


def programs(place: Place) -> list[Program]:
    """All that runs beside the servers; the demo's only where there is a demo farm."""
    farm = place.home / "demo" / "simulator.json"
    return [
        Program("simulator", (sys.executable, "-m", "simulator", "--config", str(farm)), needs=farm),
        Program("web", _web(place)),
        Program("worker", (sys.executable, *_AS_ROOT, "-m", "odin_site.worker", str(WORKER_THREADS))),
        Program("beat", (sys.executable, "-m", "odin_site.beat", str(place.home / "beat-schedule"))),
        Program("gateway", (*MANAGE, "gateway")),
        Program("operator", (*MANAGE, "demo_operator"), needs=farm),
    ]


# Who starts all as root knows, and it may be the only user of a container.
_AS_ROOT = ("-W", "ignore:You're running the worker with superuser privileges")


def _web(place: Place) -> tuple[str, ...]:
    host = f"[{place.host}]" if ":" in place.host else place.host
    memory = ["--worker-tmp-dir=/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108
    return (
        *(sys.executable, "-m", "gunicorn", "odin_site.wsgi:application", f"--bind={host}:{place.port}"),
        *("--worker-class=gthread", f"--workers={WEB_PROCESSES}", f"--threads={WEB_THREADS}", "--preload"),
        *("--graceful-timeout=5", "--keep-alive=10", "--log-level=warning", "--no-control-socket", *memory),
    )
