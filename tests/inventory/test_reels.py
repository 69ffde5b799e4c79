"""Weighing a spool on its reel."""

from decimal import Decimal

import pytest

from audit.models import Entry
from inventory import reels
from inventory.models import Reel, Spool
from inventory.refusing import OutOfRange, Refused
from inventory.weighing import weigh_with_reel
from tests.factories.inventory import make_filament, make_spool

D = Decimal
PAGE = "/o/acme/filament/reels/"


def weighed(client, spool, **fields):
    return client.post(f"/o/acme/filament/{spool.pk}/weigh/", fields)


def test_the_reel_is_taken_off_and_remembered(acme):
    spool = make_spool()

    weigh_with_reel(spool, D(850), D(250))
    weigh_with_reel(spool, D(800))

    spool.refresh_from_db()
    assert (spool.left_g, spool.reel_g, spool.left_source) == (D(550), D(250), "weighed")
    assert Entry.objects.filter(action="spool.weigh").last().after == {
        "grams_left": "600.00",
        "reel_g": "250.00",
    }


@pytest.mark.parametrize(
    ("grams", "reel_g", "words"),
    [("200", "250", "The empty reel alone"), ("1500", "250", "Take off the reel"), ("500", "-1", "between"),
     ("500", "NaN", "between"), ("500", "6000", "between"), ("NaN", "250", "as a number"),
     ("-5", "250", "less than 0"), ("500", None, "Say what the empty reel")],
)  # fmt: skip
def test_what_can_not_be_true_is_refused(acme, grams, reel_g, words):
    spool = make_spool()

    with pytest.raises(OutOfRange, match=words):
        weigh_with_reel(spool, D(grams), None if reel_g is None else D(reel_g))

    spool.refresh_from_db()
    assert (spool.used_g, spool.reel_g) == (0, None)


def test_a_reel_of_the_brand_is_offered_first_and_takes_its_weight_off(acme, sign_in):
    spool, client = make_spool(make_filament(brand="eSUN")), sign_in("operator")
    told = client.get(f"/o/acme/filament/{spool.pk}/").text
    assert told.index('<optgroup label="eSUN">') < told.index('<optgroup label="Other brands">')

    answer = weighed(client, spool, grams_left="740", reel=str(Reel.objects.get(brand="eSun").pk))

    assert answer.status_code == 302
    spool.refresh_from_db()
    assert (spool.left_g, spool.reel_g) == (D(500), D(240))
    assert "on its reel, 240 g" in client.get(f"/o/acme/filament/{spool.pk}/").text


def test_its_own_reel_or_another_weight_will_do(acme, sign_in):
    spool, client = make_spool(), sign_in("operator")

    assert weighed(client, spool, grams_left="700", reel="other", reel_g="200").status_code == 302
    assert weighed(client, spool, grams_left="600", reel="own").status_code == 302

    assert Spool.objects.get().left_g == D(400)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"grams_left": "100", "reel": "other", "reel_g": "150"}, "grams_left"),
     ({"grams_left": "700", "reel": "other"}, "reel_g"),
     ({"grams_left": "700", "reel": "x"}, "reel"),
     ({"grams_left": "700", "reel": "own"}, "reel")],
)  # fmt: skip
def test_the_error_stands_beside_its_field(acme, sign_in, fields, field):
    answer = weighed(sign_in("operator"), make_spool(), **fields)

    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.text
    assert Spool.objects.get().used_g == 0


def test_scripts_weigh_on_the_reel_too(acme, api):
    spool, client = make_spool(), api()
    path = f"/api/spools/{spool.pk}/weigh"

    assert client.post(path, {"gross_g": 900}).status_code == 422
    told = client.post(path, {"gross_g": 900, "reel_g": 200}).json()
    assert (told["grams_left"], told["reel_g"], told["left_source"]) == (700, 200, "weighed")
    assert client.post(path, {"gross_g": 800}).json()["grams_left"] == 600
    assert client.post(path, {"gross_g": 800, "grams_left": 3}).status_code == 422
    assert client.post(path, {}).status_code == 422


def test_an_organisation_begins_with_known_reels_and_makes_the_list_its_own(acme, sign_in):
    client = sign_in("operator")
    assert "Bambu Lab" in client.get(PAGE).text

    client.post(PAGE, {"brand": "Own", "name": "steel", "grams": "812.5"})
    assert client.post(PAGE, {"brand": "OWN", "name": "Steel", "grams": "1"}).status_code == 422
    assert client.post(PAGE, {"brand": "B", "grams": "-1"}).status_code == 422
    Reel.objects.exclude(brand="Own").delete()

    assert "Bambu Lab" not in client.get(PAGE).text
    with pytest.raises(Refused):
        reels.delete(Reel.objects.get())
