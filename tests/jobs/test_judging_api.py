"""Verdicts, failures and reprints through the REST API."""

import pytest

from jobs import judging, reasons
from jobs.describing import describe_job
from jobs.judging import Finding
from jobs.lifecycle import move_print
from jobs.models import Job
from jobs.schemas import JobOut
from tests.jobs.test_verdicts import P, copy, ended, reason


def test_a_verdict_is_in_the_job(shop, api):
    job, client = ended(shop, P.COMPLETED, P.COMPLETED), api("viewer")

    client.post(f"/api/jobs/{job.pk}/verdict", {"copy": 1, "verdict": "good"})
    said = {"copy": 2, "verdict": "reject", "reason_id": str(reason().pk), "note": "bent"}
    answer = client.post(f"/api/jobs/{job.pk}/verdict", said)

    assert answer.status_code == 200
    first, second = answer.json()["prints"]
    assert (first["verdict"], first["failure"], first["state"]) == ("good", None, "completed")
    assert second["verdict"] == "reject"
    assert second["failure"] == {"reason": "Warping", "note": "bent", "source": "person"}
    assert client.get(f"/api/jobs/{job.pk}").json() == answer.json()


def test_the_reason_of_a_failure_is_the_machines_word_until_a_person_chose(shop, api):
    job, client = ended(shop, P.FAILED), api()
    machine = {"reason": "Nozzle clogged.", "note": "Nozzle clogged.", "source": "machine"}
    assert client.get(f"/api/jobs/{job.pk}").json()["failure"] == machine

    path = f"/api/jobs/{job.pk}/failure"
    said = client.post(path, {"copy": 1, "reason_id": str(reason("Spaghetti").pk)}).json()

    assert said["failure"] == {"reason": "Spaghetti", "note": "Nozzle clogged.", "source": "person"}
    assert said["prints"][0]["failure"] == said["failure"]
    listed = client.get("/api/jobs").json()["items"][0]
    assert (listed["failure"], listed["prints"]) == (said["failure"], None)


def test_a_copy_that_failed_before_it_had_a_printer_says_why(shop, api):
    job = shop.job()

    move_print(copy(job), P.FAILED, note="The file is gone.")

    assert api().get(f"/api/jobs/{job.pk}").json()["failure"]["reason"] == "The file is gone."


def test_answers_have_the_documented_shape(shop):
    job = ended(shop, P.FAILED, P.COMPLETED)
    judging.classify(copy(job), Finding(reason()))

    JobOut.model_validate(describe_job(job.pk))


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"copy": 1, "verdict": "fine"}, 422),
        ({"copy": 0, "verdict": "good"}, 422),
        ({"copy": 501, "verdict": "good"}, 422),
        ({"copy": 3, "verdict": "good"}, 404),
        ({"verdict": "good"}, 422),
        ({"copy": 1, "verdict": "good", "colour": "red"}, 422),
        ({"copy": 1, "verdict": "reject", "note": "x" * 301}, 422),
        ({"copy": 1, "verdict": "reject", "reason_id": "019d0000-0000-7000-8000-000000000000"}, 404),
        ({"copy": 2, "verdict": "good"}, 409),
    ],
    ids=str,
)
def test_unsound_verdicts_change_nothing(shop, api, said, status):
    job = ended(shop, P.COMPLETED, P.FAILED)

    answer = api().post(f"/api/jobs/{job.pk}/verdict", said)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert copy(job).verdict == ""


def test_a_retired_reason_is_refused_by_name_of_the_field(shop, api):
    job, retired = ended(shop, P.COMPLETED), reason()
    reasons.retire(retired)

    said = {"copy": 1, "verdict": "reject", "reason_id": str(retired.pk)}
    answer = api().post(f"/api/jobs/{job.pk}/verdict", said)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "reason_id"


def test_a_viewer_judges_only_own_jobs_and_classifies_none(shop, api, person):
    job, client = ended(shop, P.COMPLETED, P.FAILED), api("viewer")
    said = {"copy": 2, "reason_id": str(reason().pk)}
    assert client.post(f"/api/jobs/{job.pk}/failure", said).status_code == 403

    Job.objects.update(by=person("operator"))

    for path in ("verdict", "reprint"):
        body = {"copy": 1, "verdict": "good"} if path == "verdict" else {}
        assert client.post(f"/api/jobs/{job.pk}/{path}", body).status_code == 404


def test_a_reprint_is_made_once(shop, api):
    job, client = ended(shop, P.COMPLETED, P.FAILED), api("viewer")

    answers = [client.post(f"/api/jobs/{job.pk}/reprint") for _press in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[0].json()["copies"] == 1
    shown = client.get(f"/api/jobs/{job.pk}").json()["prints"]
    assert [one["reprinted_as"] for one in shown] == [None, answers[0].json()["id"]]


def test_nothing_lacking_is_a_conflict(shop, api):
    job = ended(shop, P.COMPLETED)

    assert api().post(f"/api/jobs/{job.pk}/reprint").status_code == 409


def test_the_reasons_are_listed_with_whose_fault_they_are(shop, api):
    reasons.retire(reason())

    listed = api("viewer").get("/api/jobs/reasons?limit=100").json()

    by_name = {one["name"]: one for one in listed["items"]}
    assert listed["count"] == len(reasons.FIRST)
    assert (by_name["Warping"]["fault"], by_name["Warping"]["retired"]) == ("machine", True)
    assert by_name["Wrong file or settings"]["fault"] == "person"
