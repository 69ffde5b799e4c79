"""Takes the README's pictures from a running demo: python tools/screenshots.py HOME URL.

HOME is the demo's ODIN_HOME, with demo.json in it. Needs chromium and the packages of requirements-dev.txt.
"""

import argparse
import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "img"
LARGEST_BYTES = 250_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True)
class Picture:
    """A page (`path` below the organisation) as it looks in a window of `size`."""

    name: str
    path: str
    theme: Literal["light", "dark"]
    size: tuple[int, int]


WIDE, PHONE = (1440, 900), (390, 844)
PICTURES = (
    Picture("dashboard-light", "", "light", WIDE),
    Picture("printers-dark", "printers/", "dark", WIDE),
    Picture("phone", "", "light", PHONE),
)


def take(browser: Browser, url: str, org: dict[str, Any], picture: Picture) -> bytes:
    """The page as PNG, seen by the organisation's operator once the page follows the farm."""
    width, height = picture.size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=picture.theme)
    page = context.new_page()
    sign_in(page, url, next(one for one in org["users"] if one["role"] == "operator"))
    with page.expect_response(lambda answer: "/live/" in answer.url):
        page.goto(f"{url}/o/{org['slug']}/{picture.path}")
    page.wait_for_load_state("networkidle")
    taken = page.screenshot()
    context.close()
    return taken


def sign_in(page: Page, url: str, person: dict[str, str]) -> None:
    page.goto(f"{url}/account/sign-in/")
    page.fill("input[name=email]", person["email"])
    page.fill("input[name=password]", person["password"])
    page.click("main button[type=submit]")
    page.wait_for_url("**/o/**")


def write(name: str, taken: bytes) -> int:
    """Keep the picture in 256 colours; the bytes it has on disk."""
    path = FOLDER / f"{name}.png"
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("url")
    asked = parser.parse_args()
    org = json.loads((asked.home / "demo.json").read_text())["orgs"][0]
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        sizes = {one.name: write(one.name, take(browser, asked.url, org, one)) for one in PICTURES}
        browser.close()
    for name, size in sizes.items():
        sys.stdout.write(f"docs/img/{name}.png  {size // 1000} kB\n")
    return int(max(sizes.values()) > LARGEST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
