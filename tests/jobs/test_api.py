"""Jobs through the REST API."""

import pytest
from django_tenants.utils import tenant_context

from jobs.describing import describe_job
from jobs.models import Job
from jobs.schemas import JobOut


def order_of(shop, **fields):
    return {"model_id": str(shop.revision.model_id), "target": {"any": True}, **fields}


def test_a_created_job_is_queued_with_its_estimate(shop, api):
    made = api("viewer").post("/api/jobs", order_of(shop, copies=3, auto_start=True, priority="high"))

    assert made.status_code == 201
    said = made.json()
    assert (said["state"], said["copies"], said["priority"]) == ("queued", 3, "high")
    assert (said["estimate_s"], said["grams"]) == (600, 37.5)
    assert said["revision"] == {"number": 1, "sha256": shop.revision.stored_id}
    assert [line["state"] for line in said["history"]] == ["queued"]


def test_answers_have_the_documented_shape(shop, api):
    job = shop.job()

    shown = api().get(f"/api/jobs/{job.pk}").json()

    assert set(JobOut.model_fields) == set(shown)
    JobOut.model_validate(describe_job(job.pk))


def test_a_repeated_post_with_the_same_key_makes_one_job(shop, api):
    client = api()
    first = client.post("/api/jobs", order_of(shop), headers={"Idempotency-Key": "a"})

    second = client.post("/api/jobs", order_of(shop), headers={"Idempotency-Key": "a"})

    assert first.json() == second.json()
    assert Job.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(shop, api):
    client = api()
    client.post("/api/jobs", order_of(shop), headers={"Idempotency-Key": "a"})

    assert (
        client.post("/api/jobs", order_of(shop, copies=2), headers={"Idempotency-Key": "a"}).status_code
        == 422
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"copies": 0}, {"copies": 501}, {"plate": 9}, {"priority": "soon"}, {"colour": "red"}, {"target": {}},
        {"target": {"any": True, "tag": "x"}}, {"due_at": "tomorrow"}, {"due_at": "2026-01-01T00:00:00"},
        {"filaments": [{"index": -1}]}, {"filaments": [{"index": 0, "color": "red"}]}, {"notes": "x" * 2001},
    ],
    ids=str,
)  # fmt: skip
def test_unsound_orders_are_refused_with_the_field(shop, api, fields):
    answer = api().post("/api/jobs", order_of(shop, **fields))

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]
    assert not Job.objects.exists()


def test_a_printer_that_can_never_print_it_is_refused_with_the_reason(shop, api):
    shop.printer.model = "Creality Ender-3 V2"
    shop.printer.save(update_fields=["model"])

    answer = api().post("/api/jobs", order_of(shop, target={"printer_id": str(shop.printer.pk)}))

    assert answer.status_code == 422
    assert "sliced for Voron 2.4 250" in answer.json()["errors"][0]["message"]


def test_a_viewer_sees_only_own_jobs(shop, api):
    mine = shop.job()
    shop.by = shop.by.__class__.objects.get(email="operator@acme.test")
    shop.job()

    listed = api("viewer").get("/api/jobs").json()

    assert [job["id"] for job in listed["items"]] == [str(mine.pk)]


def test_a_viewer_cannot_cancel_anothers_job(shop, api):
    shop.by = shop.by.__class__.objects.get(email="operator@acme.test")
    job = shop.job()

    assert api("viewer").post(f"/api/jobs/{job.pk}/cancel").status_code == 404


def test_anothers_organisations_ids_are_unknown(shop, api, rival):
    job = shop.job()
    stranger = api("admin", "rival")

    for path in (f"/api/jobs/{job.pk}", f"/api/jobs/{job.pk}/cancel", f"/api/jobs/{job.pk}/start"):
        assert stranger.get(path).status_code in {404, 405}
    with tenant_context(rival):
        assert stranger.post("/api/jobs", order_of(shop)).status_code == 404


def test_cancelling_twice_is_a_conflict(shop, api):
    job, client = shop.job(), api()
    assert client.post(f"/api/jobs/{job.pk}/cancel").json()["state"] == "cancelled"

    assert client.post(f"/api/jobs/{job.pk}/cancel").status_code == 409


def test_a_doubtful_start_by_hand_names_what_needs_a_reason(shop, api):
    shop.spool.used_g = 995
    shop.spool.save(update_fields=["used_g"])
    job, client = shop.job(), api()
    path = f"/api/jobs/{job.pk}/start"

    refused = client.post(path, {"printer_id": str(shop.printer.pk)})
    allowed = client.post(path, {"printer_id": str(shop.printer.pk), "override_reason": "I swap the spool"})

    assert refused.status_code == 409
    assert [error["field"] for error in refused.json()["errors"]] == ["enough"]
    assert allowed.status_code == 200


def test_a_plate_that_is_not_clear_can_not_be_overridden(shop, api):
    shop.station.__class__.objects.filter(pk=shop.printer.pk).update(plate="unknown")
    job = shop.job()

    answer = api().post(
        f"/api/jobs/{job.pk}/start", {"printer_id": str(shop.printer.pk), "override_reason": "looks fine"}
    )

    assert answer.status_code == 409
    assert "plate is not confirmed clear" in answer.json()["detail"]


def test_an_edit_changes_only_what_is_named(shop, api):
    job = shop.job(notes="keep me")

    said = api().patch(f"/api/jobs/{job.pk}", {"priority": "urgent"}).json()

    assert (said["priority"], said["notes"], said["auto_start"]) == ("urgent", "keep me", True)


def test_a_waiting_job_is_not_deleted(shop, api):
    job = shop.job()

    assert api().delete(f"/api/jobs/{job.pk}").status_code == 409


def test_moving_to_the_top_changes_the_order(shop, api):
    first, second = shop.job(), shop.job()

    api().post(f"/api/jobs/{second.pk}/move", {"to": "top"})

    found = Job.objects.order_by("position", "pk").values_list("pk", flat=True)
    assert list(found) == [second.pk, first.pk]


def test_the_list_asks_as_often_for_thirty_as_for_one(shop, api, django_assert_max_num_queries):
    client = api()
    for _job in range(30):
        shop.job()
    client.get("/api/jobs?limit=1")

    with django_assert_max_num_queries(9):
        assert len(client.get("/api/jobs?limit=30").json()["items"]) == 30


def test_unknown_parameters_are_refused(shop, api):
    assert api().get("/api/jobs?colour=red").status_code == 422
