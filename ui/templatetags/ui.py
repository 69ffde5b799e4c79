"""The tags and filters of every page (a built-in library: no load needed)."""

from datetime import datetime
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField, CheckboxInput
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from ui import drawing, figures, icons, plotting
from ui.glyphs import fraction_of, glyph
from ui.marks import mark_of
from ui.query import changed

register = template.Library()

MESSAGE_TONES = {"success": "green", "error": "red", "warning": "orange"}

register.filter("grams", figures.grams)
register.filter("duration", figures.duration)
register.filter("clock", figures.clock)
register.filter("ago", figures.relative)
register.filter("until", figures.relative)
register.filter("money", figures.money)
register.filter("price", figures.price)
register.filter("percent", figures.percent)
register.filter("bytes", figures.size)
register.simple_tag(drawing.ring, name="ring")
register.simple_tag(drawing.bar, name="bar")
register.simple_tag(drawing.spool, name="spool")
register.simple_tag(drawing.swatch, name="swatch")
register.simple_tag(plotting.draw, name="draw_chart")
register.simple_tag(plotting.spark, name="spark")


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """An icon of lucide.dev by its name; decorative, so words stand beside it."""
    return icons.icon(name, size)


@register.simple_tag
def mark(
    family: str, state: object, fraction: object = None, word: object = None, hide_word: bool = False
) -> SafeString:
    """A state's mark; `fraction` fills a printing ring, `hide_word` leaves the word to screen readers."""
    told = mark_of(family, state)
    return format_html(
        '<span class="mark" data-tone="{}" data-shape="{}">{}<span class="{}">{}</span></span>',
        told.tone,
        told.shape,
        glyph(told.shape, fraction_of(fraction)),
        "visually-hidden" if hide_word else "mark-word",
        word or told.word,
    )


@register.filter
def tone(state: object, family: str) -> str:
    """The tone of a state, for data-tone: {{ job.state|tone:"job" }}."""
    return mark_of(family, state).tone


@register.filter
def message_tone(message: Message) -> str:
    """The tone of a message of django.contrib.messages."""
    return MESSAGE_TONES.get(message.level_tag, "blue")


@register.simple_tag
def moment(when: datetime | None, relative: bool = True) -> SafeString:
    """A time as "16:40 · in 2 h 05 min", whole in its title and machine-readable."""
    if not when:
        return format_html('<span class="muted">{}</span>', figures.NOTHING)
    told = figures.clock(when)
    if relative:
        told = f"{told} · {figures.relative(when)}"
    whole = date_format(timezone.localtime(when), "j F Y, H:i:s e")
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), whole, told)


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: Any) -> str:
    """The current query string with these values changed (None removes); goes back to page one."""
    return changed(context["request"].GET, changes)


@register.simple_tag(takes_context=True)
def field(context: RequestContext, bound: BoundField, hide_label: bool = False) -> SafeString:
    """A form field whole: label, input, help, and its error beside it; the first wrong one gets the focus."""
    notes = [f"{bound.auto_id}-help"] if bound.help_text else []
    notes += [f"{bound.auto_id}-error"] if bound.errors else []
    attrs: dict[str, Any] = {"aria-describedby": " ".join(notes)} if notes else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
        attrs["autofocus"] = next(iter(bound.form.errors)) == bound.name
    widget = bound.field.widget
    is_check = isinstance(widget, CheckboxInput)
    if not is_check and not widget.use_fieldset and "class" not in widget.attrs:
        attrs["class"] = "input"
    values = {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "is_check": is_check,
        "is_group": widget.use_fieldset,
        "hide_label": hide_label,
    }
    return render_to_string("ui/_field.html", values)


@register.inclusion_tag("ui/_empty.html")
def empty_state(icon: str, title: str, text: str = "", action: str = "", url: str = "") -> dict[str, str]:
    """What a list shows when it has nothing: one sentence and the next action."""
    return {"icon": icon, "title": title, "text": text, "action": action, "url": url}


@register.simple_tag(takes_context=True)
def counter(
    context: RequestContext, count: int, word: str, family: str = "", state: object = "", param: str = "state"
) -> SafeString:
    """A count that filters the list by `param=state`; nothing when zero, unless it is the filter now."""
    value = str(getattr(state, "value", state))
    request = context["request"]
    is_on = bool(value) and value in request.GET.getlist(param)
    if not count and not is_on:
        return SafeString()
    told = mark_of(family, value) if family else None
    return format_html(
        '<a class="counter" href="{}"{}{}>{}<b>{}</b> <span>{}</span></a>',
        changed(request.GET, {param: None if is_on else value or None}),
        SafeString(' aria-current="true"') if is_on else "",
        format_html(' data-tone="{}"', told.tone) if told else "",
        glyph(told.shape, 0.35) if told else "",
        count,
        conditional_escape(word),
    )


@register.inclusion_tag("ui/_sort_link.html", takes_context=True)
def sort_link(context: RequestContext, table: Any, column: Any, css: str = "sort") -> dict[str, Any]:
    """A column's heading that sorts by it, and the other way round when pressed again."""
    is_sorted = table.sort.removeprefix("-") == column.name
    is_descending = is_sorted and table.sort.startswith("-")
    turned = f"-{column.name}" if is_sorted and not is_descending else column.name
    return {
        "column": column,
        "css": css,
        "table": table,
        "is_sorted": is_sorted,
        "is_descending": is_descending,
        "url": changed(context["request"].GET, {"sort": turned}),
    }


@register.simple_tag
def sort_state(table: Any, column: Any) -> str:
    """The value of aria-sort for a column."""
    if table.sort.removeprefix("-") != column.name:
        return "none"
    return "descending" if table.sort.startswith("-") else "ascending"
