"""Settings: the currency, and the usual filament where a file names none."""

from decimal import Decimal

import pytest
from django.utils import timezone

from audit.models import Entry
from inventory.models import Filament
from jobs.assuming import with_usual
from jobs.models import Job, Print
from jobs.submitting import Order, submit
from maintenance.models import LogEntry
from models3d.models import Plate
from orgs.models import Org
from tests.jobs.conftest import revision_of

PAGE = "/o/acme/settings/"
FORM = {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR"}


def save(client, **fields):
    return client.post(PAGE, FORM | fields)


def currency():
    return Org.objects.get(slug="acme").currency


def test_currency_is_free_while_there_are_no_amounts(acme, sign_in):
    save(sign_in("admin"), currency="CHF")

    assert currency() == "CHF"


def test_prices_are_not_taken_for_another_currency_unless_that_is_said(acme, sign_in):
    Filament.objects.create(material="PLA", price_per_kg=Decimal(20))
    client = sign_in("admin")

    asked = save(client, currency="USD", name="New <name>")
    before = currency()
    save(client, currency="USD", currency_sure="on")

    assert asked.status_code == 422
    assert "1 price is in EUR and not converted" in asked.text
    assert 'value="New &lt;name&gt;"' in asked.text
    assert (before, currency()) == ("EUR", "USD")


def test_currency_stays_once_amounts_are_in_the_books(acme, sign_in):
    LogEntry.objects.create(
        printed_s=0, used_s=0, at=timezone.now(), what="Belts", cost=Decimal("12.50"), printer_name="P"
    )
    client = sign_in("admin")

    save(client, currency="USD", currency_sure="on")

    assert currency() == "EUR"
    assert "in the books" in client.get(PAGE).text


def test_other_settings_are_saved_whatever_the_books_hold(acme, sign_in):
    LogEntry.objects.create(
        printed_s=0, used_s=0, at=timezone.now(), what="Belts", cost=Decimal("12.50"), printer_name="P"
    )
    Filament.objects.create(material="PLA", price_per_kg=Decimal(20))

    assert save(sign_in("admin"), name="Acme Labs").status_code == 302
    assert Org.objects.get(slug="acme").name == "Acme Labs"


def test_usual_filament_is_stored_and_in_the_audit(acme, sign_in):
    save(sign_in("admin"), default_material=" PETG ", default_color="#FFAA00")

    acme.refresh_from_db()
    assert (acme.default_material, acme.default_color) == ("PETG", "#ffaa00")
    assert Entry.objects.get(action="org.settings").after == {
        "default_material": "PETG",
        "default_color": "#ffaa00",
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"default_material": "", "default_color": "#ffaa00"}, "Name the material too"),
        ({"default_material": "PLA", "default_color": "orange"}, "six digits"),
        ({"default_material": "x" * 41}, "at most 40"),
    ],
)
def test_unsound_usual_filament_is_refused(acme, sign_in, fields, words):
    answer = save(sign_in("admin"), **fields)

    assert answer.status_code == 422
    assert words in answer.text


def test_form_that_does_not_ask_for_it_leaves_it(acme, sign_in):
    Org.objects.filter(pk=acme.pk).update(default_material="PETG", default_color="#ffaa00")

    save(sign_in("admin"), name="Acme Labs")

    acme.refresh_from_db()
    assert (acme.default_material, acme.default_color) == ("PETG", "#ffaa00")


def use(index, material="", color=""):
    return {"index": index, "material": material, "color": color}


def test_only_what_neither_the_file_nor_a_wish_names_is_taken_from_the_usual_filament():
    uses = [use(0), use(1, "ABS"), use(2), use(3), use(4, color="#112233")]
    wishes = [{"index": 2, "material": "TPU"}, {"index": 3, "color": "#000000"}]

    assert with_usual(wishes, uses, "PLA", "#ffaa00") == [
        {"index": 0, "material": "PLA", "color": "#FFAA00"},
        {"index": 2, "material": "TPU"},
        {"index": 3, "material": "PLA", "color": "#000000"},
        {"index": 4, "material": "PLA"},
    ]


def test_chosen_spool_needs_no_material():
    assert with_usual([{"index": 0, "spool_id": "x"}], [use(0)], "PLA", "") == [{"index": 0, "spool_id": "x"}]


def test_without_a_usual_filament_nothing_is_assumed():
    assert with_usual([], [use(0)], "", "") == []


@pytest.fixture
def unnamed(acme, person, settings, tmp_path):
    """A revision whose file names no material."""
    settings.MEDIA_ROOT = tmp_path
    revision = revision_of(person("viewer"))
    plate = Plate.objects.get(revision=revision)
    plate.filaments = [{**plate.filaments[0], "material": "", "color": ""}]
    plate.save(update_fields=["filaments"])
    return revision


def test_new_job_keeps_the_usual_material_when_that_changes_later(acme, unnamed, person):
    acme.default_material = "PETG"
    acme.save(update_fields=["default_material"])

    job = submit(Order(revision=unnamed), person("viewer"))
    Org.objects.filter(pk=acme.pk).update(default_material="ABS")

    assert Job.objects.get(pk=job.pk).filaments == [{"index": 0, "material": "PETG"}]
    assert Print.objects.get(job=job).state == "waiting"


def test_job_form_offers_spools_of_the_usual_material(acme, unnamed, sign_in):
    Org.objects.filter(pk=acme.pk).update(default_material="PETG")
    model = unnamed.model_id

    assert "Filament 1: PETG" in sign_in("operator").get(f"/o/acme/queue/add/?model={model}").text


def test_new_filament_begins_as_the_usual_one_and_a_known_one_stays(acme, sign_in):
    Org.objects.filter(pk=acme.pk).update(default_material="PETG", default_color="#ffaa00")
    known = Filament.objects.create(material="ABS", color="#101010")
    client = sign_in("operator")

    new = client.get("/o/acme/filament/kinds/add/").text
    old = client.get(f"/o/acme/filament/kinds/{known.pk}/edit/").text

    assert 'value="PETG"' in new
    assert 'value="#FFAA00"' in new
    assert 'value="PETG"' not in old.split("<datalist")[0]
    assert 'value="ABS"' in old


def test_new_spool_is_of_the_usual_filament_unless_another_is_named(acme, sign_in):
    Org.objects.filter(pk=acme.pk).update(default_material="PETG")
    usual, other = (Filament.objects.create(material=material) for material in ("PETG", "ABS"))
    client = sign_in("operator")

    plain = client.get("/o/acme/filament/add/").text
    named = client.get(f"/o/acme/filament/add/?filament={other.pk}").text

    assert f'value="{usual.pk}" selected' in plain
    assert f'value="{other.pk}" selected' in named
