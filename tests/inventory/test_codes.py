"""From what a scanner reads to the spool, and what one does there with a phone."""

from decimal import Decimal

import pytest

from audit.models import Entry
from inventory.codes import is_a_code, spool_meant
from inventory.loading import load
from inventory.models import Spool
from tests.factories.inventory import make_filament, make_spool
from tests.factories.printers import make_printer

SCAN = "/o/acme/filament/scan/"


@pytest.mark.parametrize(
    "said",
    ["{n}", "#{n}", " # {n} ", "acme/{n}", "ACME/{n}", "https://odin.lan/o/acme/s/{n}/", "http://x:8000/o/acme/s/{n}",
     "o/acme/s/{n}/", "httpsÖ--odin.lan-o-acme-s-{n}-", "web+spoolman:s-77", "WEB+SPOOLMAN:S-77",
     "http://spoolman.lan/spool/show/77", "spoolman:77", "https://odin.lan/o/acme/filament/{pk}/"],
)  # fmt: skip
def test_every_way_to_name_a_spool_leads_to_it(acme, said):
    spool = make_spool(external_id="spoolman:77")
    make_spool(external_id="spoolman:78")

    assert spool_meant(said.format(n=spool.number, pk=spool.pk)) == spool


@pytest.mark.parametrize(
    "said", ["", "rival/{n}", "http://x/o/rival/s/{n}/", "99999999999999", "999999999", "spool", "\0",
             "x" * 999,
             "acme/", "/filament/------------------------------------/"],
)  # fmt: skip
def test_what_names_no_spool_of_this_organisation_leads_nowhere(acme, said):
    spool = make_spool()

    assert spool_meant(said.format(n=spool.number)) is None


def test_a_scanned_code_leads_to_the_page_of_its_spool(acme, sign_in):
    spool = make_spool()
    client = sign_in("viewer")

    found = client.get(SCAN, {"code": f"acme/{spool.number}"})
    lost = client.get(SCAN, {"code": "<script>"})

    assert found.url == f"/o/acme/s/{spool.number}/"
    assert (lost.status_code, "&lt;script&gt;" in lost.text) == (422, True)


def test_the_jump_box_takes_codes_too(acme, sign_in):
    spool = make_spool()

    told = sign_in("viewer").get(
        "/o/acme/jump/", {"q": f"https://a-long-name.of.a-school.example/o/acme/s/{spool.number}/"}
    )

    assert f'href="/o/acme/s/{spool.number}/"' in told.text
    assert not is_a_code("PLA orange")


def test_the_list_has_a_field_for_scanners(acme, sign_in):
    assert f'action="{SCAN}"' in sign_in("viewer").get("/o/acme/filament/").text


def test_the_page_says_what_it_is_how_much_is_left_and_where(acme, sign_in):
    spool = make_spool(make_filament("PETG", brand="<b>X"), used_g=380)
    load(spool, make_printer("Voron 1").slots.get())

    told = sign_in("viewer").get(f"/o/acme/s/{spool.number}/").text

    for words in ("PETG", "620", "Voron 1", "&lt;b&gt;X", "Operators load"):
        assert words in told
    assert "It is empty" not in told


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
def test_a_code_of_no_spool_is_missing(acme, sign_in, number):
    assert sign_in("operator").get(f"/o/acme/s/{number}/").status_code == 404


def test_a_signed_out_phone_comes_back_to_the_code_after_signing_in(acme, client):
    spool = make_spool()

    answer = client.get(f"/o/acme/s/{spool.number}/")

    assert answer.status_code == 302
    assert f"next=/o/acme/s/{spool.number}/" in answer.url


def test_two_taps_load_a_spool_and_say_which_one_left(acme, sign_in):
    spool, other = make_spool(), make_spool()
    slot = make_printer("Voron 1").slots.get()
    load(other, slot)
    client, place = sign_in("operator"), f"/o/acme/s/{spool.number}/load/"

    page = client.get(place).text
    done = client.post(place, {"slot": str(slot.pk)}, follow=True).text

    spool.refresh_from_db()
    assert f'value="{slot.pk}"' in page
    assert f"#{other.number}" in page
    assert spool.slot == slot
    assert f"#{other.number}" in done


@pytest.mark.parametrize("slot", ["", "nonsense", "019d0000-0000-7000-8000-000000000000"])
def test_a_slot_that_is_none_is_missing(acme, sign_in, slot):
    spool = make_spool()

    assert sign_in("operator").post(f"/o/acme/s/{spool.number}/load/", {"slot": slot}).status_code == 404


def test_printers_are_searched_and_cost_no_query_each(acme, sign_in, django_assert_max_num_queries):
    spool = make_spool()
    for number in range(30):
        load(make_spool(), make_printer(f"Farm {number:02}").slots.get())
    client = sign_in("operator")

    with django_assert_max_num_queries(20):
        page = client.get(f"/o/acme/s/{spool.number}/load/").text
    found = client.get(f"/o/acme/s/{spool.number}/load/?q=Farm+29").text

    assert "Farm 24" in page
    assert "Farm 29" not in page
    assert "Farm 29" in found
    assert "Farm 24" not in found


def test_weighing_moving_and_unloading_come_back_to_the_page(acme, sign_in):
    spool = make_spool()
    load(spool, make_printer().slots.get())
    client, page = sign_in("operator"), f"/o/acme/s/{spool.number}/"

    answers = [
        client.post(f"{page}weigh/", {"grams_left": "412.5"}),
        client.post(f"{page}move/", {"location": "Dry box 2"}),
        client.post(f"{page}unload/"),
    ]

    spool.refresh_from_db()
    assert {answer.url for answer in answers} == {page}
    assert (spool.left_g, spool.location, spool.slot) == (Decimal("412.5"), "Dry box 2", None)


@pytest.mark.parametrize(
    ("what", "sent", "words"),
    [("weigh", {"grams_left": "1300"}, "Take off the reel"), ("weigh", {"grams_left": "x"}, "number"),
     ("weigh", {"grams_left": "-1"}, "less than 0 g"), ("move", {"location": "x" * 81}, "80")],
)  # fmt: skip
def test_what_can_not_be_true_is_said_on_the_page(acme, sign_in, what, sent, words):
    spool = make_spool()

    answer = sign_in("operator").post(f"/o/acme/s/{spool.number}/{what}/", sent)

    assert (answer.status_code, words in answer.text) == (422, True)


def test_an_empty_spool_is_written_off_unloaded_and_put_away_once(acme, sign_in):
    spool = make_spool(used_g=960)
    load(spool, make_printer().slots.get())
    client, page = sign_in("operator"), f"/o/acme/s/{spool.number}/"

    for _click in range(2):
        client.post(f"{page}empty/")

    spool.refresh_from_db()
    assert (spool.left_g, spool.slot, bool(spool.archived_at), spool.usages.count()) == (0, None, True, 1)
    assert Entry.objects.filter(action="spool.archive", target_id=str(spool.pk)).count() == 1
    assert "Restore" in client.get(page).text
    client.post(f"{page}restore/")
    assert Spool.objects.get(pk=spool.pk).archived_at is None
