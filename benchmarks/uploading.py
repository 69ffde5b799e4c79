"""A file of 1 GB goes up through the web server: its memory, and how long other pages take meanwhile."""

import argparse
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

from .asking import Client, Request, percentile
from .large_files import write_gcode
from .processes import cpu_ms, family, pss_mb
from .server import farm, servers, web

BOUNDARY = "odin-bench"
PIECE = 1024 * 1024


def upload(port: int, token: str, path: Path, used: threading.Event) -> tuple[int, float]:
    """Status and seconds of one POST of `path`; `used` is set when it is answered."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.gcode"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + path.stat().st_size + len(tail)),
    }
    begun = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("POST", "/api/models", _body(head, path, tail), headers)
    status = connection.getresponse().status
    used.set()
    return status, time.perf_counter() - begun


def _body(head: bytes, path: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
    yield tail


def waits(port: int, request: Request, until: threading.Event, most_s: float) -> list[float]:
    """Milliseconds of each of the requests made one after another until the event, or for `most_s`."""
    client, times_ms = Client(port), []
    ends = time.monotonic() + most_s
    while not until.is_set() and time.monotonic() < ends:
        begun = time.perf_counter()
        client.ask(request)
        times_ms.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.02)
    return times_ms


def memory_of(process: int, until: threading.Event) -> float:
    """The highest PSS in MB of the web processes together until the event."""
    highest = 0.0
    while not until.is_set():
        highest = max(highest, sum(map(pss_mb, family(process))))
        time.sleep(0.1)
    return highest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="keep the servers and their data here, for the next time")
    parser.add_argument("--megabytes", type=int, default=1000)
    wishes = parser.parse_args()
    with servers(wishes.home) as run:
        farm("fill", "--share=0.1")
        way_in = json.loads((run.place.home / "bench.json").read_text())
        path = run.place.home / "large.gcode"
        write_gcode(path, wishes.megabytes)
        page = Request(f"/o/{way_in['slug']}/models/", {"Cookie": f"sessionid={way_in['session']}"})
        print(f"{date.today()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")  # noqa: DTZ011
        with web(run.place) as process:
            waits(run.place.port, page, threading.Event(), 2.0)
            quiet = waits(run.place.port, page, threading.Event(), 5.0)
            before, cpu_before = sum(map(pss_mb, family(process))), cpu_ms(process)
            answered = threading.Event()
            found: dict[str, float] = {}
            watch = threading.Thread(target=lambda: found.update(peak=memory_of(process, answered)))
            ask = threading.Thread(
                target=lambda: found.update(
                    p95=percentile(times := waits(run.place.port, page, answered, 600), 95), count=len(times)
                )
            )
            watch.start()
            ask.start()
            status, seconds = upload(run.place.port, way_in["token"], path, answered)
            watch.join()
            ask.join()
            cpu = cpu_ms(process) - cpu_before
        size = path.stat().st_size / 1e6
        print(f"{size:.0f} MB in {seconds:.1f} s ({status}), CPU of all requests {cpu / 1000:.1f} s")
        print(f"web processes: {before:.0f} MB before, {found['peak']:.0f} MB at the most meanwhile")
        print(f"the models page: p95 {percentile(quiet, 95):.0f} ms before, {found['p95']:.0f} ms meanwhile")


if __name__ == "__main__":
    main()
