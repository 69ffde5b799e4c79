"""The pages and the API of lending, on both sides."""

from decimal import Decimal

import pytest

from audit.models import Entry
from jobs.lending import offers
from jobs.models import GuestPrint, Job, LedgerLine
from orgs.models import Membership
from printers.models import Tag
from stations.models import Offer, OfferOrg


def form(**said):
    empty = {
        "borrowers-TOTAL_FORMS": "1", "borrowers-INITIAL_FORMS": "0", "borrowers-0-org": "",
        "per_hour": "2.50", "per_gram": "0.04",
    }  # fmt: skip
    return {**empty, **said}


def test_an_admin_lends_a_printer_to_one_organisation_on_its_page(loan, sign_in):
    pk = loan.shop.printer.pk
    admin = sign_in("admin")
    assert f"/o/acme/lending/offers/{pk}/" in admin.get(f"/o/acme/printers/{pk}/").text

    answer = admin.post(
        f"/o/acme/lending/offers/{pk}/",
        form(**{"borrowers-0-org": "Rival", "borrowers-0-most_grams": "30", "hours_mon": "8:00-12:00"}),
    )

    assert answer.status_code == 302
    offer = Offer.objects.get()
    assert (offer.to_all, offer.per_gram, offer.hours) == (
        False,
        Decimal("0.04"),
        {"mon": [["08:00", "12:00"]]},
    )
    assert OfferOrg.objects.get().most_grams == 30
    assert Entry.objects.filter(action="lending.offer").count() == 1
    assert "Rival" in admin.get("/o/acme/lending/").text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "name at least one"),
        ({"borrowers-0-org": "nowhere"}, "No organisation of this address"),
        ({"borrowers-0-org": "acme"}, "No organisation of this address"),
        ({"to_all": "on", "per_hour": "-1"}, "greater than or equal to 0"),
        ({"to_all": "on", "hours_mon": "25:00"}, "ranges like"),
    ],
)
def test_an_unsound_offer_is_refused_in_words_and_keeps_what_was_typed(loan, sign_in, said, words):
    answer = sign_in("admin").post(
        f"/o/acme/lending/offers/{loan.shop.printer.pk}/", form(materials="PLA", **said)
    )

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="PLA"' in answer.text
    assert not Offer.objects.exists()


def test_the_borrower_sees_it_in_the_list_with_its_owner_and_on_a_page_of_its_own(loan, sign_in):
    loan.lend(materials=["PLA"])
    pk = loan.shop.printer.pk
    client = sign_in("viewer", "rival")

    listed, page = client.get("/o/rival/printers/").text, client.get(f"/o/rival/lending/printers/{pk}/").text

    assert "Voron 1" in listed
    assert "of Acme" in listed
    assert "lent by Acme" in page
    for secret in (loan.shop.printer.address, str(loan.shop.printer.port), "Bench"):
        assert secret not in page
    assert client.get(f"/o/rival/printers/{pk}/").status_code == 404
    assert sign_in("operator", "rival").get(f"/o/rival/printers/{pk}/edit/").status_code == 404


def test_a_viewer_who_is_limited_to_tags_sees_no_lent_printer(loan, sign_in, person):
    loan.lend()
    with loan.there():
        tag = Tag.objects.create(name="room 1")
        Membership.objects.filter(user=person("viewer", "rival"), org=loan.borrower).update(
            printer_tags=[tag.pk]
        )
    client = sign_in("viewer", "rival")

    assert "of Acme" not in client.get("/o/rival/printers/").text
    assert client.get(f"/o/rival/lending/printers/{loan.shop.printer.pk}/").status_code == 404


def test_it_can_be_chosen_for_a_job_and_the_job_says_so(loan, sign_in):
    loan.lend()
    client = sign_in("operator", "rival")
    assert "Voron 1 (Acme)" in client.get("/o/rival/queue/add/").text

    answer = client.post(
        "/o/rival/queue/add/",
        {
            "model": loan.revision.model_id, "revision": "1", "plate": "1", "copies": "1",
            "target": "printer", "printer": str(loan.shop.printer.pk), "priority": "20", "auto_start": "on",
        },
    )  # fmt: skip

    assert answer.status_code == 302, answer.text
    with loan.there():
        job = Job.objects.get()
    assert job.target_lent_id == loan.shop.printer.pk
    assert "Voron 1 (Acme)" in client.get(f"/o/rival/queue/{job.pk}/").text


