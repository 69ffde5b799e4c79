"""How much longer prints take than sliced, learned from raw rows."""

from datetime import timedelta
from statistics import median

import pytest
from django.utils import timezone

from jobs import accuracy
from jobs.accuracy import DOUBT, LAST, Factor, shrunk
from jobs.models import Event, Print
from printers.models import Printer


def ended(shop, printed_s: int, days_ago: float = 1.0, **fields: object):
    """A completed print of 600 s as sliced."""
    job = shop.job()
    at = timezone.now() - timedelta(days=days_ago)
    values = {
        "state": "completed", "printer": shop.printer, "estimate_s": 600, "printed_s": printed_s,
        "started_at": at - timedelta(seconds=printed_s or 0), "ended_at": at, **fields,
    }  # fmt: skip
    Print.objects.filter(job=job).update(**values)
    return job


def test_the_factor_is_the_median_of_actual_over_estimate(shop):
    took = [600, 660, 690, 720, 1500]
    for seconds in took:
        ended(shop, seconds)

    model, printer = accuracy.of_model(shop.revision.model_id), accuracy.of_printer(shop.printer.pk)

    assert model == printer == Factor(median(seconds / 600 for seconds in took), 5)
    assert model.percent == 15


def test_only_the_last_prints_count(shop):
    for n in range(LAST):
        ended(shop, 660, days_ago=1 + n / 100)
    for n in range(5):
        ended(shop, 1800, days_ago=20 + n)

    assert accuracy.of_printer(shop.printer.pk) == Factor(pytest.approx(1.1), LAST)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "failed"},
        {"state": "cancelled"},
        {"estimate_s": None},
        {"printed_s": 0},
        {"printed_s": 60_000},
    ],
    ids=str,
)
def test_what_tells_nothing_of_the_speed_does_not_count(shop, fields):
    ended(shop, **{"printed_s": 700, **fields})

    assert accuracy.of_model(shop.revision.model_id) is None


def test_a_print_that_was_paused_does_not_count(shop):
    paused = ended(shop, 1700)
    one = Print.objects.get(job=paused)
    event = Event.objects.create(job=paused, state="paused")
    Event.objects.filter(pk=event.pk).update(at=one.started_at + timedelta(seconds=60))
    ended(shop, 660)

    assert accuracy.of_model(shop.revision.model_id) == Factor(1.1, 1)


def test_few_prints_are_drawn_to_what_is_usual_and_many_are_believed():
    few, many = shrunk(Factor(2.0, 1), 1.0), shrunk(Factor(2.0, LAST), 1.0)

    assert few == pytest.approx((2.0 + DOUBT) / (1 + DOUBT))
    assert many > 1.8
    assert shrunk(None, 1.1) == 1.1


def test_the_forecast_draws_a_model_to_its_printer_model_and_slicer(shop):
    for _n in range(4):
        ended(shop, 720)
    accuracy.forget()

    learned = accuracy.learned()

    usual = (1.2 * 4 + DOUBT) / (4 + DOUBT)
    slicer = shop.revision.metadata.get("slicer", "")
    assert learned.of(shop.revision.model_id, "Unheard of", slicer) == pytest.approx(usual)
    assert learned.of(shop.revision.model_id, shop.printer.model, slicer) == pytest.approx(
        (1.2 * 4 + usual * DOUBT) / (4 + DOUBT)
    )


def test_what_was_learned_is_kept_until_it_is_forgotten(shop):
    accuracy.forget()
    accuracy.learned()
    ended(shop, 900)

    assert accuracy.learned().models == {}
    accuracy.forget()
    assert list(accuracy.learned().models) == [shop.revision.model_id]


def test_the_pages_of_model_and_printer_tell_it_with_the_count(shop, sign_in):
    for _n in range(3):
        ended(shop, 642)
    client = sign_in("operator")

    for path in (f"/o/acme/printers/{shop.printer.pk}/", f"/o/acme/models/{shop.revision.model_id}/"):
        page = client.get(path).text
        assert "7 % longer than sliced, of the last 3 prints" in " ".join(page.split())


def test_a_deleted_printer_does_not_take_its_prints_from_the_model(shop):
    ended(shop, 660)
    Printer.objects.filter(pk=shop.printer.pk).delete()

    assert accuracy.of_model(shop.revision.model_id) == Factor(1.1, 1)
