"""What the scripts do, in a real browser over the specimen page."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from .conftest import Server

pytestmark = pytest.mark.browser
CARD = '<article id="printer-2">{}</article>'


def toast(page: Page, **detail: Any) -> None:
    page.evaluate("detail => document.dispatchEvent(new CustomEvent('toast', {detail}))", detail)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(chromium: Browser, address: str, theme: Any, width: int) -> None:
    Server.answers = {"/live": (204, {}, "")}
    page = chromium.new_page(color_scheme=theme, viewport={"width": width, "height": 900})
    page.goto(address)

    found = Axe().run(page).response["violations"]

    page.close()
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:4]) for one in found] == []


def test_a_changed_card_is_swapped_by_its_id(page: Page) -> None:
    Server.answers["/live"] = (200, {"X-Live-Version": "8"}, CARD.format("fresh"))

    expect(page.locator("#printer-2")).to_have_text("fresh", timeout=6000)

    expect(page.locator("[data-live]")).to_have_attribute("data-version", "8")
    assert ("GET", "/live?version=7") in Server.asked


def test_what_has_the_focus_is_never_swapped(page: Page) -> None:
    page.locator("#printer-2 a").focus()
    Server.answers["/live"] = (
        200,
        {"X-Live-Version": "8"},
        CARD.format("fresh") + CARD.format("other").replace("printer-2", "printer-3"),
    )

    expect(page.locator("#printer-3")).to_have_text("other", timeout=6000)

    expect(page.locator("#printer-2")).not_to_have_text("fresh")
    expect(page.locator("[data-live]")).to_have_attribute("data-version", "7")


def test_what_newly_needs_a_person_is_spoken(page: Page) -> None:
    card = '<a href="#">P1S-03</a><span data-shape="triangle">Needs you</span>'
    Server.answers["/live"] = (200, {"X-Live-Version": "8"}, CARD.format(card))

    expect(page.locator("#announcer")).to_have_text("P1S-03: Needs you", timeout=6000)


def test_a_selected_row_follows_the_farm_and_stays_selected(page: Page) -> None:
    tick = '<input class="row-check" type="checkbox" name="row" value="2">'
    row = f'<tr id="job-2" data-row><td>{tick}</td><td>fresh</td></tr>'
    Server.answers["/live"] = (200, {"X-Live-Version": "8"}, row)

    expect(page.locator("#job-2")).to_have_text("fresh", timeout=6000)

    expect(page.locator("#job-2 .row-check")).to_be_checked()


def test_rows_may_come_in_a_table_beside_other_parts(page: Page) -> None:
    row = '<table><tbody><tr id="job-2" data-row><td>row</td></tr></tbody></table>'
    Server.answers["/live"] = (200, {"X-Live-Version": "8"}, CARD.format("card") + row)

    expect(page.locator("#job-2")).to_have_text("row", timeout=6000)

    expect(page.locator("#printer-2")).to_have_text("card")


def test_a_lost_link_says_since_when_figures_are_old(page: Page) -> None:
    Server.answers["/live"] = (500, {}, "")

    expect(page.locator(".stale")).to_be_visible(timeout=6000)

    assert ":" in page.locator("[data-stale-since]").inner_text()


def test_paused_updates_ask_for_nothing(page: Page) -> None:
    page.click("[popovertarget=account-menu]")
    page.locator("[data-live-switch]").check()
    Server.asked.clear()

    page.wait_for_timeout(2500)

    assert [path for _verb, path in Server.asked if path.startswith("/live")] == []
    expect(page.locator("[data-live-paused]")).to_be_visible()


def test_a_failure_stays_until_it_is_read(page: Page) -> None:
    page.clock.install()
    toast(page, text="Saved.", tone="good")
    toast(page, text="It did not answer.", tone="bad")

    page.clock.run_for(20_000)

    expect(page.locator(".toast")).to_have_text(["It did not answer."])


def test_undo_posts_to_its_address(page: Page) -> None:
    Server.answers["/undo"] = (204, {}, "")
    toast(page, text="Archived.", undo="/undo")

    with page.expect_response("**/undo"):
        page.get_by_role("button", name="Undo").click()

    assert ("POST", "/undo") in Server.asked


def test_rows_go_by_keys(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")

    expect(page.locator("#job-1")).to_have_attribute("data-current", "")
    expect(page.locator("[data-bulk-count]")).to_have_text("2")


def test_escape_clears_the_selection(page: Page) -> None:
    page.keyboard.press("Escape")

    expect(page.locator("[data-bulk]")).to_be_hidden()


def test_the_bulk_bar_counts_what_each_action_applies_to(page: Page) -> None:
    page.locator("[data-select-all]").check()

    expect(page.locator("[data-bulk-count]")).to_have_text("9")
    expect(page.locator("[value=top] [data-n]")).to_have_text("2")
    expect(page.locator("[value=cancel] [data-n]")).to_have_text("3")


def test_the_bulk_bar_offers_nothing_that_is_meant_for_other_rows(page: Page) -> None:
    page.locator("[data-select-all]").check()

    expect(page.locator("[value=top]")).to_be_visible()
    expect(page.locator("[value=approve]")).to_be_hidden()


def test_all_matching_counts_all_and_ends_with_the_first_row_taken_out(page: Page) -> None:
    page.locator("[name=all_matching]").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("387")
    expect(page.locator(".row-check:checked")).to_have_count(9)

    page.locator("#job-1 .row-check").uncheck()

    expect(page.locator("[data-bulk-count]")).to_have_text("8")
    expect(page.locator("[name=all_matching]")).not_to_be_checked()


def test_an_empty_answer_closes_a_dialog(page: Page) -> None:
    Server.answers["/ask"] = (200, {}, '<h2 id="bulk-title">Sure?</h2>')
    Server.answers["/done"] = (200, {}, "")
    page.evaluate("htmx.ajax('POST', '/ask', '#bulk')")
    expect(page.locator("#bulk")).to_be_visible()

    page.evaluate("htmx.ajax('POST', '/done', '#bulk')")

    expect(page.locator("#bulk")).to_be_hidden()


def test_the_list_of_keys_is_made_from_the_registry(page: Page) -> None:
    page.keyboard.press("?")

    expect(page.locator("#keys dt", has_text="Printers")).to_be_visible()


def test_single_keys_can_be_switched_off(page: Page) -> None:
    page.evaluate("localStorage.setItem('odin-single-keys', 'off')")

    page.keyboard.press("?")

    expect(page.locator("#keys")).to_be_hidden()


def test_slash_goes_to_the_search_and_typing_is_left_alone(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("j?x")

    expect(page.locator("[data-search]")).to_have_value("j?x")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_search_swaps_the_list_and_keeps_the_filters(page: Page) -> None:
    fresh = '<div id="table"><input id="table-search" data-search value="gear">One gear</div>'
    Server.answers["/o/acme/printers/"] = (200, {}, fresh)

    page.locator("[data-search]").press_sequentially("gear")

    expect(page.locator("#table")).to_have_text("One gear")
    expect(page.locator("[data-search]")).to_be_focused()
    assert ("GET", "/o/acme/printers/?q=gear&state=printing&sort=-ends") in Server.asked


@pytest.mark.parametrize(("status", "told"), [(200, "fresh"), (422, "fresh")])
def test_a_wrong_form_is_swapped_in(page: Page, status: int, told: str) -> None:
    Server.answers["/form"] = (status, {}, "fresh")

    page.evaluate("htmx.ajax('POST', '/form', '#table')")

    expect(page.locator("#table")).to_have_text(told)


def test_an_error_of_the_server_is_told_and_leaves_the_page(page: Page) -> None:
    Server.answers["/form"] = (500, {}, "traceback")

    page.evaluate("htmx.ajax('POST', '/form', '#table')")

    expect(page.locator(".toast")).to_contain_text("the server had an error")
    expect(page.locator("#table")).not_to_have_text("traceback")


def test_the_palette_jumps_to_the_chosen_row(page: Page) -> None:
    rows = '<a class="menu-item" href="#one">One</a><a class="menu-item" href="#two">Two</a>'
    Server.answers["/o/acme/jump/"] = (200, {}, rows)
    page.keyboard.press("Control+k")
    expect(page.locator(".palette-list a")).to_have_count(2)

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(page.url.split("#")[0] + "#two")


def test_a_confirmation_can_ask_for_a_word(page: Page) -> None:
    page.evaluate(
        """() => { const form = document.createElement("form"); form.id = "danger"; form.method = "post";
        form.action = "/undo"; form.dataset.confirm = "Erase Acme?"; form.dataset.confirmWord = "acme";
        form.append(document.createElement("button")); document.querySelector("main").append(form); }"""
    )
    Server.answers["/undo"] = (200, {}, "done")
    page.evaluate("document.querySelector('#danger').requestSubmit()")
    yes = page.locator("#confirm [value=yes]")
    expect(yes).to_be_disabled()

    page.locator("#confirm input").fill("acme")
    yes.click()

    page.wait_for_url("**/undo")


def test_leaving_a_confirmation_does_nothing(page: Page) -> None:
    page.evaluate("document.querySelector('form[data-rows]').dataset.confirm = 'Sure?'")
    page.evaluate("document.querySelector('form[data-rows]').requestSubmit()")
    before = page.url

    page.locator("#confirm [value=no]").click()

    expect(page.locator("#confirm")).to_be_hidden()
    assert page.url == before


def test_files_go_up_one_by_one_and_a_refusal_is_told(page: Page) -> None:
    Server.answers["/upload"] = (422, {}, "<b>Not a sliced file.</b>")
    page.evaluate("document.querySelector('form[data-upload]').action = '/upload'")
    files = [{"name": name, "mimeType": "text/plain", "buffer": b"G28"} for name in ("a.gcode", "b.gcode")]

    page.locator("#file").set_input_files(files)
    page.locator("form[data-upload] button").click()

    expect(page.locator(".upload-item")).to_have_count(2)
    expect(page.locator(".upload-item [data-state]").nth(1)).to_have_text("Not a sliced file.")
    assert Server.asked.count(("POST", "/upload")) == 2


def test_a_chosen_theme_outlives_the_page(page: Page) -> None:
    page.click("[popovertarget=account-menu]")
    page.click("[data-theme-choice=dark]")

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(16, 19, 21)"


@pytest.mark.parametrize("width", [360, 640, 1024, 3840])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_large_enough_for_a_finger(chromium: Browser, address: str) -> None:
    Server.answers = {"/live": (204, {}, "")}
    page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(address)

    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a.bottom-link, a.button, select, input.input")]
        .filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, b]) => b.width && (b.height < 40 || b.width < 40)).map(([html]) => html)"""
    )

    page.close()
    assert small == []
