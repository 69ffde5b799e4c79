"""Clients that ask over kept connections, and what the answers cost."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import quantiles

from .processes import cpu_ms


class Refused(Exception):
    """An answer was no success, so there is nothing to measure."""


@dataclass(frozen=True)
class Request:
    """What is asked, and with which headers; `body` makes it a POST."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True)
class Cost:
    """Milliseconds: CPU a request of the web processes and of the database with Redis, and waiting times."""

    web_ms: float
    data_ms: float
    p50_ms: float
    p95_ms: float
    per_s: float
    size: int


class Client:
    """One browser or script: one connection, kept, made again when the server closed it."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, request: Request) -> tuple[int, int, dict[str, str]]:
        """Status, size and headers of the answer."""
        method = "GET" if request.body is None else "POST"
        try:
            self.connection.request(method, request.path, request.body, request.headers)
            answer = self.connection.getresponse()
        except (ConnectionError, OSError):
            self.connection.close()
            self.connection.request(method, request.path, request.body, request.headers)
            answer = self.connection.getresponse()
        return answer.status, len(answer.read()), dict(answer.headers)


def percentile(times_ms: Sequence[float], share: int) -> float:
    return quantiles(times_ms, n=100, method="inclusive")[share - 1]


def cost_of(port: int, request: Request, *, clients: int, count: int, web: int, data: Sequence[int]) -> Cost:
    """Ask `count` times by `clients` at once, after some to warm every thread. Raises Refused."""
    _storm(port, request, 8, 32)
    before = cpu_ms(web), sum(map(cpu_ms, data))
    begun = time.perf_counter()
    times_ms, size = _storm(port, request, clients, count)
    seconds = time.perf_counter() - begun
    used = cpu_ms(web) - before[0], sum(map(cpu_ms, data)) - before[1]
    return Cost(
        used[0] / count, used[1] / count, percentile(times_ms, 50), percentile(times_ms, 95),
        count / seconds, size,
    )  # fmt: skip


def _storm(port: int, request: Request, clients: int, count: int) -> tuple[list[float], int]:
    times_ms: list[float] = []
    sizes: list[int] = []
    wrong: list[int] = []

    def work() -> None:
        client = Client(port)
        for _ in range(count // clients):
            begun = time.perf_counter()
            status, size, _ = client.ask(request)
            times_ms.append((time.perf_counter() - begun) * 1000)
            sizes.append(size)
            if status >= 300:
                wrong.append(status)
                return

    together([work] * clients)
    if wrong:
        raise Refused(f"{request.path} answers {wrong[0]}")
    return times_ms, max(sizes)


def together(works: Sequence[Callable[[], None]]) -> None:
    """Run all at once, each in a thread, to their ends."""
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
