"""Memory of all of O.D.I.N., idle after the set-up: proportional set sizes, the servers included."""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from odin_site.embedded.children import end, spawn
from odin_site.programs import ROOT

from .processes import command_of, cpu_ms, family, pss_mb

AIM_MB, ORIGINAL_MB = 400, 529
PORT = 8791
QUIET_PERCENT, QUIET_S, AT_MOST_S = 8.0, 10.0, 120.0
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@contextmanager
def stack(home: Path, *arguments: str) -> Iterator[tuple[int, float]]:
    """All of it in `home`; the number of its first process, and the seconds until it was ready."""
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    env |= {"ODIN_HOME": str(home), "PORT": str(PORT)}
    log = home / "run.log"
    begun = time.monotonic()
    with log.open("wb") as output:
        argv = [sys.executable, "-m", "odin_site.run", *arguments]
        child = spawn(argv, output=output, env=env, cwd=ROOT)
    try:
        while "is ready at" not in log.read_text(errors="replace"):
            if child.poll() is not None or time.monotonic() - begun > 300:
                raise SystemExit(log.read_text(errors="replace"))
            time.sleep(0.05)
        yield child.pid, time.monotonic() - begun
    finally:
        end(child, SIGTERM, 40.0)


def set_up() -> None:
    """As the first person does it, on the one page."""
    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("GET", "/set-up/")
    answer = connection.getresponse()
    found, cookies = TOKEN.search(answer.read().decode()), SimpleCookie(answer.headers["Set-Cookie"])
    fields = {
        "csrfmiddlewaretoken": found[1] if found else "", "org": "Idle", "name": "Ada",
        "email": "ada@bench.test", "password": "Correct7horse",
        "time_zone": "Europe/Berlin", "currency": "EUR",
    }  # fmt: skip
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={cookies['csrftoken'].value}",
    }
    connection.request("POST", "/set-up/", urlencode(fields), headers)
    answer = connection.getresponse()
    cookies = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie") or []))
    answer.read()
    if answer.status != 302:
        raise SystemExit(f"The set-up answers {answer.status}.")
    # Each web process has served a page then, as in a farm that is used.
    for _ in range(8):
        page = HTTPConnection("127.0.0.1", PORT, timeout=60)
        page.request("GET", "/o/idle/", headers={"Cookie": f"sessionid={cookies['sessionid'].value}"})
        page.getresponse().read()


def wait_until_quiet(first: int) -> float:
    """Wait until all of it takes little for some seconds; the percent of a core that it then took."""
    ends = time.monotonic() + AT_MOST_S
    while True:
        before = cpu_ms(first)
        time.sleep(QUIET_S)
        percent = (cpu_ms(first) - before) / QUIET_S / 10
        if percent < QUIET_PERCENT or time.monotonic() > ends:
            return percent


def name_of(process: int) -> str:
    """A process by what it is for."""
    command = command_of(process)
    for word, name in (
        ("postgres", "PostgreSQL"), ("valkey", "Valkey"), ("gunicorn", "web"),
        ("odin_site.worker", "worker"),
        ("odin_site.beat", "beat"), (" gateway", "gateway"), ("odin_site.run", "supervisor"),
    ):  # fmt: skip
        if word in command:
            return name
    return command[:60] or "gone"


def table(first: int) -> str:
    processes = [(name_of(pid), pss_mb(pid)) for pid in family(first)]
    names = dict.fromkeys(name for name, _ in processes)
    lines = ["| program | processes | PSS MB |", "|---|---|---|"]
    for name in names:
        sizes = [size for other, size in processes if other == name]
        lines.append(f"| {name} | {len(sizes)} | {sum(sizes):.0f} |")
    total = sum(size for _, size in processes)
    lines.append(
        f"| **all** | {len(processes)} | **{total:.0f}** (aim {AIM_MB}, the original {ORIGINAL_MB}) |"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    with TemporaryDirectory(prefix="odin-bench-") as folder, stack(Path(folder)) as (first, _):
        set_up()
        percent = wait_until_quiet(first)
        print(f"{date.today()}, idle at {percent:.1f} % of a core\n\n{table(first)}")  # noqa: DTZ011


if __name__ == "__main__":
    main()
