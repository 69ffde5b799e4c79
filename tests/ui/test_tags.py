from types import SimpleNamespace

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from lucide import IconDoesNotExist

from ui import drawing, icons
from ui.glyphs import SHAPES
from ui.marks import MARKS, mark_of

EVERY_MARK = [(family, state) for family, states in MARKS.items() for state in states]


def render(source: str, address: str = "/", **context: object) -> str:
    return engines["django"].from_string(source).render(context, RequestFactory().get(address))


@pytest.mark.parametrize(("family", "state"), EVERY_MARK)
def test_every_mark_has_a_shape_an_icon_and_a_word(family: str, state: str) -> None:
    told = mark_of(family, state)

    assert told.shape in SHAPES
    assert icons.icon(told.icon).startswith("<svg")
    assert str(told.word)


@pytest.mark.parametrize("family", MARKS)
def test_states_of_a_family_are_told_apart_by_shape_alone(family: str) -> None:
    shapes = {state: told.shape for state, told in MARKS[family].items() if state != "rejected"}

    assert len(set(shapes.values())) == len(shapes)


def test_a_mark_is_drawn_with_its_word() -> None:
    drawn = render('{% mark "printer" "needs_you" %}')

    assert 'data-tone="orange"' in drawn
    assert '<span class="mark-word">Needs you</span>' in drawn


def test_a_hidden_word_is_still_read_aloud() -> None:
    assert '<span class="visually-hidden">Ready</span>' in render(
        '{% mark "printer" "ready" hide_word=True %}'
    )


def test_a_state_nobody_knows_does_not_break_the_page() -> None:
    assert "Self test" in render('{% mark "printer" "self_test" %}')


def test_a_printing_mark_fills_its_ring() -> None:
    assert 'stroke-dasharray="21.99 43.98"' in render('{% mark "job" "printing" 0.5 %}')


@pytest.mark.parametrize(
    ("given", "told"),
    [(None, "Offline"), ("", "Offline"), (-1, "0\xa0%"), (7, "100\xa0%"), (0.42, "42\xa0%")],
)
def test_a_ring_bears_any_progress(given: object, told: str) -> None:
    assert f'aria-label="{told}"' in drawing.ring(given, "offline")


@pytest.mark.parametrize(
    ("color", "clean"),
    [
        ("#FFFFFF", "#ffffff"),
        ("1c7ed6ff", "#1c7ed6"),
        ("", ""),
        (None, ""),
        ('#fff"/><script>', ""),
        ("#12", ""),
    ],
)
def test_only_a_colour_gets_into_the_drawing(color: object, clean: str) -> None:
    assert drawing.hex_of(color) == clean


def test_a_spool_is_outlined_and_says_what_is_left() -> None:
    drawn = drawing.spool("#ffffff", 0.5, label="PLA white")

    assert 'aria-label="PLA white 50\xa0% left"' in drawn
    assert "spool-outline" in drawn


def test_a_wrong_icon_is_a_mistake_at_once() -> None:
    with pytest.raises(IconDoesNotExist):
        icons.icon("no-such-icon")


def test_query_changes_one_value_and_goes_back_to_page_one() -> None:
    assert render('{% query sort="name" tag=None %}', "/?tag=a&q=x&page=3") == "?q=x&amp;sort=name"


def test_query_keeps_other_filters_when_the_page_turns() -> None:
    assert render("{% query page=2 %}", "/?state=a&state=b") == "?state=a&amp;state=b&amp;page=2"


def test_a_counter_of_none_is_hidden() -> None:
    assert render('{% counter 0 "ready" "printer" "ready" %}') == ""


def test_a_counter_that_filters_now_stays_and_takes_itself_off() -> None:
    drawn = render('{% counter 0 "ready" "printer" "ready" %}', "/?state=ready")

    assert 'aria-current="true"' in drawn
    assert 'href="?"' in drawn


class SpoolForm(forms.Form):
    lot = forms.CharField(help_text="On the label.")
    grams = forms.IntegerField()
    dried = forms.BooleanField(required=False)


def test_a_wrong_field_tells_its_error_beside_it_and_takes_the_focus() -> None:
    drawn = render("{% field form.grams %}", form=SpoolForm({"lot": "7", "grams": "many"}))

    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_grams-error"' in drawn
    assert 'id="id_grams-error"' in drawn
    assert " autofocus" in drawn


def test_only_the_first_wrong_field_takes_the_focus() -> None:
    form = SpoolForm({})

    drawn = render("{% for one in form %}{% field one %}{% endfor %}", form=form)

    assert drawn.count("autofocus") == 1


def test_help_is_tied_to_its_field() -> None:
    drawn = render("{% field form.lot %}", form=SpoolForm())

    assert 'aria-describedby="id_lot-help"' in drawn
    assert "On the label." in drawn


def test_what_people_typed_is_escaped() -> None:
    drawn = render('{% empty_state "box" title %}{% counter 2 word %}', title="<b>", word="<i>")

    assert "<b>&lt;b&gt;" not in drawn
    assert "&lt;b&gt;" in drawn
    assert "&lt;i&gt;" in drawn


def test_the_frame_shows_only_the_places_one_may_go_to(settings) -> None:
    settings.ROOT_URLCONF = "tests.ui.urls"
    request = RequestFactory().get("/printers/list/")
    request.org = SimpleNamespace(slug="acme", name="Acme", pk=1, accent="", accent_dark="", logo="")
    request.membership = SimpleNamespace(may=lambda action: action == "printer.view")
    request.user = SimpleNamespace(is_authenticated=True)

    page = engines["django"].get_template("base.html").render({"orgs_of_user": []}, request)

    assert '<a class="side-link" href="/printers/list/"' in page
    assert "/jobs/list/" not in page
    assert page.count('aria-current="page"') == 2


def test_the_library_needs_no_load() -> None:
    assert render("{{ 7500|duration }}") == "2\xa0h\xa005\xa0min"