def test_the_borrowers_api_has_it_with_owner_and_terms(loan, api):
    loan.lend()
    pk = str(loan.shop.printer.pk)
    client = api("operator", "rival")

    listed = client.get("/api/printers").json()
    one = client.get(f"/api/printers/{pk}").json()

    assert listed["count"] == 1
    assert listed["items"][0] == one
    assert (one["owner"], one["lent"]["price_per_hour"], one["slots"][0]["spool_id"]) == (
        "Acme",
        "3.00",
        None,
    )
    assert one["slots"][0]["material"] == "PLA"
    assert client.get("/api/printers?tag=x").json()["count"] == 0
    assert client.get("/api/printers?offset=1").json() == {"items": [], "count": 1}
    assert client.post(f"/api/printers/{pk}/pause").status_code == 404
    assert client.post(f"/api/printers/{pk}/plate-cleared").status_code == 404


def test_a_job_of_the_api_goes_to_a_lent_printer_and_tells_it(loan, api):
    loan.lend()
    client = api("operator", "rival")
    pk = str(loan.shop.printer.pk)

    made = client.post(
        "/api/jobs",
        {"model_id": str(loan.revision.model_id), "target": {"printer_id": pk}, "auto_start": True},
    ).json()
    loan.ended()
    job = client.get(f"/api/jobs/{made['id']}").json()

    assert made["target"] == {"printer_id": pk}
    assert (job["state"], job["printer_id"]) == ("completed", pk)
    line = client.get("/api/lending/ledger").json()["items"][0]
    assert Decimal(line["amount"]) == -Decimal(job["cost"])
    assert (line["other"], line["job_id"]) == ("Acme", made["id"])


def test_what_is_not_lent_to_us_is_missing_as_a_target(loan, api):
    loan.lend(to_all=False)
    body = {"model_id": str(loan.revision.model_id), "target": {"printer_id": str(loan.shop.printer.pk)}}

    assert api("operator", "rival").post("/api/jobs", body).status_code == 404


def test_started_by_hand_by_the_borrowers_operator(loan, api):
    loan.lend()
    job = loan.job()
    loan.shop.printer.auto_queue = False
    loan.shop.printer.save()

    answer = api("operator", "rival").post(
        f"/api/jobs/{job.pk}/start", {"printer_id": str(loan.shop.printer.pk)}
    )

    assert answer.status_code == 200, answer.text
    loan.ended()
    assert loan.row(job).state == "completed"


def test_offers_are_made_changed_and_withdrawn_by_the_api(loan, api):
    client, pk = api("admin"), str(loan.shop.printer.pk)

    made = client.post(
        "/api/lending/offers",
        {"printer_id": pk, "borrowers": [{"org": "rival", "prints_per_week": 3}], "materials": ["PLA"]},
    )
    twice = client.post("/api/lending/offers", {"printer_id": pk, "to_all": True})
    changed = client.patch(f"/api/lending/offers/{pk}", {"price_per_gram": "0.5"}).json()
    withdrawn = client.post(f"/api/lending/offers/{pk}/withdraw").json()

    assert made.status_code == 201, made.text
    assert twice.status_code == 409
    assert (changed["version"], changed["price_per_gram"], changed["materials"]) == (2, "0.5000", ["PLA"])
    assert changed["borrowers"][0]["prints_per_week"] == 3
    assert (withdrawn["state"], withdrawn["version"]) == ("withdrawn", 3)
    assert client.post(f"/api/lending/offers/{pk}/withdraw").status_code == 409
    assert client.patch(f"/api/lending/offers/{pk}", {"to_all": True}).status_code == 409


def test_a_lent_printer_is_found_by_its_name_or_its_owner_but_by_no_limited_person(loan, person, sign_in):
    loan.lend()
    address = f"/o/rival/lending/printers/{loan.shop.printer.pk}/"

    for words in ("Voron", "acme", "voron acme"):
        assert address in sign_in("operator", "rival").get(f"/o/rival/jump/?q={words}").text
    assert address not in sign_in("operator").get("/o/acme/jump/?q=Voron").text.replace("/o/acme", "/o/rival")
    with loan.there():
        tag = Tag.objects.create(name="red")
    Membership.objects.filter(user=person("viewer", "rival")).update(printer_tags=[tag.pk])
    assert address not in sign_in("viewer", "rival").get("/o/rival/jump/?q=Voron").text


