"""Filaments and spools through the REST API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from inventory.consumption import consume
from inventory.loading import load
from inventory.models import Filament, Spool
from inventory.schemas import FilamentListOut, FilamentOut, SpoolListOut, SpoolOut, UsageListOut
from tests.factories.inventory import make_filament, make_spool
from tests.factories.printers import make_printer

NOWHERE = "00000000-0000-0000-0000-000000000001"


def ordered(client, **fields):
    made = client.post("/api/filaments", {"material": "PETG", "brand": "Prusament", "price_per_kg": "30.00"})
    return client.post("/api/spools", {"filament_id": made.json()["id"], **fields})


def test_a_spool_is_added_with_the_price_of_its_filament(acme, api):
    told = ordered(api(), initial_g=500, used_g=20, lot="L1", location="Dry box").json()

    SpoolOut.model_validate(told)
    assert set(told) == set(SpoolOut.model_fields)
    assert (told["initial_g"], told["used_g"], told["grams_left"]) == (500, 20, 480)
    assert (told["cost"], told["currency"]) == ("15.00", "EUR")
    assert told["filament"]["material"] == "PETG"
    assert (told["printer_id"], told["slot"], told["archived_at"]) == (None, None, None)


def test_what_was_used_before_is_in_the_ledger(acme, api):
    client = api()
    pk = ordered(client, used_g=20).json()["id"]

    told = client.get(f"/api/spools/{pk}/usage").json()

    UsageListOut.model_validate(told)
    assert [(line["grams"], line["kind"]) for line in told["items"]] == [(20, "before")]


def test_a_filament_is_added_changed_and_deleted(acme, api):
    client = api()
    made = client.post("/api/filaments", {"material": " ASA ", "color": "#ff00aa"})
    told = made.json()
    path = f"/api/filaments/{told['id']}"

    assert made.status_code == 201
    assert set(told) == set(FilamentOut.model_fields)
    assert (told["material"], told["color"], told["spools"], told["grams_left"]) == ("ASA", "#FF00AA", 0, 0)
    assert client.patch(path, {"brand": "eSun"}).json()["brand"] == "eSun"
    assert client.get(path).json()["material"] == "ASA"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_filament_with_spools_is_not_deleted(acme, api):
    spool = make_spool(archived_at="2026-01-01T00:00:00Z")

    assert api().delete(f"/api/filaments/{spool.filament_id}").status_code == 409


def test_a_filament_counts_its_unarchived_spools(acme, api):
    filament = make_filament()
    make_spool(filament, used_g=400)
    make_spool(filament, used_g=1200)
    make_spool(filament, archived_at="2026-01-01T00:00:00Z")

    told = api().get("/api/filaments").json()

    FilamentListOut.model_validate(told)
    assert [(one["spools"], one["grams_left"]) for one in told["items"]] == [(2, 600)]


def test_a_spool_is_loaded_weighed_unloaded_archived_and_restored(acme, api):
    client, printer = api(), make_printer(slots=4)
    path = f"/api/spools/{make_spool().pk}"

    told = client.post(f"{path}/load", {"printer_id": str(printer.pk), "slot": 2}).json()
    assert (told["printer_id"], told["slot"]) == (str(printer.pk), 2)
    assert client.post(f"{path}/weigh", {"grams_left": 333.5}).json()["grams_left"] == 333.5
    assert client.post(f"{path}/unload").json()["slot"] is None
    assert client.post(f"{path}/unload").status_code == 200
    assert client.post(f"{path}/archive").json()["archived_at"] is not None
    assert client.post(f"{path}/load", {"printer_id": str(printer.pk)}).status_code == 409
    assert client.post(f"{path}/restore").json()["archived_at"] is None


def test_a_slot_that_the_printer_has_not_is_refused(acme, api):
    answer = api().post(
        f"/api/spools/{make_spool().pk}/load", {"printer_id": str(make_printer().pk), "slot": 9}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "slot"


@pytest.mark.parametrize("grams", [-1, 1051, 1e30, "NaN", "Infinity", "much", None, True, [], "1e999999"])
def test_an_absurd_weight_is_refused_in_words(acme, api, grams):
    spool = make_spool()

    answer = api().post(f"/api/spools/{spool.pk}/weigh", {"grams_left": grams})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "grams_left"
    spool.refresh_from_db()
    assert spool.used_g == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"initial_g": 0}, {"initial_g": -5}, {"initial_g": 1e9}, {"initial_g": "NaN"}, {"cost": -1},
        {"cost": "99999999"}, {"cost": "1.005"}, {"used_g": -1}, {"used_g": 1001}, {"lot": "x" * 61},
        {"notes": "a\u0000b"}, {"colour": "red"}, {"filament_id": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_a_spool_with_absurd_values_is_refused(acme, api, fields):
    answer = api().post("/api/spools", {"filament_id": str(make_filament().pk), **fields})

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert not Spool.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"material": ""}, {"material": "  "}, {"color": "red"}, {"color": "#12345"}, {"density": 0},
     {"diameter_mm": 100}, {"price_per_kg": -1}, {"name": None}],
    ids=str,
)  # fmt: skip
def test_a_filament_with_absurd_values_is_refused(acme, api, fields):
    client, filament = api(), make_filament()

    assert client.post("/api/filaments", {"material": "PLA", **fields}).status_code == 422
    assert client.patch(f"/api/filaments/{filament.pk}", fields).status_code == 422


def test_only_what_is_given_is_changed(acme, api):
    spool, other = make_spool(lot="L1", location="Rack"), make_filament("ABS")

    told = (
        api().patch(f"/api/spools/{spool.pk}", {"location": "Dry box", "filament_id": str(other.pk)}).json()
    )

    assert (told["location"], told["lot"], told["filament"]["material"]) == ("Dry box", "L1", "ABS")


def test_null_is_not_a_change(acme, api):
    assert api().patch(f"/api/spools/{make_spool().pk}", {"cost": None}).status_code == 422


def test_only_a_spool_that_was_never_used_is_deleted(acme, api):
    client, used, new, loaded = api(), make_spool(), make_spool(), make_spool()
    client.post(f"/api/spools/{used.pk}/weigh", {"grams_left": 1})
    load(loaded, make_printer().slots.get())

    assert client.delete(f"/api/spools/{used.pk}").status_code == 409
    assert client.delete(f"/api/spools/{loaded.pk}").status_code == 409
    assert client.delete(f"/api/spools/{new.pk}").status_code == 204
    assert set(Spool.objects.all()) == {used, loaded}


def test_lists_filter_search_and_sort(acme, api):
    client, printer = api(), make_printer()
    petg = make_filament("PETG", brand="Prusament", color_name="white")
    low = make_spool(petg, used_g=900, location="Dry box", slot=printer.slots.get())
    shelf = make_spool(lot="L77")
    gone = make_spool(archived_at="2026-01-01T00:00:00Z")

    def numbers(asked):
        return {item["number"] for item in client.get(f"/api/spools?{asked}").json()["items"]}

    assert numbers("") == {low.number, shelf.number, gone.number}
    assert numbers("material=petg") == numbers("search=white+dry") == numbers("state=low") == {low.number}
    assert numbers(f"printer_id={printer.pk}") == numbers("state=loaded") == {low.number}
    assert numbers("state=free") == numbers("search=L77") == {shelf.number}
    assert numbers("state=archived") == numbers("archived=true") == {gone.number}
    assert client.get("/api/spools?ordering=grams_left&limit=1").json()["items"][0]["number"] == low.number
    assert client.get("/api/spools?colour=red").status_code == 422
    assert client.get("/api/spools?ordering=notes").status_code == 422
    assert client.get("/api/spools?state=lost").status_code == 422


def test_a_repeated_post_with_the_same_key_adds_one(acme, api):
    client, key = api(), {"Idempotency-Key": "a"}
    body = {"filament_id": str(make_filament().pk)}

    first, second = (client.post("/api/spools", body, headers=key) for _ in range(2))

    assert first.json() == second.json()
    assert Spool.objects.count() == 1


def test_viewers_look_and_change_nothing(acme, api):
    viewer, spool = api("viewer"), make_spool()

    assert viewer.get(f"/api/spools/{spool.pk}/usage").status_code == 200
    assert viewer.get("/api/filaments").status_code == 200
    assert viewer.post(f"/api/spools/{spool.pk}/weigh", {"grams_left": 1}).status_code == 403
    assert viewer.patch(f"/api/filaments/{spool.filament_id}", {"brand": "x"}).status_code == 403


def test_another_organisations_ids_are_unknown(acme, rival, api):
    client, own = api(), make_spool()
    with tenant_context(rival):
        spool, printer = make_spool(), make_printer()

    for verb in ("weigh", "load", "unload", "archive", "restore"):
        body = (
            {"grams_left": 1}
            if verb == "weigh"
            else {"printer_id": str(printer.pk)}
            if verb == "load"
            else {}
        )
        assert client.post(f"/api/spools/{spool.pk}/{verb}", body).status_code == 404, verb
    for path in (f"spools/{spool.pk}", f"spools/{spool.pk}/usage", f"filaments/{spool.filament_id}"):
        assert client.get(f"/api/{path}").status_code == 404
    assert client.delete(f"/api/spools/{spool.pk}").status_code == 404
    assert client.post(f"/api/spools/{own.pk}/load", {"printer_id": str(printer.pk)}).status_code == 404
    assert client.post("/api/spools", {"filament_id": str(spool.filament_id)}).status_code == 404
    assert client.patch(f"/api/spools/{own.pk}", {"filament_id": str(spool.filament_id)}).status_code == 404


@pytest.mark.parametrize("path", ["spools", "filaments"])
def test_a_list_asks_as_much_for_thirty_as_for_one(acme, api, path):
    client = api()
    make_spool()
    client.get(f"/api/{path}")
    counts = []
    for wanted in (1, 30):
        while Filament.objects.count() < wanted:
            make_spool()
        with CaptureQueriesContext(connection) as asked:
            told = client.get(f"/api/{path}").json()
        counts.append(len(asked))
        assert told["count"] == wanted

    assert counts[0] == counts[1]
    assert counts[0] <= 8
    SpoolListOut.model_validate(client.get("/api/spools").json())


def test_a_ledger_asks_as_much_for_thirty_as_for_one(acme, api):
    client, spool = api(), make_spool()
    client.get(f"/api/spools/{spool.pk}/usage")
    counts = []
    for wanted in (1, 30):
        for number in range(spool.usages.count(), wanted):
            consume(spool, spool.initial_g / 100, f"print:{number}", print_id=NOWHERE)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/api/spools/{spool.pk}/usage").json()["count"] == wanted
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_a_spool_is_found_by_what_another_program_calls_it(acme, api):
    spool = make_spool(external_id="spoolman:12")
    make_spool()

    told = api("viewer").get("/api/spools?external_id=spoolman:12").json()

    assert [(one["number"], one["external_id"]) for one in told["items"]] == [(spool.number, "spoolman:12")]
