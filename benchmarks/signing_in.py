"""How long /healthz takes while eight people sign in, again and again."""

import re
import time
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from .asking import Client, Request, percentile, together

PEOPLE, SECONDS = 8, 15.0
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def health_while_signing_in(port: int, password: str) -> str:
    ends = time.monotonic() + SECONDS
    times_ms: list[float] = []
    signed_in: list[float] = []

    def health() -> None:
        client = Client(port)
        while time.monotonic() < ends:
            begun = time.perf_counter()
            client.ask(Request("/healthz"))
            times_ms.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.02)

    def person(number: int) -> None:
        while time.monotonic() < ends:
            begun = time.perf_counter()
            _sign_in(port, f"{number}@bench.test", password)
            signed_in.append((time.perf_counter() - begun) * 1000)

    together([health, *(lambda number=number: person(number) for number in range(PEOPLE))])
    return (
        f"/healthz while {PEOPLE} people sign in: p50 {percentile(times_ms, 50):.1f} ms, "
        f"p95 {percentile(times_ms, 95):.1f} ms (aim 20; the original p50 362), "
        f"{len(signed_in) / SECONDS:.1f} sign-ins/s (the original 2.5), "
        f"each {percentile(signed_in, 50):.0f} ms in the middle."
    )


def _sign_in(port: int, email: str, password: str) -> None:
    """As a browser without a session does: the form, then the password. SystemExit where that is refused."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/account/sign-in/")
    answer = connection.getresponse()
    found, cookies = TOKEN.search(answer.read().decode()), SimpleCookie(answer.headers["Set-Cookie"])
    if found is None:
        raise SystemExit("The page to sign in has no form.")
    body = urlencode({"email": email, "password": password, "csrfmiddlewaretoken": found[1]})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={cookies['csrftoken'].value}",
    }
    connection.request("POST", "/account/sign-in/", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 302:
        raise SystemExit(f"Signing in answers {answer.status}.")
