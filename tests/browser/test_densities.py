"""The fleet's densities before the eyes: tiles that stay as they are, a wall, views of one's own."""

import pytest
from playwright.sync_api import expect

from tests.running import eventually

pytestmark = pytest.mark.browser
SOON_MS = 5000
BOXES = """() => [...document.querySelectorAll("[data-rows] > article")].map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [one.id, ...[x, y, width, height].map(Math.round)].join(" ");
})"""


@pytest.mark.parametrize("view", ["cards", "tiles", "wall"])
def test_nothing_moves_when_printers_change_their_state(person, demo_server, view):
    printers = demo_server.api().all("/printers")[:3]
    page = person("viewer").go(f"printers/?view={view}&sort=name")
    page.locator("[data-rows] > article").first.wait_for()
    before = page.evaluate(BOXES)
    heights = {box.split()[-1] for box in before}

    try:
        for printer in printers:
            reason = {"reason": "A reason that is rather longer than a tile is wide, to be cut off"}
            demo_server.api().post(f"/printers/{printer['id']}/out-of-service", json=reason)
        for printer in printers:
            watched = page.locator(f"[id$='{printer['id']}']")
            expect(watched).to_contain_text("Out of service", timeout=SOON_MS)
        after = page.evaluate(BOXES)
    finally:
        for printer in printers:
            demo_server.api().post(f"/printers/{printer['id']}/enable")

    assert after == before
    assert len(heights) == 1


def test_view_is_saved_and_opens_first_until_it_is_deleted(person):
    page = person("viewer").go("printers/?view=wall&sort=name&tag=klipper")

    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Save this view…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Klipper wall")
    dialog.get_by_label("Open the printers with it").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("The view Klipper wall is saved.")

    page.get_by_role("link", name="Dashboard").first.click()
    page.get_by_role("link", name="Printers", exact=True).first.click()
    page.wait_for_url("**/printers/?*view=wall*")
    expect(page.locator("article.wall-tile").first).to_be_visible()

    page.get_by_role("button", name="Klipper wall").click()
    page.get_by_role("link", name="Rename, delete, choose the first").click()
    page.get_by_role("button", name="Delete Klipper wall").click()
    page.get_by_role("button", name="Delete the view").click()
    expect(page.locator("#main")).to_contain_text("No saved views yet")


def test_telemetry_of_a_print_is_drawn_after_a_minute(person, demo_server):
    api = demo_server.api()

    def measured():
        for printer in api.all("/printers"):
            if api.get(f"/printers/{printer['id']}/telemetry").json()["count"]:
                return printer["id"]
        return None

    page = person("viewer").go(f"printers/{eventually(measured, 150)}/?span=day#telemetry")

    panel = page.locator("#telemetry")
    expect(panel.get_by_role("img", name="Temperatures")).to_be_visible()
    panel.get_by_role("link", name="7 days").click()
    expect(panel.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    panel.get_by_text("Show as a table").first.click()
    expect(panel.get_by_role("columnheader", name="Nozzle").first).to_be_visible()


def test_wall_alone_fills_the_screen(person):
    page = person("viewer").go("printers/?view=wall")

    page.get_by_role("button", name="Full screen").click()

    expect(page.locator("#main:fullscreen .wall-tile").first).to_be_visible()
    expect(page.locator(".toolbar")).to_be_hidden()
    page.evaluate("document.exitFullscreen()")
    expect(page.locator(".toolbar")).to_be_visible()
