"""By keys alone, on a phone, and for those who listen to pages rather than see them."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect

from tests.running import eventually

pytestmark = pytest.mark.browser
MAIN_PAGES = (
    "", "printers/", "printers/?view=table", "printers/?view=tiles", "printers/?view=wall", "printers/tags/",
    "printers/views/", "printers/views/add/", "printers/add/", "printers/{printer}/", "queue/",
    "queue/?show=all", "queue/add/", "queue/{job}/", "models/", "models/upload/", "models/{model}/",
    "filament/", "filament/{spool}/", "filament/kinds/", "filament/drying/", "filament/drying/add/",
    "filament/drying/rules/", "filament/drying/rules/set/", "filament/tags/", "alerts/", "audit/",
    "members/", "settings/",
    "tokens/", "account/", "inbox/", "maintenance/", "maintenance/add/", "maintenance/log/",
    "maintenance/templates/", "maintenance/templates/add/?example=rods",
    "maintenance/printers/{printer}/hours/", "maintenance/printers/{printer}/nozzle/",
)  # fmt: skip


@pytest.fixture(scope="session")
def addresses(demo_server) -> list[str]:
    """The main pages, those of one thing with one of the demo's."""
    api = demo_server.api()
    known = {
        kind: api.get(f"/{kind}s", params={"limit": "1"}).json()["items"][0]["id"]
        for kind in ("printer", "job", "model", "spool")
    }
    return [path.format(**known) for path in MAIN_PAGES]


def test_keys_alone_lead_everywhere(person):
    page = person("operator").go()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/printers/")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("Voron")
    page.keyboard.press("Enter")
    page.wait_for_url("**/printers/?q=Voron*")
    expect(page.locator("article.card")).to_have_count(2)

    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("Ender 1")
    expect(page.locator("#palette-list a").first).to_contain_text("Ender 1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/printers/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ender 1")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


@pytest.fixture
def long_name(demo_server):
    """A model whose name has no place to break; the trail tells of it too."""
    api = demo_server.api()
    model = api.get("/models", params={"limit": "1"}).json()["items"][0]
    api.patch(f"/models/{model['id']}", json={"name": "Donaudampfschiff" * 9})
    yield
    api.patch(f"/models/{model['id']}", json={"name": model["name"]})


def test_nothing_is_wider_than_a_phone(person, addresses, long_name):
    admin = person("admin", is_phone=True)

    wide = {}
    for path in addresses:
        page = admin.go(path)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[path] = over

    assert wide == {}


def test_bottom_bar_of_a_phone_leads_on(person):
    page = person("operator", is_phone=True).go()
    bar = page.get_by_role("navigation", name="Places, short")

    bar.get_by_role("link", name="Printers").tap()
    page.wait_for_url("**/printers/")
    expect(bar.get_by_role("link", name="Printers")).to_have_attribute("aria-current", "page")
    bar.get_by_role("button", name="More").tap()
    page.get_by_role("link", name="Filament").last.tap()

    page.wait_for_url("**/filament/")


def test_plate_is_cleared_by_two_taps_on_a_phone(person, demo_server):
    api, phone = demo_server.api(), person("operator", is_phone=True)

    printer = next(filter(None, (two_taps(phone, demo_server) for _try in range(8))))

    eventually(
        lambda: api.get(f"/printers/{printer['id']}").json()["plate_epoch"] > printer["plate_epoch"], 15
    )


def two_taps(phone, demo_server):
    """The printer whose plate was cleared; None if the simulated operator was faster."""
    printer = eventually(lambda: waiting_plate(demo_server))
    page = phone.go(f"printers/{printer['id']}/")
    try:
        page.get_by_role("button", name="Plate cleared").first.tap(timeout=3000)
        page.get_by_role("button", name="Yes, it is empty").tap(timeout=3000)
    except TimeoutError:
        return None
    return printer


def waiting_plate(demo_server):
    """A printer whose plate waits for a hand; None if there is none yet, and then prints are hurried."""
    for printer in demo_server.api("admin").all("/printers"):
        if printer["state"] == "needs_you" and printer["plate"] == "occupied" and not printer["job_id"]:
            return printer
        if printer["state"] == "printing":
            key = demo_server.key_of(printer["name"])
            machine = next(one for one in demo_server.simulated() if one["name"] == key)
            demo_server.act(machine, "finish-now")
    return None


def test_address_for_a_slicer_is_copied_by_its_button(person):
    page = person("operator").go("inbox/")

    page.get_by_role("button", name="Copy Any printer that fits").click()

    expect(page.locator("#toasts")).to_contain_text("The address is copied.")


def test_axe_finds_nothing_on_any_main_page_in_either_theme(person, addresses):
    # axe is put into the page as a script, which the page's own policy forbids.
    admin, axe = person("admin", bypass_csp=True, reduced_motion="reduce"), Axe()

    found = {}
    for path in addresses:
        page = admin.go(path)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            violations = axe.run(page).response["violations"]
            for one in violations:
                found[path, theme, one["id"]] = [node["html"][:120] for node in one["nodes"]][:3]

    assert found == {}
