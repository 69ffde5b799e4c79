"""The pages of drying: what is due, the log, the forms and the rules."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.drying import sessions
from inventory.models import Drying, DryingRule, Spool
from orgs.models import Org
from tests.factories.inventory import make_filament, make_spool
from tests.factories.printers import make_printer

LIST, DRYING = "/o/acme/filament/", "/o/acme/filament/drying/"
LATELY = "2026-01-01T00:00:00Z"


@pytest.fixture
def damp(acme):
    """Opened long ago, of a material that stays dry for three days."""
    return make_spool(make_filament("PA", brand="Taulman"), opened_at=LATELY)


def said(*spools, **changed):
    at = timezone.localtime() - timedelta(minutes=9)
    return {
        "spools": ", ".join(f"#{one.number}" for one in spools), "at": at.strftime("%Y-%m-%dT%H:%M"),
        "temperature_c": "85", "hours": "12", **changed,
    }  # fmt: skip


def test_a_spool_that_needs_drying_says_so_in_words_wherever_it_is_chosen(damp, sign_in):
    make_spool(make_filament("PA")), make_spool(opened_at=LATELY)
    client, slot = sign_in("operator"), make_printer().slots.get()

    row = client.get(LIST).text
    narrowed = client.get(f"{LIST}?drying=due").text
    beside = client.get(f"{LIST}{damp.pk}/").text

    assert row.count('<span class="mark-word">Needs drying</span>') == 1
    assert "<b>1</b> <span>needs drying</span>" in row
    assert narrowed.count("data-row>") == 1
    assert f'id="spool-{damp.pk}"' in narrowed
    assert "PA stays dry for 3 days here." in beside
    assert "Dry it at 85 °C for 12 h." in beside
    assert "It needs drying" in client.get(f"{LIST}{damp.pk}/load/").text
    assert "Needs drying" in client.get(f"{LIST}slots/{slot.pk}/load/").text


def test_loading_a_damp_spool_warns_and_is_done(damp, sign_in):
    slot = make_printer().slots.get()

    told = sign_in("operator").post(f"{LIST}{damp.pk}/load/", {"slot": str(slot.pk)}, follow=True)

    assert f"Mind that spool #{damp.number} needs drying: PA stays dry for 3 days." in told.text
    assert Spool.objects.get(pk=damp.pk).slot == slot


def test_loading_a_dry_spool_warns_of_nothing(acme, sign_in):
    spool, slot = make_spool(), make_printer().slots.get()

    told = sign_in("operator").post(f"{LIST}{spool.pk}/load/", {"slot": str(slot.pk)}, follow=True)

    assert "Mind that" not in told.text


def test_due_spools_are_listed_with_what_to_do(damp, sign_in):
    text = sign_in("viewer").get(DRYING).text

    assert "1 spool needs drying" in text
    assert "85 °C · 12 h" in text
    assert "were dried together" not in text
    assert "were dried together" in sign_in("operator").get(DRYING).text


def test_ticked_spools_are_one_session_in_one_form(damp, sign_in):
    petg = make_spool(make_filament("PETG"))
    client = sign_in("operator")

    form = client.get(f"{DRYING}add/?spool={damp.pk}&spool={petg.pk}&spool=nonsense").text
    done = client.post(f"{DRYING}add/", said(damp, petg, device="S4", humidity_before="45"), follow=True)

    assert f'value="{damp.number}, {petg.number}"' in form
    assert 'name="temperature_c" value="70"' in form
    assert "The drying of 2 spools is kept." in done.text
    assert Drying.objects.filter(device="S4", humidity_before=45, temperature_c=85).count() == 2
    assert "Needs drying" not in client.get(LIST).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"temperature_c": "900"}, "not at 900"),
        ({"hours": "-2"}, "more than 0"),
        ({"hours": "1e5"}, "at most 240"),
        ({"humidity_after": "101"}, "0 to 100"),
        ({"at": "2999-01-01T00:00"}, "still to come"),
        ({"at": ""}, "required"),
        ({"spools": "12345"}, "There is no spool #12345."),
        ({"spools": "PETG"}, "Give the numbers of spools"),
        ({"spools": " , "}, "required"),
        ({"spools": "#"}, "at least one spool"),
    ],
)
def test_a_wrong_form_says_why_and_keeps_what_was_typed(damp, sign_in, changed, words):
    told = sign_in("operator").post(f"{DRYING}add/", said(damp, note="<i>by the window</i>", **changed))

    assert told.status_code == 422
    assert words in told.text
    assert "&lt;i&gt;by the window&lt;/i&gt;" in told.text
    assert not Drying.objects.exists()


def test_a_second_click_is_told_that_it_was_kept(damp, sign_in):
    client = sign_in("operator")
    sent = said(damp)

    first, second = client.post(f"{DRYING}add/", sent), client.post(f"{DRYING}add/", sent)

    assert (first.status_code, second.status_code) == (302, 422)
    assert "in a dryer at that time already" in second.text
    assert Drying.objects.count() == 1


def test_times_are_those_of_the_organisations_clock(damp, acme, sign_in):
    Org.objects.filter(pk=acme.pk).update(time_zone="Pacific/Kiritimati")
    zone = ZoneInfo("Pacific/Kiritimati")
    at = (timezone.now() - timedelta(hours=1)).astimezone(zone)

    sign_in("operator").post(f"{DRYING}add/", said(damp, at=at.strftime("%Y-%m-%dT%H:%M")))

    assert Drying.objects.get().at == datetime(*at.timetuple()[:5], tzinfo=zone)


def test_a_session_is_corrected_and_deleted(damp, sign_in, person):
    (one,) = sessions.add([damp], {"temperature_c": 65, "hours": Decimal(6)}, person("operator"))
    client = sign_in("operator")
    form = client.get(f"{DRYING}{one.pk}/edit/").text

    client.post(f"{DRYING}{one.pk}/edit/", said(hours="7.5"))
    changed = Drying.objects.get()
    client.post(f"{DRYING}{one.pk}/delete/")

    assert 'name="hours" value="6"' in form
    assert (changed.hours, changed.temperature_c, changed.by) == (Decimal("7.5"), 85, person("operator"))
    assert not Drying.objects.exists()
    assert Spool.objects.get(pk=damp.pk).dried_at is None


def test_the_log_is_searched_and_filtered(damp, sign_in):
    other = make_spool(make_filament("PETG"))
    for spool, device in ((damp, "S4"), (other, "Oven")):
        sessions.add([spool], {"temperature_c": 65, "hours": Decimal(6), "device": device}, None)
    client = sign_in("viewer")

    for asked in ("?device=Oven", "?material=PETG", "?q=oven"):
        text = client.get(DRYING + asked).text
        assert f'id="drying-{other.dryings.get().pk}"' in text
        assert f'id="drying-{damp.dryings.get().pk}"' not in text


def test_rules_are_set_and_taken_off_on_their_page(damp, sign_in):
    client = sign_in("operator")
    sent = {"material": "pa", "temperature_c": "80", "hours": "10", "valid_days": ""}

    begun = client.get(f"{DRYING}rules/set/?material=PA12").text
    client.post(f"{DRYING}rules/set/", sent)
    told = client.get(f"{DRYING}rules/").text

    assert 'name="temperature_c" value="85"' in begun
    assert "yours" in told
    assert "Needs drying" not in client.get(LIST).text
    client.post(f"{DRYING}rules/{DryingRule.objects.get().pk}/forget/")
    assert "Needs drying" in client.get(LIST).text


def test_a_wrong_rule_says_why(acme, sign_in):
    sent = {"material": "+", "temperature_c": "900", "hours": "0", "valid_days": "-1"}

    told = sign_in("operator").post(f"{DRYING}rules/set/", sent)

    assert told.status_code == 422
    for words in ("Name the material", "not at 900", "more than 0", "1 to 730 days"):
        assert words in told.text


@pytest.mark.parametrize("path", [LIST, DRYING])
def test_a_page_asks_as_much_for_thirty_as_for_two(acme, sign_in, path):
    client, filament = sign_in("operator"), make_filament("PA")
    counts = []
    for wanted in (2, 29):
        while Spool.objects.count() < wanted:
            spool = make_spool(filament, opened_at=LATELY)
            sessions.add([spool], {"temperature_c": 85, "hours": 12, "at": timezone.now()}, None)
            Spool.objects.filter(pk=spool.pk).update(dried_at=LATELY)
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        # Without those that a connection asks once for itself.
        counts.append(sum(not query["sql"].startswith("SET search_path") for query in asked))

    assert counts[0] == counts[1]
