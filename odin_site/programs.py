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
        Program("worker", (*_celery("worker"), "--pool=threads", f"--concurrency={WORKER_THREADS}", *_ALONE)),
        Program("beat", (*_celery("beat"), "--pidfile=", f"--schedule={place.home / 'beat-schedule'}")),
        Program("gateway", (*MANAGE, "gateway")),
        Program("operator", (*MANAGE, "demo_operator"), needs=farm),
    ]


# One worker has nobody to gossip with, and would wake up every second to try.
_ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")


# Who starts all as root knows, and it may be the only user of a container.
_AS_ROOT = ("-W", "ignore:You're running the worker with superuser privileges")


def _celery(command: str) -> tuple[str, ...]:
    return (
        sys.executable,
        *_AS_ROOT,
        "-m",
        "celery",
        "--quiet",
        "--app=odin_site",
        command,
        "--loglevel=INFO",
    )


def _web(place: Place) -> tuple[str, ...]:
    host = f"[{place.host}]" if ":" in place.host else place.host
    memory = ["--worker-tmp-dir=/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108
    return (
        *(sys.executable, "-m", "gunicorn", "odin_site.wsgi:application", f"--bind={host}:{place.port}"),
        *("--worker-class=gthread", f"--workers={WEB_PROCESSES}", f"--threads={WEB_THREADS}", "--preload"),
        *("--graceful-timeout=5", "--keep-alive=10", "--log-level=warning", "--no-control-socket", *memory),
    )
