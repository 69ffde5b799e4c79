"""The layers of a sliced file, looked at by hand, by keys and by a screen reader's words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Person
from tests.factories.models3d import CUBE
from tests.running import Running, eventually

pytestmark = pytest.mark.browser
# A number that is another one for another picture.
PICTURE = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) {
    sum = (sum * 31 + data[at] + 3 * data[at + 1] + 7 * data[at + 2]) % 2147483647;
  }
  return sum;
}"""
TWO_COLOURS = "".join(
    f";LAYER_CHANGE\n;TYPE:External perimeter\nT{layer % 2}\nG1 X20 Y20 Z{layer / 5}\nG1 X60 E2\nG1 Y60 E2\n"
    f"T{1 - layer % 2}\nG1 X20 E2\nG1 Y{20 + layer} E2\n"
    for layer in range(1, 11)
)
SAID = "; filament_type = PLA;PETG\n; filament_colour = #FF6A13;#1040C0\n; filament used [g] = 1, 2\n"


@pytest.fixture(scope="module")
def upload(demo_server: Running) -> Callable[[Path], str]:
    """The path of the page of an uploaded file that is read."""

    def send(path: Path) -> str:
        api = demo_server.api()
        with path.open("rb") as file:
            pk = api.post("/models", files={"file": (path.name, file)}).json()["id"]
        eventually(lambda: api.get(f"/models/{pk}").json()["current_revision"]["status"] == "ready")
        return f"models/{pk}/"

    return send


@pytest.fixture(scope="module")
def cube(upload: Callable[[Path], str]) -> str:
    return upload(CUBE)


def opened(person: Person, path: str) -> Page:
    """The page with the panel in sight and a layer drawn."""
    page = person.go(path)
    page.locator("#model-layers").scroll_into_view_if_needed()
    expect(page.locator("canvas[data-drawn]")).to_be_visible(timeout=20_000)
    return page


def drawn(page: Page, layer: int) -> Any:
    """The picture once it is that of `layer`, as wide as its lines are."""
    canvas = page.locator(f'canvas[data-drawn="{layer}"]:not([data-thin])')
    expect(canvas).to_be_visible()
    return canvas.evaluate(PICTURE)


def test_nothing_is_loaded_before_the_panel_is_in_sight(person, cube):
    operator, asked = person("operator", is_phone=True), []
    operator.page.set_viewport_size({"width": 390, "height": 420})
    operator.page.on("request", lambda request: asked.append(request.url))

    page = operator.go(cube)
    page.wait_for_load_state("networkidle")

    assert [url for url in asked if "/layers/" in url] == []
    page.locator("#model-layers").scroll_into_view_if_needed()
    expect(page.locator("canvas[data-drawn]")).to_be_visible()


def test_the_slider_shows_another_layer(person, cube):
    page = opened(person("viewer"), cube)
    slider = page.get_by_role("slider", name="Layer")
    middle = drawn(page, 50)

    slider.fill("1")

    assert drawn(page, 1) != middle
    expect(slider).to_have_attribute("aria-valuetext", "layer 1 of 100, 0.20 mm")
    expect(page.locator("[data-layers-z]")).to_have_text("0.20")
    slider.fill("50")
    assert drawn(page, 50) == middle


def test_layers_go_by_keys_by_buttons_and_by_number(person, cube):
    page = opened(person("viewer"), cube)
    slider = page.get_by_role("slider", name="Layer")
    slider.focus()

    for key, layer in (("ArrowRight", 51), ("Home", 1), ("End", 100), ("ArrowLeft", 99)):
        page.keyboard.press(key)
        drawn(page, layer)
    page.get_by_role("button", name="One layer up").click()
    drawn(page, 100)
    page.get_by_role("button", name="One layer down").click()
    drawn(page, 99)
    page.get_by_role("spinbutton", name="Layer").fill("7")
    page.keyboard.press("Enter")
    drawn(page, 7)

    expect(page.locator("canvas")).to_have_attribute(
        "aria-label", "cube20_mk3s from above, layer 7 of 100, 1.40 mm"
    )


