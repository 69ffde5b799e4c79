"""Drying in the REST API."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from inventory.drying.schemas import DryingOut, RuleOut
from inventory.models import Drying, DryingRule, Spool
from tests.factories.inventory import make_filament, make_spool

SAID = {"temperature_c": 65, "hours": 7.5}


def path(spool):
    return f"/api/spools/{spool.pk}/dryings"


def test_a_session_is_written_down_and_read(acme, api, person):
    spool, client = make_spool(make_filament("PETG")), api()
    at = (timezone.now() - timedelta(hours=2)).isoformat()

    made = client.post(path(spool), {**SAID, "at": at, "humidity_before": 41, "device": "S4"})
    told = client.get(path(spool)).json()

    assert made.status_code == 201
    assert told == {"items": [made.json()], "count": 1}
    assert set(made.json()) == set(DryingOut.model_fields)
    assert made.json()["by"] == person("operator").name
    assert (made.json()["hours"], made.json()["material"]) == (7.5, "PETG")
    one = client.get(f"/api/spools/{spool.pk}").json()
    assert (one["needs_drying"], one["dried_at"]) == (False, made.json()["at"])
    assert one["dry_until"] > one["dried_at"]
    assert client.get(f"/api/dryings?spool_id={spool.pk}&device=s4").json()["count"] == 1
    assert client.get(f"/api/dryings?spool_id={uuid4()}").json()["count"] == 0


def test_a_repeat_with_the_same_key_is_the_same_session_and_another_is_a_conflict(acme, api):
    spool, client = make_spool(), api()

    first = client.post(path(spool), SAID, headers={"Idempotency-Key": "k"})
    again = client.post(path(spool), SAID, headers={"Idempotency-Key": "k"})
    other = client.post(path(spool), SAID)

    assert (first.status_code, again.json(), other.status_code) == (201, first.json(), 409)
    assert "at that time already" in other.json()["detail"]
    assert Drying.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"hours": -1}, "hours"),
        ({"hours": 1e300}, "hours"),
        ({"hours": 1.25}, "hours"),
        ({"hours": "NaN"}, "hours"),
        ({"temperature_c": 900}, "temperature_c"),
        ({"temperature_c": 10**30}, "temperature_c"),
        ({"humidity_after": 101}, "humidity_after"),
        ({"at": "2999-01-01T00:00:00Z"}, "at"),
        ({"at": "2026-01-01T00:00:00"}, "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "at"),
        ({"device": "x" * 61}, "device"),
        ({"device": "a\0b"}, "device"),
        ({"temprature": 65}, "temprature"),
    ],
)
def test_what_cannot_be_is_a_422_that_names_its_field(acme, api, changed, field):
    told = api().post(path(make_spool()), {**SAID, **changed})

    assert told.status_code == 422
    assert [error["field"] for error in told.json()["errors"]] == [field]
    assert not Drying.objects.exists()


def test_a_session_is_corrected_and_deleted(acme, api):
    spool, client = make_spool(), api()
    one = f"/api/dryings/{client.post(path(spool), SAID).json()['id']}"

    changed = client.patch(one, {"hours": 9, "humidity_after": 18})
    refused = [client.patch(one, body).status_code for body in ({"hours": None}, {"hours": 999}, {"x": 1})]
    gone = client.delete(one)

    assert (changed.json()["hours"], changed.json()["humidity_after"]) == (9, 18)
    assert refused == [422, 422, 422]
    assert (gone.status_code, client.get(one).status_code) == (204, 404)
    assert Spool.objects.get(pk=spool.pk).dried_at is None


def test_spools_are_asked_for_by_whether_they_need_drying(acme, api):
    damp = make_spool(make_filament("PA"), opened_at="2026-01-01T00:00:00Z")
    make_spool(), make_spool(make_filament("PA"))
    client = api("viewer")

    due = client.get("/api/spools?needs_drying=true").json()

    assert [(one["id"], one["needs_drying"]) for one in due["items"]] == [(str(damp.pk), True)]
    assert client.get("/api/spools?needs_drying=false").json()["count"] == 2


def test_rules_are_set_listed_and_taken_off(acme, api):
    client = api()
    said = {"material": "PA-CF", "temperature_c": 90, "hours": 10, "valid_days": 2}

    made = client.post("/api/drying-rules", said)
    listed = {one["material"]: one for one in client.get("/api/drying-rules").json()["items"]}

    assert made.status_code == 201
    assert listed["PA-CF"] == made.json() == said | {"id": str(DryingRule.objects.get().pk)}
    assert listed["PA"]["id"] is None
    assert set(made.json()) == set(RuleOut.model_fields)
    assert client.post("/api/drying-rules", {**said, "temperature_c": 900}).status_code == 422
    assert client.delete(f"/api/drying-rules/{made.json()['id']}").status_code == 204
    assert not DryingRule.objects.exists()


def test_a_viewer_reads_and_writes_nothing(acme, api):
    spool = make_spool()

    assert api("viewer").get(path(spool)).status_code == 200
    assert api("viewer").post(path(spool), SAID).status_code == 403
    assert api("operator", "rival").get(path(spool)).status_code == 404
