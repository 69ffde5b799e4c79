"""What runs low, and for how long it lasts."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from inventory import keeping
from inventory.consumption import consume
from inventory.models import Usage
from inventory.stock import count_low, low_filaments, used_per_day
from inventory.weighing import weigh
from tests.factories.inventory import make_filament, make_spool

D = Decimal
KINDS = "/o/acme/filament/kinds/"


def printed(spool, grams, days_ago=1):
    usage = consume(spool, D(grams), f"p:{uuid4()}", print_id=uuid4())
    Usage.objects.filter(pk=usage.pk).update(at=timezone.now() - timedelta(days=days_ago))


def test_a_filament_is_low_by_all_its_spools_together(acme):
    scarce, plenty, uncared = make_filament(low_g=1500), make_filament("ABS", low_g=900), make_filament("TPU")
    for filament in (scarce, plenty, uncared):
        make_spool(filament, used_g=950)
    make_spool(scarce), make_spool(plenty)
    keeping.archive(make_spool(scarce))

    (low,) = low_filaments()

    assert (low.filament, low.left_g, low.low_g) == (scarce, D(1050), D(1500))
    assert count_low() == 1


def test_a_filament_without_any_spool_is_low_too(acme):
    make_filament(low_g=1)

    (low,) = low_filaments()

    assert (low.left_g, low.days) == (D(0), None)


def test_it_lasts_as_long_as_at_the_last_months_pace(acme):
    filament = make_filament(low_g=2000)
    spool, other = make_spool(filament), make_spool(filament)
    printed(spool, 200)
    printed(other, 100, days_ago=29)
    printed(spool, 500, days_ago=31)

    (low,) = low_filaments()

    assert low.per_day_g == D(10)
    assert low.days == D(120)


def test_what_is_corrected_or_was_used_before_is_no_pace(acme):
    filament = make_filament()
    (spool,) = keeping.add(filament, used_g=D(100))
    weigh(spool, D(300))

    assert used_per_day() == {}


def test_what_ends_first_stands_first(acme):
    slow, fast, idle = (make_filament(name, low_g=5000) for name in ("PLA", "ABS", "TPU"))
    for filament, grams in ((slow, 30), (fast, 300), (idle, 0)):
        spool = make_spool(filament)
        if grams:
            printed(spool, grams)

    assert [low.filament for low in low_filaments()] == [fast, slow, idle]


def test_low_filaments_are_two_queries_however_many(acme, django_assert_num_queries):
    for number in range(5):
        printed(make_spool(make_filament(f"M{number}", low_g=5000)), 30)

    with django_assert_num_queries(2):
        assert len(low_filaments()) == 5


def test_the_pages_tell_what_to_reorder(acme, sign_in):
    filament = make_filament(low_g=1500, reorder_url="https://shop.example/pla?a=1&b=2")
    printed(make_spool(filament), 300)
    client = sign_in("operator")

    assert "filament runs low" in client.get("/o/acme/filament/").text
    told = client.get(f"{KINDS}?stock=low").text
    assert "70 days" in told
    assert 'href="https://shop.example/pla?a=1&amp;b=2"' in told
    filament.low_g = 10
    filament.save()
    assert "No filament here" in client.get(f"{KINDS}?stock=low").text


@pytest.mark.parametrize(
    ("field", "value"),
    [("reorder_url", "javascript:alert(1)"), ("reorder_url", "shop"), ("low_g", "-1"), ("low_g", "NaN"),
     ("nozzle_c", "601"), ("bed_c", "-1")],
)  # fmt: skip
def test_absurd_filaments_are_refused(acme, sign_in, api, field, value):
    fields = {
        "material": "PLA", "color": "#000000", "density": "1.24", "diameter_mm": "1.75", "price_per_kg": "20",
    }  # fmt: skip

    answer = sign_in("operator").post(f"{KINDS}add/", {**fields, field: value})

    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.text
    assert api().post("/api/filaments", {"material": "PLA", field: value}).status_code == 422


def test_scripts_see_the_stock_of_filaments(acme, api):
    filament = make_filament(low_g=1500, nozzle_c=215)
    make_filament("ABS", low_g=0)
    printed(make_spool(filament), 300)

    (told,) = api().get("/api/filaments?low=true").json()["items"]

    assert (told["id"], told["is_low"], told["low_g"], told["nozzle_c"]) == (
        str(filament.pk),
        True,
        1500,
        215,
    )
    assert (told["grams_left"], told["grams_per_day"], told["days_left"]) == (700, 10, 70)
    cleared = api().patch(f"/api/filaments/{filament.pk}", {"low_g": None}).json()
    assert (cleared["low_g"], cleared["is_low"]) == (None, False)
