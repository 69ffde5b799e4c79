"""Servers and a web server of our own for measuring, started as odin_site.run starts them."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGTERM
from tempfile import mkdtemp
from urllib.error import URLError
from urllib.request import urlopen

from odin_site.embedded import EmbeddedPostgres, EmbeddedValkey
from odin_site.embedded.children import end, spawn
from odin_site.places import Place
from odin_site.programs import MANAGE, ROOT, programs

PORT = 8790


class Servers:
    """PostgreSQL and Valkey in `home`."""

    def __init__(self, home: Path, port: int = PORT) -> None:
        self.place = Place(home, "127.0.0.1", port)
        self.postgres = EmbeddedPostgres(home)
        self.valkey = EmbeddedValkey(home)

    def start(self) -> None:
        """Start both, tell our children of them by the environment, and bring the database up to date."""
        self.place.home.mkdir(parents=True, exist_ok=True)
        os.environ.update(self.place.environment())
        with (self.place.home / "servers.log").open("ab") as log:
            self.postgres.start(log)
            os.environ["DATABASE_URL"] = self.postgres.url
            self.valkey.start(log)
            os.environ["REDIS_URL"] = self.valkey.url
        subprocess.run([*MANAGE, "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()


@contextmanager
def servers(home: Path | None, port: int = PORT) -> Iterator[Servers]:
    """Servers in `home`, kept there, or in a folder that is gone afterwards."""
    with ExitStack() as cleanup:
        if home is None:
            home = Path(mkdtemp(prefix="odin-bench-"))
            cleanup.callback(shutil.rmtree, home, ignore_errors=True)
        run = Servers(home.absolute(), port)
        cleanup.callback(run.stop)
        run.start()
        yield run


@contextmanager
def web(place: Place) -> Iterator[int]:
    """The web server as odin_site.programs has it; the number of its first process."""
    argv = next(program.argv for program in programs(place) if program.name == "web")
    with (place.home / "web.log").open("ab") as log:
        child = spawn(argv, output=log, env=dict(os.environ), cwd=ROOT)
        try:
            _wait(f"{place.url}/healthz", child)
            yield child.pid
        finally:
            end(child, SIGTERM, 10.0)


def _wait(url: str, child: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 60
    while True:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            if child.poll() is not None or time.monotonic() > ends:
                sys.exit(f"The web server does not answer at {url}; its log is beside the data.")
        time.sleep(0.1)


def farm(*arguments: str) -> str:
    """What `python -m benchmarks.farm` says: it does all that needs Django."""
    argv = [sys.executable, "-m", "benchmarks.farm", *arguments]
    return subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def talking(*, changing: int) -> Iterator[None]:
    """The printers report meanwhile, `changing` of them something new each second."""
    argv = [sys.executable, "-m", "benchmarks.farm", "tell", f"--changing={changing}"]
    child = spawn(argv, output=None, env=dict(os.environ), cwd=ROOT)
    try:
        yield
    finally:
        end(child, SIGTERM, 5.0)
