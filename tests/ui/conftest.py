"""The specimen page in a real browser, over a server that answers what a test tells it to."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import Browser, Page

from tests.ui import specimen


class Server(http.server.SimpleHTTPRequestHandler):
    """The specimen's files, and what a test has put into `answers` by path: (status, headers, text)."""

    answers: ClassVar[dict[str, tuple[int, dict[str, str], str]]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        if not self.answer():
            super().do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer()

    def answer(self) -> bool:
        self.asked.append((self.command, self.path))
        status, headers, text = self.answers.get(self.path.split("?")[0], (0, {}, ""))
        if status:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())
        return bool(status)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("specimen")
    specimen.write(folder)
    page = folder / "index.html"
    live = '<main id="main" data-live="/live" data-version="7"'
    page.write_text(page.read_text().replace('<main id="main"', live))
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Server, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    Server.answers = {"/live": (204, {}, "")}
    Server.asked = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    yield page
    context.close()
    assert wrong == []
