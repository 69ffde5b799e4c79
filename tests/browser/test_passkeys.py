"""Passkeys as a person with a browser meets them: Chromium's own ceremonies with a virtual authenticator."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.running import Running

from .conftest import WIDE

pytestmark = pytest.mark.browser
# Of the second organisation: nobody else signs in as this person.
WHO = {"role": "viewer", "org": 1}
KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(chromium: Browser, demo_server: Running) -> Iterator[Page]:
    """A browser whose device has a key, at an address with a name: browsers refuse passkeys at numbers."""
    context = chromium.new_context(viewport=WIDE, base_url=demo_server.url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: "Content Security Policy" in said.text and wrong.append(said.text))
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    yield page
    context.close()
    assert wrong == []


def give_password(page: Page, person: dict[str, str]) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("E-mail").fill(person["email"])
    page.get_by_label("Password").fill(person["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.wait_for_url("**/account/sign-in/")


def test_passkey_is_added_signs_in_alone_is_a_second_step_and_is_removed(page: Page, demo_server: Running):
    person, home = demo_server.person(**WHO), f"**/o/{demo_server.slug(1)}/"
    give_password(page, person)
    page.wait_for_url(home)
    page.goto("/account/security/")
    page.get_by_label("Name of the new passkey").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert len(page.locator("#codes").inner_text().split()) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_label("Name of the passkey")).to_have_value("Work laptop")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found] == []

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(home)

    sign_out(page)
    give_password(page, person)
    page.wait_for_url("**/account/sign-in/second/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(home)

    page.goto("/account/security/")
    page.get_by_role("button", name="Remove Work laptop").click()
    page.locator("#confirm").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Two-step sign-in")).to_be_visible()
    expect(page.get_by_text("With a second step, a stolen password alone opens nothing")).to_be_visible()
    sign_out(page)
    give_password(page, person)
    page.wait_for_url(home)


def test_browser_without_its_key_is_told_so(page: Page):
    page.goto("/account/sign-in/")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'AbortError')) }"
    )

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_text("That did not work. Try again.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()
