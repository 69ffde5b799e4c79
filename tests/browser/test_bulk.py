"""Many models at once: by mouse, by keys alone, on a phone."""

import re
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.running import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def models(demo_server):
    """models(3) uploads that many and answers the word by which the list finds them alone."""
    api, word = demo_server.api("admin"), f"bulk{uuid4().hex[:8]}"

    def upload(count):
        for number in range(count):
            file = {"file": ("part.gcode", f"; {word} {number}\nG1 X1 E1\n".encode())}
            answer = api.post("/models", files=file, data={"name": f"{word} {number}"})
            assert answer.status_code == 201, answer.text
        return word

    yield upload
    answer = api.post("/models/bulk", json={"filter": {"search": word}, "action": "delete"})
    assert answer.status_code == 202, answer.text


def test_ticked_models_are_archived_and_come_back(person, models):
    word = models(2)
    page = person("operator").go(f"models/?q={word}")
    expect(page.locator("[data-bulk]")).to_be_hidden()

    page.get_by_label("Select all of this page").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("2")
    page.get_by_role("button", name="Archive 2").click()
    expect(page.locator(".toast")).to_contain_text("2 archived.")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".toast")).to_contain_text("2 put back.")
    expect(page.locator("[data-applies~=archive]")).to_have_count(2)


def test_all_matching_are_taken_beyond_the_page(person, models):
    word = models(27)
    page = person("operator").go(f"models/?q={word}&size=25&view=table")

    page.locator(".row-check").first.check()
    page.get_by_label("all 27 matching").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("27")
    page.get_by_role("button", name="Move", exact=True).click()
    dialog = page.locator("#bulk")
    expect(dialog.get_by_role("heading")).to_have_text("Move 27 models")
    dialog.get_by_label("Collection").fill(word)
    dialog.get_by_role("button", name="Move 27 models").click()

    expect(page.locator(".toast")).to_contain_text("27 moved.")
    expect(dialog).to_be_hidden()


def test_what_was_refused_stays_until_it_is_read(person, models):
    word = models(2)
    page = person("operator").go(f"models/?q={word}")
    for expected in ("2 tagged.", "Nothing was tagged."):
        page.get_by_label("Select all of this page").check()
        page.get_by_role("button", name="Add tag").click()
        page.locator("#bulk [name=value-tag]").fill(word)
        page.locator("#bulk").get_by_role("button", name="Add a tag").click()
        expect(page.locator("body")).to_contain_text(expected)
        expect(page.locator("[data-bulk]")).to_be_hidden()

    expect(page.locator("#bulk")).to_contain_text("It has this tag already.")
    page.locator("#bulk").get_by_role("button", name="Close").last.click()
    expect(page.locator("#bulk")).to_be_hidden()


def test_focus_stays_where_the_person_was(person, models):
    word = models(3)
    page = person("operator").go(f"models/?q={word}")
    ticks, dialog = page.locator(".row-check"), page.locator("#bulk")
    second, third = (page.locator(".row-check").nth(place).get_attribute("value") for place in (1, 2))

    for expected in ("1 tagged.", "Nothing was tagged."):
        page.locator(f".row-check[value='{second}']").check()
        page.get_by_role("button", name="Add tag 1").click()
        dialog.locator("[name=value-tag]").fill(word)
        dialog.get_by_role("button", name="Add a tag").click()
        expect(page.locator("body")).to_contain_text(expected)
        expect(page.locator("[data-bulk]")).to_be_hidden()
        if expected.startswith("Nothing"):
            page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.locator(f".row-check[value='{second}']")).to_be_focused()

    ticks.nth(1).check()
    page.get_by_role("button", name="Archive 1").click()
    expect(page.locator(f".row-check[value='{third}']")).to_be_focused()
    page.get_by_label("Select all of this page").check()
    page.get_by_role("button", name="Archive 2").click()
    expect(page.locator("[data-search]")).to_be_focused()


def test_a_double_click_leaves_the_question_open(person, models):
    word = models(1)
    page = person("operator").go(f"models/?q={word}")
    page.locator(".card-name").click()
    page.get_by_role("button", name="More actions").click()

    page.get_by_role("button", name="Delete", exact=True).dblclick()
    page.wait_for_timeout(500)
    expect(page.locator("#confirm")).to_be_visible()
    page.mouse.click(5, 5)

    expect(page.locator("#confirm")).to_be_hidden()


def test_keys_alone_do_it(person, models):
    word = models(2)
    page = person("operator").go(f"models/?q={word}")

    for key in ("j", "x", "j", "x", "b"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Add tag 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#bulk [name=value-tag]")).to_be_focused()
    page.keyboard.type(word)
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_contain_text("2 tagged.")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-bulk]")).to_be_hidden()


@pytest.mark.parametrize("view", ["", "&view=table"])
def test_names_are_large_enough_for_a_finger(person, models, view):
    word = models(1)
    page = person("operator", is_phone=True).go(f"models/?q={word}{view}")

    box = page.get_by_role("link", name=f"{word} 0").bounding_box()

    assert box["height"] >= 44


def test_waiting_jobs_of_an_older_revision_are_large_enough_for_a_finger(person, models, demo_server):
    word, api = models(1), demo_server.api("admin")
    model = api.get("/models", params={"search": word}).json()["items"][0]["id"]
    eventually(lambda: api.get(f"/models/{model}").json()["current_revision"]["status"] == "ready")
    job = api.post("/jobs", json={"model_id": model, "auto_start": False}).json()
    file = {"file": ("next.gcode", f"; {word} next\nG1 X2 E2\n".encode())}
    api.post(f"/models/{model}/revisions", files=file)
    page = person("operator", is_phone=True).go(f"models/{model}/")

    box = page.locator(".model-behind a").bounding_box()
    api.post(f"/jobs/{job['id']}/cancel")

    assert box["height"] >= 44


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bar_and_question_are_for_everybody_on_a_phone(person, models, theme):
    word = models(2)
    page = person("operator", is_phone=True, color_scheme=theme).go(f"models/?q={word}")

    page.locator(".row-check").first.check()
    bar = page.locator("[data-bulk]")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    targets = [bar.locator("button:visible").nth(place).bounding_box() for place in range(3)]
    bar_found = Axe().run(page).response["violations"]
    page.get_by_role("button", name=re.compile("^Delete")).click()
    expect(page.locator("#bulk")).to_be_visible()
    found = bar_found + Axe().run(page).response["violations"]

    assert wide <= 0
    assert all(box["height"] >= 44 and box["width"] >= 44 for box in targets)
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
