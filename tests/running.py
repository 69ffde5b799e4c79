"""A whole O.D.I.N. as people start it: a child with a home, a port and servers of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S, STOPS_WITHIN_S = 170, 40
# What the test run sets for itself, and a server of its own must not see.
OURS = ("DATABASE_URL", "REDIS_URL", "ODIN_SECRET_KEY", "ODIN_ALLOW_LOOPBACK_PRINTERS")


class Running:
    """The child, what it said, and whom its demo knows (empty without one)."""

    def __init__(self, home: Path, port: int, *options: str) -> None:
        self.home, self.url = home, f"http://127.0.0.1:{port}"
        self.said: list[str] = []
        self._ready = threading.Event()
        env = {name: value for name, value in os.environ.items() if name not in OURS}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "odin_site.run", *options],
            cwd=ROOT, env={**env, "ODIN_HOME": str(home), "PORT": str(port)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.child.stdout or ():
            self.said.append(line)
            if line.startswith("O.D.I.N. is ready"):
                self._ready.set()
        self._ready.set()

    def wait_until_ready(self) -> None:
        self._ready.wait(READY_WITHIN_S)
        assert any(line.startswith("O.D.I.N. is ready") for line in self.said), "".join(self.said[-30:])

    @property
    def people(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.home / "demo.json").read_text())
        return told

    def person(self, role: str, org: int = 0) -> dict[str, str]:
        people: list[dict[str, str]] = self.people["orgs"][org]["users"]
        return next(one for one in people if one["role"] == role)

    def slug(self, org: int = 0) -> str:
        return str(self.people["orgs"][org]["slug"])

    def api(self, role: str = "operator", org: int = 0) -> "Api":
        return Api(self.url, self.person(role, org)["token"])

    def simulated(self) -> list[dict[str, Any]]:
        """The simulated printers as one sees them standing before them."""
        answer: list[dict[str, Any]] = requests.get(f"{self._control}/printers", timeout=10).json()
        return answer

    def act(self, printer: dict[str, Any], verb: str, **details: Any) -> bool:
        """Lay hands on a simulated printer; False if that could not be done to it now."""
        url = f"{self._control}/printers/{printer['name']}/{verb}"
        return requests.post(url, json=details, timeout=10).status_code == 200

    def key_of(self, name: str, org: int = 0) -> str:
        """The simulator's name of the printer that the pages of an organisation call `name`."""
        sites = json.loads((self.home / "demo" / "sites.json").read_text())
        ours = [site["key"] for site in sites if site["name"] == name]
        return str(ours[org])

    @property
    def _control(self) -> str:
        control = json.loads((self.home / "demo" / "simulator.json").read_text())["control"]
        return f"http://{control['host']}:{control['port']}"

    def program(self, *words: str) -> int:
        """The process id of the program whose command line has all of `words`."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0") for pid in children}
        return int(next(pid for pid, line in lines.items() if set(words) <= set(line)))

    def stop(self) -> None:
        self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(STOPS_WITHIN_S)
        finally:
            self.child.kill()


class Api(requests.Session):
    """The REST API of a running server; paths begin with /."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__()
        self.base = url
        self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, f"{self.base}/api{url}", *args, timeout=30, **kwargs)

    def all(self, path: str, **filters: str) -> list[dict[str, Any]]:
        answer = self.get(path, params={"limit": "2000", **filters})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@contextmanager
def started(*options: str) -> Iterator[Running]:
    """A ready server; its logs stay in .cache/walk-log, to look at after a failure."""
    # Below /tmp itself: the paths of sockets may not be long, and PostgreSQL may run as another user.
    home = Path(tempfile.mkdtemp(prefix="odin-walk-"))
    home.chmod(0o711)
    running = Running(home, free_port(), *options)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
        shutil.copytree(home / "log", ROOT / ".cache" / "walk-log", dirs_exist_ok=True)
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as web:
        web.bind(("127.0.0.1", 0))
        return int(web.getsockname()[1])


def eventually(ask: Callable[[], Any], within_s: float = 90, every_s: float = 0.25) -> Any:
    """The first true answer of `ask`; fails with the last one. For what another process does in its time."""
    ends = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < ends, f"not within {within_s} s; last answer: {answer!r}"
        time.sleep(every_s)
    return answer
