"""The pages of spools and filaments."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tenants.utils import tenant_context

from audit.models import Entry
from inventory.consumption import consume
from inventory.loading import load
from inventory.models import Filament, Spool
from jobs.models import Job, Print
from tests.factories.inventory import make_filament, make_spool
from tests.factories.models3d import make_model
from tests.factories.printers import make_printer

LIST = "/o/acme/filament/"


def page(spool, verb=""):
    return f"{LIST}{spool.pk}/{verb + '/' if verb else ''}"


def test_the_list_names_each_spool_in_words_and_where_it_is(acme, sign_in):
    spool = make_spool(make_filament("PETG", brand="Prusament", color_name="white"), used_g=380)
    load(spool, make_printer("Voron 1").slots.get())
    make_spool(location="Dry box 7")

    told = sign_in("viewer").get(LIST).text

    for words in (f"#{spool.number} Prusament PETG white", "620", "Voron 1", "Dry box 7"):
        assert words in told


def test_archived_spools_are_shown_only_when_asked_for(acme, sign_in):
    gone = make_spool(lot="gone", archived_at="2026-01-01T00:00:00Z")
    client, row = sign_in("viewer"), f'id="spool-{gone.pk}"'

    assert row not in client.get(LIST).text
    assert row in client.get(f"{LIST}?state=archived").text


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [("state=low", {"low"}), ("state=loaded", {"loaded"}), ("state=free", {"low", "free"}),
     ("material=ABS", {"free"}), ("q=rack+abs", {"free"}), ("location=Rack", {"free"})],
)  # fmt: skip
def test_the_list_is_filtered(acme, sign_in, asked, wanted):
    spools = {
        "low": make_spool(used_g=900),
        "loaded": make_spool(),
        "free": make_spool(make_filament("ABS"), location="Rack"),
    }
    load(spools["loaded"], make_printer().slots.get())

    told = sign_in("viewer").get(f"{LIST}?{asked}").text

    assert {name for name, spool in spools.items() if f'id="spool-{spool.pk}"' in told} == wanted


def test_a_search_swaps_the_table_alone(acme, sign_in):
    told = sign_in("viewer").get(LIST, headers={"HX-Request": "true"}).text

    assert told.startswith('<div id="spools"')


def test_a_spool_is_shown_beside_the_list_with_the_jobs_that_used_it(acme, sign_in, person):
    spool = make_spool()
    job = Job.objects.create(name="Bracket", revision=make_model().current, by=person("viewer"))
    one = Print.objects.create(job=job, copy=1)
    consume(spool, Decimal("12.5"), "d:0", print_id=one.pk)

    for role in ("viewer", "operator"):
        told = sign_in(role).get(page(spool)).text
        assert f"/o/acme/queue/{job.pk}/" in told
        assert 'id="spools"' in told


def test_a_viewer_sees_of_others_jobs_only_the_grams(acme, sign_in, person):
    spool = make_spool()
    job = Job.objects.create(name="Secret", revision=make_model().current, by=person("operator"))
    consume(spool, Decimal("77.5"), "d:0", print_id=Print.objects.create(job=job, copy=1).pk)

    told = sign_in("viewer").get(page(spool)).text

    assert "Secret" not in told
    assert "78" in told


def test_viewers_are_offered_no_change_and_make_none(acme, sign_in):
    spool, viewer = make_spool(), sign_in("viewer")
    slot = make_printer().slots.get()

    assert page(spool, "weigh") not in viewer.get(page(spool)).text
    for verb in ("weigh", "load", "unload", "archive", "restore", "edit"):
        assert viewer.post(page(spool, verb), {"grams_left": 1}).status_code == 403, verb
    for path in ("add/", "kinds/add/", f"kinds/{spool.filament_id}/edit/", f"slots/{slot.pk}/load/"):
        assert viewer.get(f"{LIST}{path}").status_code == 403, path


def test_a_spool_is_weighed_and_the_list_stays_filtered(acme, sign_in):
    spool = make_spool()

    answer = sign_in("operator").post(
        page(spool, "weigh"), {"grams_left": "420.5", "query": "material=PLA&q=x"}
    )

    assert answer.url == f"{page(spool)}?material=PLA&q=x"
    spool.refresh_from_db()
    assert spool.left_g == Decimal("420.50")


def test_a_query_with_line_breaks_is_made_harmless(acme, sign_in):
    answer = sign_in("operator").post(page(make_spool(), "archive"), {"query": "q=a\r\nSet-Cookie: x"})

    assert answer.status_code == 302
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("grams", ["-1", "1051", "", "much", "NaN", "1e400"])
def test_an_absurd_weight_is_told_beside_the_field(acme, sign_in, grams):
    spool = make_spool()

    answer = sign_in("operator").post(page(spool, "weigh"), {"grams_left": grams})

    assert answer.status_code == 422
    assert 'id="id_grams_left-error"' in answer.text
    spool.refresh_from_db()
    assert spool.used_g == 0


def test_loading_into_a_taken_slot_says_which_spool_left_it(acme, sign_in):
    client, slot = sign_in("operator"), make_printer("Voron 1").slots.get()
    first, second = make_spool(), make_spool()
    load(first, slot)
    assert f"#{first.number}" in client.get(page(second, "load")).text

    told = client.post(page(second, "load"), {"slot": str(slot.pk)}, follow=True).text

    assert f"#{first.number} PLA orange was unloaded" in told
    assert Spool.objects.get(slot=slot) == second


def test_a_slot_of_a_printer_is_given_a_spool(acme, sign_in):
    client, slot, spool = sign_in("operator"), make_printer().slots.get(), make_spool()
    path = reverse("spools:load_slot", args=[slot.pk], urlconf="odin_site.urls").split("filament/")[1]
    assert f"#{spool.number}" in client.get(LIST + path).text

    answer = client.post(LIST + path, {"spool": str(spool.pk)})

    assert answer.url == f"/o/acme/printers/{slot.printer_id}/"
    assert Spool.objects.get(slot=slot) == spool


def test_a_link_to_unload_asks_first(acme, sign_in):
    client, spool = sign_in("operator"), make_spool()
    load(spool, make_printer().slots.get())

    assert "Unload it" in client.get(page(spool, "unload")).text
    assert Spool.objects.get(pk=spool.pk).slot is not None
    client.post(page(spool, "unload"))
    assert Spool.objects.get(pk=spool.pk).slot is None


def test_a_printers_page_unloads_without_being_left(acme, sign_in):
    spool = make_spool()
    load(spool, make_printer().slots.get())

    answer = sign_in("operator").post(page(spool, "unload"), headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert "is unloaded" in answer.headers["HX-Trigger"]
    assert Spool.objects.get(pk=spool.pk).slot is None


def test_a_spool_is_archived_and_restored(acme, sign_in):
    client, spool = sign_in("operator"), make_spool()

    client.post(page(spool, "archive"))
    assert Spool.objects.get(pk=spool.pk).archived_at is not None
    client.post(page(spool, "restore"))
    assert Spool.objects.get(pk=spool.pk).archived_at is None


def test_spools_are_added_with_a_new_filament_in_one_form(acme, sign_in):
    fields = {
        "new-material": "PETG", "new-brand": "Prusament", "new-color": "#ff00aa", "new-color_name": "pink",
        "new-density": "1.27", "new-diameter_mm": "1.75", "new-price_per_kg": "30", "filament": "",
        "count": "3", "initial_g": "500", "used_g": "50",
    }  # fmt: skip

    answer = sign_in("operator").post(f"{LIST}add/", fields)

    assert answer.status_code == 302, answer.text
    assert Filament.objects.get().color == "#FF00AA"
    found = list(Spool.objects.values_list("initial_g", "used_g", "cost"))
    assert found == [(Decimal(500), Decimal(50), Decimal(15))] * 3
    assert Entry.objects.filter(action="spool.add").count() == 3


def test_spools_of_a_known_filament_need_no_new_one(acme, sign_in):
    filament = make_filament(price_per_kg=10)

    sign_in("operator").post(
        f"{LIST}add/", {"filament": str(filament.pk), "count": 1, "initial_g": 1000, "cost": "7"}
    )

    assert Spool.objects.get().cost == 7


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", "101"), ("count", "0"), ("initial_g", "0"), ("used_g", "1001"), ("cost", "-1"),
     ("new-material", ""), ("new-color", "red"), ("filament", "00000000-0000-0000-0000-000000000001"),
     ("new-density", "99")],
)  # fmt: skip
def test_a_form_with_something_absurd_is_shown_again(acme, sign_in, field, value):
    fields = {
        "new-material": "PLA", "new-color": "#112233", "new-density": "1.2", "new-diameter_mm": "1.75",
        "new-price_per_kg": "1", "filament": "", "count": "1", "initial_g": "1000", field: value,
    }  # fmt: skip

    answer = sign_in("operator").post(f"{LIST}add/", fields)

    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.text
    assert not Spool.objects.exists()
    assert not Filament.objects.exists()


def test_editing_records_only_what_has_changed(acme, sign_in):
    spool = make_spool(lot="L1")
    fields = {"filament": str(spool.filament_id), "initial_g": "1000.00", "cost": "20.00", "lot": "L2"}

    assert sign_in("operator").post(page(spool, "edit"), fields).status_code == 302

    line = Entry.objects.get(action="spool.edit")
    assert (line.before, line.after) == ({"lot": "L1"}, {"lot": "L2"})


def test_a_filament_is_added_edited_and_deleted(acme, sign_in):
    client = sign_in("operator")
    fields = {
        "material": "PLA", "color": "#000000", "density": "1.24", "diameter_mm": "1.75", "price_per_kg": "20",
    }  # fmt: skip
    client.post(f"{LIST}kinds/add/", fields)
    path = f"{LIST}kinds/{Filament.objects.get().pk}/"

    client.post(f"{path}edit/", {**fields, "brand": "eSun"})
    assert "eSun PLA" in client.get(f"{LIST}kinds/").text
    assert Entry.objects.get(action="filament.edit").after == {"brand": "eSun"}
    client.post(f"{path}delete/")

    assert not Filament.objects.exists()


def test_a_filament_with_spools_stays(acme, sign_in):
    spool = make_spool()

    told = sign_in("operator").post(f"{LIST}kinds/{spool.filament_id}/delete/", follow=True).text

    assert "There are spools of" in told
    assert Filament.objects.exists()


def test_another_organisations_ids_are_unknown(acme, rival, sign_in):
    client, own = sign_in("operator"), make_spool()
    with tenant_context(rival):
        spool, slot = make_spool(), make_printer().slots.get()

    for verb in ("", "edit", "load", "unload"):
        assert client.get(page(spool, verb)).status_code == 404, verb
    for verb in ("weigh", "load", "unload", "archive", "restore", "edit"):
        assert client.post(page(spool, verb), {"grams_left": 1}).status_code == 404, verb
    assert client.get(f"{LIST}kinds/{spool.filament_id}/edit/").status_code == 404
    assert client.post(f"{LIST}slots/{slot.pk}/load/", {"spool": str(own.pk)}).status_code == 404
    assert client.post(page(own, "load"), {"slot": str(slot.pk)}).status_code == 422


@pytest.mark.parametrize("path", ["", "kinds/", "detail"])
def test_a_page_asks_as_much_for_thirty_as_for_one(acme, sign_in, path):
    client, printer = sign_in("operator"), make_printer(slots=30)
    first = make_spool(slot=printer.slots.get(index=0))
    asked_for = page(first) if path == "detail" else LIST + path
    client.get(asked_for)
    counts = []
    for wanted in (1, 30):
        for number in range(Spool.objects.count(), wanted):
            make_spool(slot=printer.slots.get(index=number))
        for number in range(first.usages.count(), wanted):
            consume(first, Decimal(1), f"p:{number}", print_id=first.pk)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(asked_for).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
