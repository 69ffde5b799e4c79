"""An empty server: every page leads to the set-up, which is closed for ever afterwards."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.running import Running, started

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def empty_server() -> Iterator[Running]:
    with started() as running:
        yield running


def test_empty_server_is_set_up_once(chromium: Browser, empty_server: Running):
    context = chromium.new_context(timezone_id="Europe/Oslo")
    page, url = context.new_page(), empty_server.url
    for path in ("/", "/o/acme/", "/account/sign-in/", "/admin/", "/nowhere/"):
        page.goto(url + path)
        assert page.url == f"{url}/set-up/", path
    assert context.request.get(f"{url}/api/printers").status == 503

    page.get_by_label("Organisation").fill("Fjord Makers")
    page.get_by_label("Your name").fill("Liv")
    page.get_by_label("E-mail").fill("liv@fjord.test")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Oslo")
    met = page.locator("[data-password-rules] [data-met]")
    password = page.get_by_role("textbox", name="Password")
    password.fill("short")
    before = met.count()
    password.fill("Longer9stable")
    assert met.count() > before
    expect(page.locator("[data-password-rules] [data-pattern]:not([data-met])")).to_have_count(0)
    page.get_by_role("button", name="Set up").click()

    page.wait_for_url(f"{url}/o/fjord-makers/")
    expect(page.locator("body")).to_contain_text("Fjord Makers")
    assert page.goto(f"{url}/set-up/").status == 404
    answer = context.request.post(f"{url}/set-up/", form={"org": "Second"})
    assert answer.status in {403, 404}
    page.goto(f"{url}/o/fjord-makers/printers/")
    expect(page.get_by_role("link", name="Add").first).to_be_visible()
    context.close()
