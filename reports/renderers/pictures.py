"""Charts as PNG, for mails and PDFs: the page's own drawing in the light theme's colours."""

import re
from functools import cache

import resvg_py
from django.conf import settings

from ui.charts import Chart
from ui.lettering import files
from ui.plotting import draw

# Twice the drawing's own width: sharp on paper and on good screens.
WIDTH_PX = 1280
_TOKEN = re.compile(r"--([\w-]+):\s*(?:light-dark\(\s*([^,]+),[^;]*\)|([^;]+));")
_RULE = re.compile(r"^\s*(\.chart-[\w.-]+|\[data-tone=\"\w+\"\])\s*\{([^}]*)\}", re.MULTILINE)
_USED = re.compile(r"var\(--([\w-]+)(?:,\s*var\(--([\w-]+)\))?\)")
# What the drawing's style sheet says by means that only browsers know.
_LEFT_OUT = re.compile(r"(?:font-variant-numeric|transition)[^;]*;?")


def picture(chart: Chart) -> bytes:
    """The chart as PNG, on white."""
    svg = draw(chart).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            style_sheet=_style(),
            width=WIDTH_PX,
            background="#ffffff",
            skip_system_fonts=True,
            font_files=files(),
            font_family="Noto Sans",
        )
    )


@cache
def _style() -> str:
    """charts.css with the light colours of tokens.css written out, a rule for each tone."""
    folder = settings.BASE_DIR / "static" / "css"
    tokens_css, charts_css = (folder / "tokens.css").read_text(), (folder / "charts.css").read_text()
    tokens = {"panel": "#ffffff"}
    for name, light, plain in _TOKEN.findall(tokens_css):
        # Further down are those of high contrast and of print.
        tokens.setdefault(name, (light or plain).strip())
    tones = {
        tone: tokens[name]
        for tone, name in re.findall(r'\[data-tone="(\w+)"\] \{ --tone: var\(--([\w-]+)\)', tokens_css)
    }
    lines = []
    for selector, body in _RULE.findall(charts_css):
        body = _LEFT_OUT.sub("", body)
        lines.append(f"{selector} {{{_resolved(body, tokens)}}}")
        if "--tone" in body:
            for tone, colour in tones.items():
                said = _resolved(body, {**tokens, "tone": colour})
                lines.append(f'[data-tone="{tone}"] {selector} {{{said}}}')
                lines.append(f'{selector}[data-tone="{tone}"] {{{said}}}')
    return "text { font-family: 'Noto Sans' }\n" + "\n".join(lines)


def _resolved(body: str, tokens: dict[str, str]) -> str:
    return _USED.sub(lambda found: tokens.get(found[1]) or tokens.get(found[2] or "", "#000000"), body)
