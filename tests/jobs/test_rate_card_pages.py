"""Rate cards on their pages: made from a day on, changed until it comes."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from audit.models import Entry
from jobs.charging import setting
from jobs.charging.models import RateCard
from tests.factories.printers import make_printer

from .charges import end_print, make_card, make_job
from .conftest import revision_of

BASE = "/o/acme/chargebacks"
NASTY = "=<b>1+1</b> \N{RIGHT-TO-LEFT OVERRIDE}abc \N{PRINTER}"


@pytest.fixture
def charged(acme, person, settings, tmp_path):
    """A card, by which a print of today was charged."""
    settings.MEDIA_ROOT = tmp_path
    make_card()
    end_print(make_job(revision_of(person("viewer")), person("viewer")).prints.get())


def today():
    return timezone.localdate()


CARD = {
    "per_hour": "2", "watts": "100", "per_kwh": "0.3", "labour_per_print": "0", "labour_per_hour": "0",
    "fee_per_job": "0", "failure_percent": "5", "policy": "fault", "note": NASTY,
}  # fmt: skip


def send_card(client, path="add/", **fields):
    values = {**CARD, "valid_from": (today() + timedelta(days=1)).isoformat(), **fields}
    return client.post(f"{BASE}/cards/{path}", values)


def test_a_card_is_made_with_its_models_and_departments(acme, sign_in, physics):
    make_printer("P", model=NASTY)
    client = sign_in("admin")

    assert send_card(client, hour_0="2.50", watts_0="150", percent_0="-12.5").status_code == 302

    card = RateCard.objects.get()
    assert card.by_model == [{"model": NASTY, "per_hour": "2.5", "watts": 150}]
    assert card.by_department == [{"department_id": str(physics.pk), "percent": "-12.5"}]
    assert card.currency == "EUR"
    text = client.get(f"{BASE}/cards/").text
    assert "to come" in text
    assert "<b>1+1" not in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"per_hour": "-1"}, {"per_hour": "100001"}, {"per_hour": "NaN"}, {"per_hour": "1e99"},
        {"watts": "-5"}, {"watts": "99999999999"}, {"failure_percent": "101"}, {"policy": "else"},
        {"valid_from": "yesterday"}, {"valid_from": ""}, {"note": "x" * 201},
        {"percent_0": "-101"}, {"percent_0": "Infinity"},
    ],
    ids=str,
)  # fmt: skip
def test_an_absurd_card_is_refused_and_nothing_of_it_lost(acme, sign_in, physics, wrong):
    answer = send_card(sign_in("admin"), **wrong)

    assert answer.status_code == 422
    assert "0.3" in answer.text
    assert not RateCard.objects.exists()


def test_two_cards_from_one_day_and_one_from_the_past_are_refused(acme, sign_in):
    client = sign_in("admin")
    assert send_card(client).status_code == 302

    again = send_card(client)
    past_one = send_card(client, valid_from=(today() - timedelta(days=1)).isoformat())

    assert again.status_code == past_one.status_code == 422
    assert "There is a card from this day already." in again.text
    assert "Prices of days gone by stay" in past_one.text
    assert RateCard.objects.count() == 1


def test_once_prints_of_today_are_charged_a_card_begins_tomorrow(charged, sign_in):
    RateCard.objects.update(valid_from=today() - timedelta(days=9))
    client = sign_in("admin")

    refused = send_card(client, valid_from=today().isoformat())

    assert refused.status_code == 422
    assert "choose tomorrow" in refused.text
    form = client.get(f"{BASE}/cards/add/").text
    assert f'value="{(today() + timedelta(days=1)).isoformat()}"' in form
    # It begins with the prices that hold.
    assert 'value="1.5"' in form


def test_a_card_that_has_begun_is_neither_changed_nor_deleted(charged, sign_in):
    client, card = sign_in("admin"), RateCard.objects.get()

    edited = send_card(client, f"{card.pk}/edit/", per_hour="99")
    deleted = client.post(f"{BASE}/cards/{card.pk}/delete/", follow=True)

    assert edited.status_code == 302
    assert "has begun" in deleted.text
    card.refresh_from_db()
    assert card.per_hour == D("1.5")


def test_a_card_that_was_charged_by_has_begun_also_where_it_is_yesterday_again(charged, sign_in, monkeypatch):
    yesterday = today() - timedelta(days=1)
    monkeypatch.setattr(setting, "today", lambda: yesterday)

    answer = sign_in("admin").post(f"{BASE}/cards/{RateCard.objects.get().pk}/delete/", follow=True)

    assert "has begun" in answer.text
    assert RateCard.objects.exists()


def test_a_card_to_come_is_changed_and_deleted(acme, sign_in):
    client = sign_in("admin")
    send_card(client)
    card = RateCard.objects.get()

    assert client.get(f"{BASE}/cards/{card.pk}/edit/").status_code == 200
    assert send_card(client, f"{card.pk}/edit/", per_hour="9").status_code == 302
    card.refresh_from_db()
    assert card.per_hour == 9
    client.post(f"{BASE}/cards/{card.pk}/delete/")

    assert not RateCard.objects.exists()
    told = Entry.objects.filter(action__startswith="ratecard").order_by("pk")
    assert [one.action for one in told] == ["ratecard.add", "ratecard.edit", "ratecard.delete"]
