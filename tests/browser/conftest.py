"""People's walks through a running O.D.I.N. in headless Chromium."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.running import Running

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Person:
    """Somebody at a browser, signed in to an organisation of the demo; `go` takes its paths."""

    def __init__(self, context: BrowserContext, server: Running, org: str) -> None:
        self.context, self.server, self.root = context, server, f"{server.url}/o/{org}/"
        self.page = context.new_page()
        self.wrong: list[str] = []
        self.watch(self.page)

    def watch(self, page: Page) -> Page:
        """Note what goes wrong on `page` without being seen."""
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on(
            "response",
            lambda answer: answer.status >= 500 and self.wrong.append(f"{answer.status} {answer.url}"),
        )
        page.on(
            "console",
            lambda said: "Content Security Policy" in said.text and self.wrong.append(said.text),
        )
        return page

    def go(self, path: str = "") -> Page:
        self.page.goto(self.root + path)
        return self.page

    def sign_in(self, email: str, password: str) -> None:
        page = self.go()
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.root)


@pytest.fixture(scope="module")
def cookies(chromium: Browser, demo_server: Running) -> Callable[[str], Any]:
    """What a signed-in browser of a role keeps; each signs in once a module."""
    kept: dict[str, Any] = {}

    def of(role: str) -> Any:
        if role not in kept:
            context = chromium.new_context()
            person = Person(context, demo_server, demo_server.slug())
            known = demo_server.person(role)
            person.sign_in(known["email"], known["password"])
            kept[role] = context.storage_state()
            context.close()
        return kept[role]

    return of


@pytest.fixture
def person(
    chromium: Browser, demo_server: Running, cookies: Callable[[str], Any]
) -> Iterator[Callable[..., Person]]:
    """person("operator"), person("viewer", is_phone=True); at the end nothing may have gone wrong unseen."""
    there: list[Person] = []

    def enter(role: str, *, is_phone: bool = False, **options: Any) -> Person:
        wanted = {"viewport": PHONE if is_phone else WIDE, "is_mobile": is_phone, "has_touch": is_phone}
        context = chromium.new_context(storage_state=cookies(role), **wanted, **options)
        there.append(Person(context, demo_server, demo_server.slug()))
        return there[-1]

    yield enter
    for one in there:
        one.context.close()
    assert [words for one in there for words in one.wrong] == []
