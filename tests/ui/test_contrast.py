"""Contrast of the tokens, computed as WCAG 2.1 does."""

import re
from pathlib import Path

import pytest

from printers.hues import Hue

STYLES = Path(__file__).resolve().parents[2] / "static/css"
TOKENS = (STYLES / "tokens.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", TOKENS))
THEMES = {
    theme: {name: values.split(", ")[at] for name, values in PAIRS.items()}
    for at, theme in enumerate(("light", "dark"))
}
SURFACES = ("page", "panel", "raised", "sunken", "hover", "selected")
TONES = ("orange", "blue", "yellow", "green", "violet", "grey", "red")
TAGS = [name for name in PAIRS if name.startswith("tag-")]
OWN_GROUNDS = [
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-loud", "loud"),
    ("on-bad-soft", "bad-soft"),
    ("on-good-soft", "good-soft"),
    ("panel", "red"),
]


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", ["text", "muted", "accent", "red"])
def test_text_is_readable_on_every_surface(theme: str, surface: str, text: str) -> None:
    colors = THEMES[theme]

    assert contrast(colors[text], colors[surface]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), OWN_GROUNDS)
def test_text_is_readable_on_its_own_ground(theme: str, text: str, ground: str) -> None:
    colors = THEMES[theme]

    assert contrast(colors[text], colors[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("surface", [*SURFACES, "loud"])
@pytest.mark.parametrize("mark", [*TONES, "accent", "edge", *TAGS])
def test_marks_and_borders_stand_out_on_every_surface(theme: str, surface: str, mark: str) -> None:
    colors = THEMES[theme]

    assert contrast(colors[mark], colors[surface]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", [name for name in PAIRS if name.startswith("path-")])
def test_lines_of_a_layer_stand_out_on_the_bed(theme: str, path: str) -> None:
    colors = THEMES[theme]

    assert contrast(colors[path], colors["panel"]) >= 3


def test_every_colour_a_tag_may_have_is_a_token_and_no_other() -> None:
    offered = re.findall(r'\[data-hue="(\w+)"\] \{ --hue: var\(--tag-(\w+)\); \}', TOKENS)

    assert [f"tag-{hue}" for hue in Hue.values] == TAGS
    assert offered == [(hue, hue) for hue in Hue.values]


def test_only_the_tokens_name_colours() -> None:
    others = [path for path in STYLES.glob("*.css") if path.name != "tokens.css"]

    named = {path.name: found for path in others if (found := _colours(path.read_text()))}

    assert named == {}


def _colours(css: str) -> list[str]:
    screen = css.split("@media print")[0]
    return re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])|\b(?:rgb|hsl|oklch)a?\(", screen)
