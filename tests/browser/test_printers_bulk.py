"""Many printers at once, and the question before an emergency stop."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_ticked_printers_stay_ticked_over_live_updates_and_are_tagged(person, demo_server):
    page = person("operator").go("printers/")
    page.locator(".row-check").nth(0).check()
    page.locator(".row-check").nth(1).check()
    page.locator(".row-check").nth(1).evaluate("tick => tick.blur()")

    # The demo's printers print, so that cards come anew all the time.
    with page.expect_response(lambda answer: "/printers/live/" in answer.url and answer.status == 200):
        pass
    expect(page.locator(".row-check:checked")).to_have_count(2)
    page.get_by_role("button", name="Add tag 2").click()
    page.locator("#bulk [name=value-tag]").fill("seen by a browser")
    page.locator("#bulk").get_by_role("button", name="Add a tag").click()
    expect(page.locator(".toast")).to_contain_text("2 tagged.")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".toast")).to_contain_text("2 put back.")


def test_card_that_answers_its_own_button_stays_ticked(person):
    page = person("operator").go("printers/?state=printing")
    # The last of them ends last.
    name = page.locator(".card-name").last.inner_text()
    card = page.locator(".card").filter(has=page.get_by_role("link", name=name, exact=True))
    card.locator(".row-check").check()

    card.get_by_role("button", name="Pause").click()

    expect(card.get_by_role("button", name="Resume")).to_be_visible()
    expect(card.locator(".row-check")).to_be_checked()
    card.get_by_role("button", name="Resume").click()
    expect(card.get_by_role("button", name="Pause")).to_be_visible()


def test_key_asks_about_the_stop_and_enter_held_down_does_not_stop(person):
    page = person("operator").go("queue/")
    page.keyboard.press("!")
    dialog = page.locator("#bulk")
    expect(dialog.get_by_role("heading")).to_contain_text("Emergency stop of all")

    assert page.evaluate("document.activeElement.closest('#bulk') !== null")
    assert page.evaluate("document.activeElement.id") != "stop-now"
    box = page.locator("#stop-now").bounding_box()
    assert box is not None
    assert box["height"] >= 72
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def test_viewer_has_neither_ticks_nor_the_stop(person):
    page = person("viewer").go("printers/")

    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".row-check, [data-stop]")).to_have_count(0)
