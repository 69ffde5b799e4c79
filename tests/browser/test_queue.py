"""The queue in a browser: ticks, bulk actions, presets."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def jobs(demo_server):
    """jobs(2): that many of the operator's for a far day, and the word by which the list finds them alone."""
    api, word = demo_server.api("operator"), f"queue{uuid4().hex[:8]}"
    model = api.get("/models", params={"limit": 1}).json()["items"][0]["id"]

    def add(count):
        for _ in range(count):
            order = {"model_id": model, "notes": word, "not_before": "2099-01-01T00:00:00Z"}
            assert api.post("/jobs", json=order).status_code == 201
        return word

    yield add
    api.post("/jobs/bulk", json={"filter": {"search": word, "state": "queued"}, "action": "cancel"})


def test_ticks_stay_while_the_list_changes_and_the_action_takes_them(person, jobs):
    word = jobs(2)
    page = person("operator").go(f"queue/?q={word}")
    page.locator(".row-check").first.check()
    page.locator("body").click(position={"x": 700, "y": 5})

    jobs(1)
    expect(page.locator(".row-check")).to_have_count(3, timeout=15_000)
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.get_by_role("button", name="Priority 1").click()
    page.locator("#bulk").get_by_label("Priority").select_option("high")
    page.locator("#bulk").get_by_role("button", name="Set the priority of 1 job").click()

    expect(page.locator(".toast")).to_contain_text("1 given the priority.")
    expect(page.locator("#jobs .chip", has_text="high")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#jobs td .chip")).to_have_count(0)


def test_jobs_are_cancelled_by_keys_alone(person, jobs):
    page = person("operator").go(f"queue/?q={jobs(2)}")

    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Cancel 2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#bulk").get_by_role("heading")).to_have_text("Cancel 2 jobs")
    page.locator("#bulk").get_by_role("button", name="Cancel 2 jobs").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_contain_text("2 cancelled.", timeout=15_000)
    expect(page.locator(".row-check")).to_have_count(0)


def test_bar_is_for_everybody_on_a_phone(person, jobs):
    page = person("operator", is_phone=True).go(f"queue/?q={jobs(2)}")

    page.locator(".row-check").first.check()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = Axe().run(page).response["violations"]

    assert wide <= 0
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


def test_preset_is_applied_by_one_click_and_keeps_what_was_typed(person, demo_server):
    name = f"Draft {uuid4().hex[:8]}"
    api = demo_server.api("viewer")
    made = api.post("/presets", json={"name": name, "copies": 3, "priority": "low"}).json()
    page = person("viewer").go("queue/add/")
    page.get_by_label("Due").fill("2099-01-01T10:00")

    page.get_by_role("link", name=name).click()

    expect(page.get_by_label("Copies")).to_have_value("3")
    expect(page.get_by_label("Priority")).to_have_value("10")
    expect(page.get_by_label("Due")).to_have_value("2099-01-01T10:00")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    api.delete(f"/presets/{made['id']}")
