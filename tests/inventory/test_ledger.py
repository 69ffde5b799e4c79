"""The ledger of a spool: each line with what was left then, page by page."""

from decimal import Decimal

import pytest
from django.http import QueryDict

from inventory.consumption import consume
from inventory.ledger import SIZE, Ledger
from inventory.models import Spool, Usage
from inventory.weighing import weigh
from jobs.models import Job, Print
from tests.factories.inventory import make_spool
from tests.factories.models3d import make_model

D = Decimal


def pages_of(spool):
    spool.refresh_from_db()
    first = Ledger(spool, QueryDict())
    return [Ledger(spool, QueryDict(f"lines={page}")).lines for page in range(1, first.pages + 1)]


def test_each_line_tells_what_was_left_then(acme):
    spool = make_spool()
    consume(spool, D(100), "a")
    consume(spool, D("50.5"), "b")
    weigh(spool, D(900))

    (lines,) = pages_of(spool)

    assert [(line.usage.grams, line.left_g) for line in lines] == [
        (D("-50.50"), D(900)), (D("50.50"), D("849.50")), (D(100), D(900)),
    ]  # fmt: skip


def test_the_balance_runs_on_over_all_pages(acme):
    spool = make_spool()
    for number in range(2 * SIZE + 3):
        consume(spool, D(number), f"p:{number}")

    lines = [line for page in pages_of(spool) for line in page]

    assert len(lines) == 2 * SIZE + 3
    assert lines[-1].left_g == D(1000)
    for newer, older in zip(lines, lines[1:], strict=False):
        assert newer.left_g == older.left_g - newer.usage.grams


@pytest.mark.parametrize("said", ["0", "-1", "99", "x", "9" * 30, "²", ""])
def test_a_page_that_is_none_is_the_nearest(acme, said):
    spool = make_spool()
    consume(spool, D(1), "a")

    assert len(Ledger(spool, QueryDict(f"lines={said}")).lines) == 1


def test_any_page_of_the_ledger_takes_three_queries(acme, django_assert_num_queries):
    spool = make_spool()
    for number in range(3 * SIZE):
        consume(spool, D(1), f"p:{number}")

    with django_assert_num_queries(3):
        assert len(Ledger(spool, QueryDict("lines=3")).lines) == SIZE


@pytest.mark.parametrize(
    ("kinds", "source"),
    [([], "printed"), (["sliced"], "printed"), (["measured"], "printed"), (["estimated"], "estimated"),
     (["estimated", "sliced"], "estimated"), (["estimated", "weighed"], "weighed"),
     (["weighed", "measured"], "printed"), (["before"], "estimated")],
)  # fmt: skip
def test_what_is_left_rests_on_its_least_sure_line_since_it_was_weighed(acme, kinds, source):
    spool = make_spool()
    for number, kind in enumerate(kinds):
        consume(spool, D(1), f"p:{number}", kind=Usage.Kind(kind))

    assert Spool.objects.get().left_source == source


def test_the_page_names_the_job_the_extruder_and_how_it_is_known(acme, sign_in, person):
    spool = make_spool()
    job = Job.objects.create(name="Bracket", revision=make_model().current, by=person("operator"))
    one = Print.objects.create(job=job, copy=1)
    consume(spool, D(12), "d:1", kind=Usage.Kind.ESTIMATED, extruder=1, print_id=one.pk)

    told = sign_in("operator").get(f"/o/acme/filament/{spool.pk}/").text

    assert f"#{job.number} Bracket" in told
    assert "filament 2 of the file" in told
    assert "estimated by how far it came" in told
    assert "partly estimated" in told


def test_older_lines_are_a_click_away_and_the_list_stays_as_it_was(acme, sign_in):
    spool = make_spool()
    for number in range(SIZE + 1):
        consume(spool, D(1), f"p:{number}")
    client = sign_in("viewer")

    told = client.get(f"/o/acme/filament/{spool.pk}/?material=PLA").text
    older = client.get(f"/o/acme/filament/{spool.pk}/?material=PLA&lines=2").text

    assert "?material=PLA&amp;lines=2#ledger" in told
    assert "Left then" in older
    assert 'class="is-number">999 g' in older.replace("\u00a0", " ")
    # Another spool of the list opens with its newest lines.
    assert f'/{spool.pk}/?material=PLA&amp;page=1"' in older
