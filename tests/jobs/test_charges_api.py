"""Rate cards, lines, months and corrections in the REST API."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from jobs.charging.models import ChargeLine, RateCard
from jobs.models import Job
from orgs.models import Department

from .charges import end_print, make_job, sums

LINES, CARDS = "/api/chargebacks/lines", "/api/rate-cards"


def day(ahead=0):
    return (timezone.localdate() + timedelta(days=ahead)).isoformat()


def test_a_card_is_made_read_replaced_and_deleted(acme, api, physics):
    admin = api("admin")
    sent = {
        "valid_from": day(1), "per_hour": "2.50", "watts": 120, "per_kwh": "0.3", "policy": "org",
        "by_model": [{"model": "MK4", "per_hour": None, "watts": 85}],
        "by_department": [{"department_id": str(physics.pk), "percent": "-12.5"}], "note": "=1+1",
    }  # fmt: skip

    made = admin.post(CARDS, sent)

    assert made.status_code == 201, made.text
    card = made.json()
    assert (card["per_hour"], card["currency"], card["has_begun"]) == ("2.5", "EUR", False)
    assert card["by_department"] == [{"department_id": str(physics.pk), "percent": "-12.5"}]
    assert admin.get(CARDS).json()["count"] == 1
    assert api("operator").get(f"{CARDS}/{card['id']}").json() == card
    changed = admin.put(f"{CARDS}/{card['id']}", {**sent, "per_hour": "3"}, content_type="application/json")
    assert changed.json()["per_hour"] == "3"
    assert admin.delete(f"{CARDS}/{card['id']}").status_code == 204


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid_from": day(-1)}, {"per_hour": "-1"}, {"per_hour": "1e9"}, {"per_hour": "NaN"}, {"watts": -1},
        {"failure_percent": "100.5"}, {"policy": "nobody"}, {"by_model": [{"model": " ", "watts": 5}] * 501},
        {"by_model": [{"model": "MK4", "watts": 5}, {"model": "mk4", "watts": 6}]}, {"surprise": 1},
        {"by_department": [{"department_id": "019d0000-0000-7000-8000-000000000000", "percent": "1"}]},
    ],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_an_absurd_card_is_refused(acme, api, wrong):
    answer = api("admin").post(CARDS, {"valid_from": day(1), **wrong})

    assert answer.status_code == 422, answer.text
    assert not RateCard.objects.exists()


def test_a_department_of_another_organisation_is_unknown_to_a_card(acme, rival, api):
    foreign = Department.objects.create(org=rival, name="Theirs")

    answer = api("admin").post(
        CARDS, {"valid_from": day(1), "by_department": [{"department_id": str(foreign.pk), "percent": "5"}]}
    )

    assert answer.status_code == 422


def test_a_card_that_has_begun_is_left_alone(example, api):
    [card] = RateCard.objects.all()
    sent = {"valid_from": day(1), "per_hour": "99"}

    replaced = api("admin").put(f"{CARDS}/{card.pk}", sent, content_type="application/json")

    assert replaced.status_code == api("admin").delete(f"{CARDS}/{card.pk}").status_code == 409
    assert api("admin").post(CARDS, {**sent, "valid_from": day()}).status_code == 422


def test_lines_are_listed_filtered_and_add_up(example, api, physics):
    operator = api("operator")
    month = day()[:7]

    every = operator.get(LINES, {"month": month}).json()
    energy = operator.get(LINES, {"kind": "energy", "department_id": physics.pk}).json()
    borne = operator.get(LINES, {"paid_by": "org", "job_id": example.pk}).json()

    assert every["count"] == 13
    assert [one["kind"] for one in energy["items"]] == ["energy", "energy"]
    assert sum(D(one["amount"]) for one in borne["items"]) == D("6.34")
    first = every["items"][0]
    assert (first["quantity"], first["unit"], first["unit_price"], first["amount"]) == (
        "84.3",
        "g",
        "0.0229",
        "1.93",
    )
    assert operator.get(LINES, {"month": "2020-01"}).json() == {"items": [], "count": 0}
    assert operator.get(LINES, {"month": "2020-13"}).status_code == 422
    assert operator.get(LINES, {"what": "else"}).status_code == 422


def test_a_viewer_gets_the_charges_of_own_jobs_alone(example, api, person, revision):
    other = make_job(revision, person("operator"))
    end_print(other.prints.get())
    viewer = api("viewer")

    assert viewer.get(f"/api/jobs/{example.pk}/charges").json()["count"] == 13
    assert viewer.get(f"/api/jobs/{other.pk}/charges").status_code == 404
    assert viewer.get(LINES).status_code == 403


def test_a_month_is_closed_once(example, api):
    admin = api("admin")

    assert admin.post("/api/chargebacks/close", {"month": "2025-10"}).json()["state"] == "closed"
    assert admin.post("/api/chargebacks/close", {"month": "2025-10"}).status_code == 409
    assert admin.post("/api/chargebacks/close", {"month": day()[:7]}).status_code == 422
    now, closed = admin.get("/api/chargebacks/months").json()["items"]
    assert (now["month"], now["state"], now["lines"]) == (day()[:7], "open", 13)
    assert (closed["month"], closed["state"], closed["closed_by"]) == ("2025-10", "closed", "acme admin")


def test_a_line_is_taken_back_once_and_an_entry_written_once_for_a_key(example, api, physics):
    admin = api("admin")
    line = ChargeLine.objects.filter(kind="labour").first()

    taken = admin.post(f"{LINES}/{line.pk}/counter", {"reason": "Free"})
    again = admin.post(f"{LINES}/{line.pk}/counter", {"reason": "Free"})
    sent = {"amount": "-3.00", "reason": "Goodwill", "department_id": str(physics.pk)}
    entries = [
        admin.post("/api/chargebacks/corrections", sent, HTTP_IDEMPOTENCY_KEY="one") for _turn in range(2)
    ]

    assert (taken.status_code, again.status_code) == (201, 409)
    assert D(taken.json()["amount"]) == -line.amount
    assert entries[0].json()["id"] == entries[1].json()["id"]
    assert sums()["Physics"] == D("15.79") - line.amount - 3


@pytest.mark.parametrize("amount", ["0", "0.001", "1e12", "NaN", "much"])
def test_an_entry_that_can_not_be_paid_is_refused(acme, api, amount):
    answer = api("admin").post("/api/chargebacks/corrections", {"amount": amount, "reason": "x"})

    assert answer.status_code == 422


def test_a_job_is_charged_elsewhere(example, api, art, rival):
    admin = api("admin")
    foreign = Department.objects.create(org=rival, name="Theirs")
    sent = {"job_id": str(example.pk), "department_id": str(art.pk), "reason": "Wrong class"}

    moved = admin.post("/api/chargebacks/move", sent)

    assert moved.status_code == 200
    assert admin.post("/api/chargebacks/move", sent).status_code == 409
    assert admin.post("/api/chargebacks/move", {**sent, "department_id": str(foreign.pk)}).status_code == 404
    assert sums() == {"Art": D("14.35"), "org": D("6.34")}
    assert Job.objects.get(pk=example.pk).department == art


@pytest.mark.parametrize("form", ["json", "csv", "pdf", "html"])
def test_a_statement_comes_in_every_format(example, api, physics, form):
    answer = api("operator").get("/api/reports/chargebacks", {"department_id": physics.pk, "format": form})

    assert answer.status_code == 200
    if form == "json":
        [charged] = [one for one in answer.json()["figures"] if one["name"] == "charged"]
        assert charged["value"] == "15.79"
