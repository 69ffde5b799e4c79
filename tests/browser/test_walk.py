"""The walk: from a file on somebody's disk to a finished, paid-for print, looking at pages all the way."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Walk

pytestmark = pytest.mark.browser


@pytest.fixture
def walk(demo_server, tmp_path) -> Walk:
    """A file sliced for the Voron 2.4 250, still on its person's disk."""
    return Walk(demo_server, tmp_path, "Voron")


def test_operator_prints_a_file_and_clears_the_plate(person, walk: Walk):
    operator = person("operator")
    page = operator.go("models/upload/")

    page.get_by_label("File").set_input_files(walk.path)
    page.wait_for_url(re.compile(r"/models/[0-9a-f-]{36}/$"), timeout=30_000)
    expect(page.locator("#model-current")).to_contain_text("6 min", timeout=30_000)
    expect(page.locator("#model-current")).to_contain_text("5.0 g")
    expect(page.locator("#model-said")).to_contain_text("Voron 2.4 250")
    walk.model = walk.api.get(f"/models/{page.url.rstrip('/').rpartition('/')[2]}").json()
    walk.choose_printer()

    page.get_by_role("link", name="Print…").click()
    page.get_by_label("Print on").select_option("printer")
    page.locator("#id_printer").select_option(label=walk.printer["name"])
    page.get_by_label("Priority").select_option(label="urgent")
    page.get_by_label("Start by itself").check()
    page.get_by_role("button", name="Put into the queue").click()
    page.wait_for_url(re.compile(r"/queue/[0-9a-f-]{36}/$"))
    walk.job = walk.api.get(f"/jobs/{page.url.rstrip('/').rpartition('/')[2]}").json()
    spools = {one["id"]: Decimal(str(one["grams_left"])) for one in walk.api.all("/spools")}

    walk.until("printing")
    state = page.locator("#job-now .mark").first
    expect(state).to_contain_text("Printing", timeout=10_000)
    walk.finish_soon()
    expect(state).to_contain_text("Completed", timeout=20_000)

    shown = page.locator("#job-now")
    expect(shown).to_contain_text("1 / 1")
    expect(shown).to_contain_text(re.compile(r"£\s?\d+\.\d\d"))
    for word in ("Queued", "Sending", "Printing", "Completed"):
        expect(shown).to_contain_text(word)
    left = {one["id"]: Decimal(str(one["grams_left"])) for one in walk.api.all("/spools")}
    assert walk.look()["cost"] is not None
    assert [pk for pk in spools if left.get(pk, spools[pk]) <= spools[pk] - Decimal("4.9")] != []

    clear_the_plate(operator.go(f"printers/{walk.printer['id']}/"), walk)
    expect(operator.page.locator("#bell")).to_contain_text(re.compile(r"\d+ unread alerts?"))
    operator.go("alerts/")
    expect(operator.page.locator("main")).to_contain_text(str(walk.job["number"]))


def clear_the_plate(page: Page, walk: Walk) -> None:
    """By the button; the simulated operator may be there first, and says so in the trail."""
    button = page.get_by_role("button", name="Plate cleared").first
    if button.is_visible():
        button.click()
        page.get_by_role("button", name="Yes, it is empty").click()
        expect(page.locator("#toasts")).to_contain_text(
            re.compile("plate of .* is clear|looked at an older|changed|is taken for a print"), timeout=10_000
        )
    lines = walk.demo.api("admin").all("/audit", target_id=walk.printer["id"], limit="20")
    assert any("plate" in line["action"] for line in lines)


def test_viewer_sees_own_jobs_only_and_no_controls(person, walk: Walk):
    walk.upload()
    walk.choose_printer()
    walk.order(auto_start=False, priority="low")
    viewer = person("viewer")

    page = viewer.go("printers/")
    expect(page.locator(".card").first).to_be_visible()
    expect(page.get_by_role("button", name="Plate cleared")).to_have_count(0)
    expect(page.get_by_role("link", name="Add printer")).to_have_count(0)
    viewer.go(f"printers/{walk.printer['id']}/")
    for name in ("Pause", "Cancel print", "Emergency stop"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)

    page = viewer.go(f"queue/add/?model={walk.model['id']}")
    page.get_by_role("button", name="Put into the queue").click()
    page.wait_for_url(re.compile(r"/queue/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("button", name="Start")).to_have_count(0)

    mine = {job["id"] for job in walk.demo.api("viewer").all("/jobs")}
    viewer.go("queue/?show=all")
    shown = page.locator("[id^=job-][data-row]")
    assert {row.get_attribute("id") for row in shown.all()} <= {f"job-{pk}" for pk in mine}
    expect(page.locator(f"#job-{walk.job['id']}")).to_have_count(0)
    answer = viewer.go(f"queue/{walk.job['id']}/")
    expect(answer.get_by_role("heading", level=1)).not_to_contain_text(walk.model["name"])
    assert viewer.context.request.get(f"{viewer.root}queue/{walk.job['id']}/").status == 404
