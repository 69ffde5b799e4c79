"""A code before the camera, or from a keyboard scanner, leads to its spool."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# What a phone has: a camera, and a browser that reads codes. The first look sees none.
PHONE = """
let looks = 0;
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return looks++ ? [{ rawValue: `${location.origin}/o/northside/s/3/` }] : []; }
};
navigator.mediaDevices.getUserMedia = async () => {
  const picture = document.createElement("canvas");
  const pen = picture.getContext("2d");
  setInterval(() => pen.fillRect(Math.random() * 99, 0, 9, 9), 50);
  return picture.captureStream(10);
};
"""


def test_the_camera_reads_a_code_and_shows_its_spool(person):
    operator = person("operator")
    operator.page.add_init_script(PHONE)

    page = operator.go("filament/scan/")
    page.get_by_role("button", name="Use the camera").click()

    page.wait_for_url(re.compile(r"/o/northside/s/3/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("#3")


def test_a_browser_that_reads_no_codes_says_so(person):
    page = person("operator").go("filament/scan/")

    expect(page.get_by_text("phone's own camera app").first).to_be_visible()
    expect(page.get_by_role("button", name="Use the camera")).to_be_hidden()


def test_a_scanner_that_types_fast_into_the_jump_box_gets_its_spool(person):
    page = person("operator").go("")

    page.keyboard.press("Control+k")
    page.keyboard.insert_text("northside/4")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/o/northside/s/4/$"))