@pytest.mark.parametrize("wrong", ["0", "-4", "1000", ""])
def test_a_number_that_is_no_layer_becomes_one(person, cube, wrong):
    page = opened(person("viewer"), cube)
    number = page.get_by_role("spinbutton", name="Layer")

    number.fill(wrong)
    number.blur()

    expect(number).to_have_value({"0": "1", "-4": "1", "1000": "100", "": "50"}[wrong])


def test_the_picture_moves_under_the_hand_and_comes_back(person, cube):
    page = opened(person("viewer"), cube)
    canvas = page.locator("canvas")
    home = drawn(page, 50)
    pictures = [home]

    def seen() -> int:
        pictures.append(eventually(lambda: (now := drawn(page, 50)) != pictures[-1] and now, 5))
        return pictures[-1]

    page.get_by_role("button", name="Zoom in").click()
    seen()
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    seen()
    page.mouse.move(*(canvas.bounding_box()[side] + 100 for side in ("x", "y")))
    page.mouse.wheel(0, -200)
    seen()
    page.mouse.down()
    page.mouse.move(500, 500)
    page.mouse.up()
    seen()
    page.get_by_role("button", name="Show the whole bed").click()
    seen()
    canvas.dblclick()

    assert eventually(lambda: drawn(page, 50) == home, 5)


def test_the_wheel_scrolls_the_page_unless_the_picture_is_in_focus(person, cube):
    page = opened(person("viewer"), cube)
    home, top = drawn(page, 50), page.evaluate("scrollY")
    page.locator("canvas").hover()

    page.mouse.wheel(0, -300)

    eventually(lambda: page.evaluate("scrollY") < top, 5)
    assert drawn(page, 50) == home


def test_a_kind_of_line_can_be_left_out(person, cube):
    page = opened(person("viewer"), cube)
    whole = drawn(page, 50)
    expect(page.get_by_label("Support")).to_be_hidden()

    page.get_by_label("Infill", exact=True).uncheck()

    assert eventually(lambda: drawn(page, 50) != whole, 5)
    page.get_by_label("Infill", exact=True).check()
    assert eventually(lambda: drawn(page, 50) == whole, 5)


def test_several_filaments_are_shown_in_their_colours(person, upload, tmp_path):
    path = tmp_path / "two.gcode"
    path.write_text(f"G28\nM83\n{TWO_COLOURS}{SAID}")
    page = opened(person("viewer"), upload(path))
    by_kind = drawn(page, 5)

    page.get_by_role("button", name="Filament").click()

    by_filament = eventually(lambda: (now := drawn(page, 5)) != by_kind and now, 5)
    expect(page.get_by_label("Filament 1 · PLA")).to_be_checked()
    page.get_by_label("Filament 2 · PETG").uncheck()
    assert eventually(lambda: drawn(page, 5) not in (by_kind, by_filament), 5)


def test_the_theme_changes_the_picture(person, cube):
    page = opened(person("viewer", color_scheme="light"), cube)
    light = drawn(page, 50)

    page.emulate_media(color_scheme="dark")

    assert eventually(lambda: drawn(page, 50) != light, 5)


def test_a_failure_is_said_and_tried_again(person, cube):
    viewer = person("viewer")
    lost = [True]

    def answer(route: Route) -> None:
        route.abort() if lost else route.continue_()

    viewer.page.route("**/layers/", answer)
    page = viewer.go(cube)
    page.locator("#model-layers").scroll_into_view_if_needed()
    expect(page.get_by_text("The layer could not be loaded.")).to_be_visible()

    lost.clear()
    page.get_by_role("button", name="Try again").click()

    drawn(page, 50)
    expect(page.get_by_text("The layer could not be loaded.")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("is_phone", [False, True], ids=["wide", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(person, cube, theme, is_phone):
    page = opened(person("viewer", is_phone=is_phone, color_scheme=theme), cube)

    found = Axe().run(page).response["violations"]

    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:4]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
