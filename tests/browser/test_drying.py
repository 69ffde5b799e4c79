"""Drying, tags and bulk actions of spools, with a mouse and on a phone."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_what_is_due_is_ticked_dried_in_one_form_and_no_longer_due(person):
    page = person("operator", is_phone=True).go("filament/drying/")
    line = page.locator(".drying-lines.is-due li").filter(has_text="TPU")
    line.get_by_role("checkbox").check()
    page.get_by_role("button", name="The ticked ones were dried together").click()

    expect(page.get_by_label("Temperature in °C")).to_have_value("75")
    page.get_by_label("Hours").fill("-8")
    page.get_by_label("Device").fill("Sunlu S4")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".field-error")).to_contain_text("more than 0")
    expect(page.get_by_label("Device")).to_have_value("Sunlu S4")
    page.get_by_label("Hours").fill("8")
    page.get_by_role("button", name="Keep it").click()

    expect(page.locator("#spool-title")).to_contain_text("TPU")
    expect(page.locator(".inspector")).not_to_contain_text("Needs drying")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_ticked_spools_are_tagged_filtered_and_it_is_undone(person):
    page = person("operator").go("filament/?state=free")
    page.locator(".row-check").nth(0).check()
    page.locator(".row-check").nth(1).check()
    page.get_by_role("button", name="Add tag 2").click()
    page.locator("#bulk [name=value-tag]").fill("seen by a browser")
    page.locator("#bulk").get_by_role("button", name="Add a tag").click()

    expect(page.locator(".toast")).to_contain_text("2 tagged.")
    expect(page.locator(".tag", has_text="seen by a browser")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("2 put back.")


def test_spools_are_marked_dried_on_a_phone_and_told_of_the_rest(person):
    page = person("operator", is_phone=True).go("filament/?state=free&state=archived")
    page.locator("tr", has_text="PETG").filter(has_text="Dry cabinet").locator(".row-check").check()
    page.locator("tr", has_text="archived").first.locator(".row-check").check()
    page.get_by_role("button", name="Mark dried 1").click()
    dialog = page.locator("#bulk")
    expect(dialog).to_contain_text("1 stays as it is")
    expect(dialog).to_contain_text("It is archived. Restore it first.")
    dialog.locator("[name=value-temperature_c]").fill("65")
    dialog.locator("[name=value-hours]").fill("6")
    dialog.get_by_role("button", name="Mark 1 spool as dried").click()

    expect(dialog).to_contain_text("1 marked dried")
    dialog.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("1 put back.")


def test_viewer_sees_what_is_due_and_changes_nothing(person):
    page = person("viewer").go("filament/drying/")

    expect(page.locator("#dryings tbody tr").first).to_be_visible()
    expect(page.get_by_role("link", name="Log a session")).to_have_count(0)
    expect(page.locator(".drying-lines input")).to_have_count(0)