def test_the_api_lends_to_somebody_whose_address_has_any_case_and_says_prices_in_cents(loan, api):
    client, body = api("admin"), {"printer_id": str(loan.shop.printer.pk), "price_per_hour": "5"}

    nobody = client.post("/api/lending/offers", body)
    made = client.post("/api/lending/offers", body | {"borrowers": [{"org": " Rival "}]}).json()
    left = client.patch(f"/api/lending/offers/{loan.shop.printer.pk}", {"borrowers": []})

    assert (nobody.status_code, left.status_code) == (422, 422)
    assert "at least one organisation" in nobody.json()["errors"][0]["message"]
    assert made["borrowers"][0]["org"] == "rival"
    assert (
        made["price_per_hour"]
        == client.get(f"/api/lending/offers/{loan.shop.printer.pk}").json()["price_per_hour"]
    )


def test_an_offer_made_anew_by_the_api_keeps_nothing_of_the_one_withdrawn(loan, api):
    loan.lend(to_all=True, materials=["PLA"])
    offers.withdraw(loan.shop.printer)
    body = {"printer_id": str(loan.shop.printer.pk), "borrowers": [{"org": "rival", "most_grams": 7}]}

    anew = api("admin").post("/api/lending/offers", body).json()

    assert (anew["state"], anew["to_all"], anew["materials"]) == ("offered", False, [])
    assert anew["borrowers"] == [
        {"org": "rival", "most_grams": 7, "prints_per_week": None, "hours_per_week": None}
    ]
    assert Decimal(anew["price_per_hour"]) == 0


@pytest.mark.parametrize(
    "body",
    [
        {"borrowers": [{"org": "nowhere"}]}, {"hours": {"mon": [["9", "x"]]}}, {"price_per_gram": "-1"},
        {"price_per_hour": "NaN"}, {"materials": ["PLA\0"]}, {"to_all": None}, {"most_grams": 10**12},
    ],
)  # fmt: skip
def test_an_unsound_offer_is_422_in_the_api(loan, api, body):
    answer = api("admin").post("/api/lending/offers", {"printer_id": str(loan.shop.printer.pk), **body})

    assert answer.status_code == 422, answer.text
    assert not Offer.objects.exists()


def test_the_owner_sees_the_guest_and_corrects_its_charge_on_both_sides(loan, sign_in):
    loan.lend()
    loan.job()
    loan.ended()
    guest, admin = GuestPrint.objects.get(), sign_in("admin")
    assert "Rival" in admin.get("/o/acme/lending/guests/").text

    answer = admin.post(
        f"/o/acme/lending/guests/{guest.pk}/correct/", {"amount": "-0.50", "note": "=spoiled"}
    )

    assert answer.status_code == 302
    assert LedgerLine.objects.filter(kind="correction").get().amount == Decimal("-0.50")
    with loan.there():
        assert LedgerLine.objects.filter(kind="correction").get().amount == Decimal("0.50")
    sheet = sign_in("operator", "rival").get("/o/rival/lending/ledger/csv/").text
    assert "'=spoiled" in sheet
    assert "Acme" in sheet
    assert "€" in admin.get("/o/acme/lending/ledger/").text


def test_a_correction_that_is_sent_twice_is_charged_once(loan, sign_in):
    loan.lend()
    loan.job()
    loan.ended()
    url, admin = f"/o/acme/lending/guests/{GuestPrint.objects.get().pk}/correct/", sign_in("admin")
    sent = {"amount": "2", "note": "more", "once": str(admin.get(url).context["form"]["once"].value())}

    answers = [admin.post(url, sent).status_code for _click in range(2)]

    assert answers == [302, 302]
    assert LedgerLine.objects.get(kind="correction").amount == 2
    with loan.there():
        assert LedgerLine.objects.get(kind="correction").amount == -2


def test_the_owners_pages_show_for_whom_it_prints_and_not_what(loan, sign_in):
    loan.lend()
    loan.shop.machine.machine.speed = 20
    try:
        loan.job()
        dispatch = loan.started()
        loan.shop.wait_for(lambda status: status.progress)
        page = sign_in("admin").get(f"/o/acme/printers/{loan.shop.printer.pk}/").text
    finally:
        loan.shop.machine.machine.speed = 2000

    assert "Lent to Rival: PLA" in page
    assert f">{dispatch.remote_name}" not in page
    assert "kanarienvogel" not in page


def test_the_plates_page_names_no_job_of_ours_after_a_print_of_others(loan, sign_in):
    ours = loan.shop.job()
    loan.shop.started()
    loan.shop.wait_for(lambda _status: Job.objects.filter(pk=ours.pk, state="completed").exists())
    page = f"/o/acme/printers/{loan.shop.printer.pk}/plate/"
    assert f"#{ours.number} " in sign_in("operator").get(page).text
    loan.shop.clear_plate()
    loan.lend()
    loan.job()
    loan.ended()

    text = sign_in("operator").get(page).text

    assert f"#{ours.number} " not in text
    assert "kanarienvogel" not in text
