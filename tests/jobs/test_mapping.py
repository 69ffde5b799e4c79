"""Which slot serves which filament: shown, confirmed, and chosen otherwise by a person."""

import pytest

from jobs import by_hand, mapping, staging, starting
from jobs.dispatching import CannotStart
from jobs.loading import FilamentNeed, LoadedSlot, assign
from jobs.models import Print
from models3d.models import Plate
from printers.models import Slot
from stations.models import DispatchState
from tests.factories.inventory import make_filament, make_spool


def use(index, material, color, grams=10.0, **more):
    return {"index": index, "material": material, "color": color, "grams": grams, "used": True, **more}


@pytest.fixture
def two(shop):
    """Two colours of PLA asked for; orange (500 g), black (8 g) and PETG are loaded."""
    Plate.objects.filter(revision=shop.revision).update(
        filaments=[use(0, "PLA", "#000000"), use(1, "PLA", "#FF8000")]
    )
    for index, material, color, left_g in ((1, "PLA", "#000000", 8), (2, "PETG", "#FFFFFF", 900)):
        slot = Slot.objects.create(printer=shop.printer, index=index)
        make_spool(make_filament(material, color=color), slot=slot, used_g=1000 - left_g)
    return shop


def at(job, rest=""):
    return f"/o/acme/queue/{job.pk}/{rest}"


def test_same_kind_of_filament_goes_before_the_nearer_colour():
    needs = (FilamentNeed(0, "PLA", 10, "#FF0000", kind="GFA00"),)
    slots = (
        LoadedSlot(0, "PLA", "#FF0000", None, 500, kind="GFA01"),
        LoadedSlot(1, "PLA", "#FE0000", None, 500, kind="GFA00"),
    )

    assert assign(needs, slots).slots[0].index == 1


def test_same_kind_in_the_wrong_material_never_serves():
    needs = (FilamentNeed(0, "PLA", 10, kind="GFA00"),)

    assert assign(needs, (LoadedSlot(0, "PETG", "", None, 500, kind="GFA00"),)).matched is False


def test_chosen_slot_of_another_material_is_told():
    needs = (FilamentNeed(0, "PLA", 10, slot=1),)
    slots = (LoadedSlot(0, "PLA", "", None, 500), LoadedSlot(1, "PETG", "", None, 500))

    found = assign(needs, slots)

    assert (found.matched, found.text) == (False, "slot 2 has PETG, filament 1 wants PLA")
    assert found.slots[0].index == 1


def test_what_is_short_is_told_in_grams(two):
    job = two.job()
    machine = mapping.facts.machines([two.printer.pk])[0]

    served = mapping.on(job, machine, {"0": 1, "1": 0})

    assert [(row.slot_number, round(row.short_g, 1)) for row in served.rows] == [(2, 2.0), (1, 0.0)]
    assert served.doubts == ["needs 10 g, slot 2 has 8 g left"]


def test_job_page_shows_the_slots_of_the_printer_that_would_take_it(shop, sign_in):
    job = shop.job()

    page = sign_in("operator").get(at(job)).content.decode()

    assert "Filament on Voron 1" in page
    assert "slot 1" in page


def test_page_of_slots_proposes_and_offers_the_others(two, sign_in):
    job = two.job()

    page = sign_in("operator").get(at(job, "slots/"), {"printer": two.printer.pk}).content.decode()

    assert "Filament 1, PLA, comes from" in page
    assert "slot 3: PETG #FFFFFF" in page


def test_printer_that_is_none_is_missing(shop, sign_in):
    job = shop.job()

    assert sign_in("operator").get(at(job, "slots/"), {"printer": "nonsense"}).status_code == 404
    assert sign_in("operator").post(at(job, "start/"), {"printer": "nonsense"}).status_code == 404


def test_slots_that_a_person_chose_are_the_ones_it_prints_from(two, sign_in):
    job = two.job()
    client = sign_in("operator")

    asked = client.post(at(job, "start/"), {"printer": two.printer.pk, "slot-0": "1", "slot-1": "2"})
    hidden = asked.content.decode()
    client.post(
        at(job, "start/"),
        {"printer": two.printer.pk, "slot-0": "1", "slot-1": "2", "override_reason": "as a test"},
    )
    dispatch = starting.Dispatch.objects.get(print_id=Print.objects.get(job=job).pk)
    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)

    assert asked.status_code == 409
    assert 'name="slot-1" value="2"' in hidden
    assert "Slot 3 has PETG, filament 2 wants PLA" in hidden
    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.HELD
    one = Print.objects.get(job=job)
    assert [(entry["index"], entry["slot"]) for entry in one.spools] == [(0, 1), (1, 2)]
    order = starting._order(dispatch, one, two.report())
    assert order.tray_map == (1, 2)


@pytest.mark.parametrize(
    ("slots", "words"), [({"0": 1, "1": 1}, "one slot"), ({"0": 9}, "no such slot")], ids=["twice", "gone"]
)
def test_impossible_choice_is_refused(two, slots, words):
    with pytest.raises(CannotStart, match=words):
        by_hand.start(two.job(), two.printer.pk, "as a test", slots)


def test_choice_of_a_start_by_hand_does_not_outlive_it(two):
    job = two.job()
    by_hand.start(job, two.printer.pk, "as a test", {"0": 1, "1": 2})
    starting.drop(starting.Dispatch.objects.get().pk, "as a test")

    dispatch = by_hand.start(job, two.printer.pk, "once more")

    assert Print.objects.get(pk=dispatch.print_id).chosen_slots == {}


def test_api_tells_the_slots_and_takes_a_choice(two, api):
    job = two.job()
    client = api("operator")

    told = client.get(f"/api/jobs/{job.pk}/slots?printer_id={two.printer.pk}").json()
    started = client.post(
        f"/api/jobs/{job.pk}/start",
        {
            "printer_id": str(two.printer.pk), "override_reason": "as a test",
            "slots": [{"filament": 0, "slot": 1}, {"filament": 1, "slot": 0}],
        },
    )  # fmt: skip

    assert [(row["filament"], row["grams"]) for row in told["filaments"]] == [(0, 10.0), (1, 10.0)]
    assert started.status_code == 200
    assert Print.objects.get(job=job).chosen_slots == {"0": 1, "1": 0}


def test_api_names_the_printer_that_would_take_it_or_that_none_fits(shop, api):
    job = shop.job()
    client = api("viewer")
    fits = client.get(f"/api/jobs/{job.pk}/slots").json()
    shop.spool.delete()

    none = client.get(f"/api/jobs/{job.pk}/slots").json()

    assert (fits["printer_id"], fits["filaments"][0]["slot"]) == (str(shop.printer.pk), 0)
    assert none == {"printer_id": None, "filaments": [], "doubts": ["No printer fits."], "warnings": []}
