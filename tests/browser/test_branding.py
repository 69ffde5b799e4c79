"""An admin gives the organisation its looks: a colour that can't be read, then one that can, and a logo."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
ORANGE, READABLE = "#ffaa00", "rgb(142, 95, 0)"


def logo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (400, 100), "#cc0000").save(written, "PNG")
    return written.getvalue()


def test_branding_is_previewed_mended_by_one_click_saved_and_taken_off_again(person):
    page = person("admin").go("settings/branding/")
    try:
        page.get_by_label("Accent colour").fill(ORANGE)
        light = page.locator('[data-look="light"]')
        expect(light).to_contain_text("Text needs 4.5:1")
        light.get_by_role("button", name="Use it").click()
        expect(page.get_by_label("Accent colour")).to_have_value("#8e5f00")
        expect(light).not_to_contain_text("Text needs")
        page.locator("#id_logo").set_input_files({"name": "l.png", "mimeType": "image/png", "buffer": logo()})
        expect(page.locator("[data-logo-chosen]")).to_be_visible()
        page.get_by_role("button", name="Save").click()

        expect(page.locator(".toast")).to_contain_text("The branding is saved.")
        save = page.get_by_role("button", name="Save")
        assert save.evaluate("one => getComputedStyle(one).backgroundColor") == READABLE
        shown = page.locator(".top-logo")
        assert shown.evaluate("one => one.complete && one.naturalWidth") == 400
        seen = person("viewer", is_phone=True, color_scheme="dark").go("")
        assert seen.locator(".top-logo").evaluate("one => one.naturalWidth") == 400
        assert seen.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.goto(page.url)
        page.get_by_label("Accent colour").fill("")
        if page.get_by_label("Remove the logo").count():
            page.get_by_label("Remove the logo").check()
        page.get_by_role("button", name="Save").click()
    expect(page.locator(".top-logo")).to_have_count(0)


def test_superadmin_makes_suspends_and_opens_an_organisation(person, chromium, demo_server):
    context = chromium.new_context()
    page = context.new_page()
    known = demo_server.people["superadmin"]
    page.goto(f"{demo_server.url}/account/sign-in/")
    page.get_by_label("E-mail").fill(known["email"])
    page.get_by_label("Password").fill(known["password"])
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo_server.url}/organisations/new/")
    page.get_by_label("Name").fill("Seen by a browser")
    page.get_by_label("First admin").fill("head@browser.test")
    page.get_by_role("button", name="Create").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Seen by a browser")
    page.locator("section:has(#suspend-title)").get_by_label("Reason").fill("Not open yet")
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator(".page-lead")).to_contain_text("Suspended")
    expect(page.locator("main")).to_contain_text("Not open yet")
    page.goto(f"{demo_server.url}/o/seen-by-a-browser/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Seen by a browser is suspended")
    page.get_by_role("link", name="Manage it").click()
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator(".page-lead")).to_contain_text("Active")
    page.get_by_label("Its address").fill("seen-by-a-browser")
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("main")).to_contain_text("archived")
    context.close()
