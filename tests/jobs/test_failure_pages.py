"""The pages of verdicts, failures and reasons: who may do what on them, and what they show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs import judging, reasons
from jobs.judging import Finding
from jobs.models import FailureReason, Job, Print
from jobs.states import Verdict
from tests.jobs.test_photos import picture, sent
from tests.jobs.test_verdicts import P, copy, ended, reason

QUEUE = "/o/acme/queue/"
FAILURES = f"{QUEUE}failures/"
REASONS = f"{QUEUE}reasons/"


def of_copy(job, number=1):
    return f"{QUEUE}{job.pk}/copies/{number}/"


def test_one_tap_says_that_a_copy_is_good(shop, sign_in):
    job = ended(shop, P.COMPLETED)
    page = sign_in("viewer").get(f"{QUEUE}{job.pk}/").text
    assert f'action="{of_copy(job)}good/"' in page

    sign_in("viewer").post(f"{of_copy(job)}good/")

    assert copy(job).verdict == "good"


def test_one_tap_says_that_all_copies_are_good(shop, sign_in):
    job = ended(shop, P.COMPLETED, P.COMPLETED, P.FAILED)
    assert "All 2 good" in sign_in("viewer").get(f"{QUEUE}{job.pk}/").text

    sign_in("viewer").post(f"{QUEUE}{job.pk}/good/")

    assert job.prints.filter(verdict="good").count() == 2


def test_a_reject_has_its_reason_note_and_photo(shop, sign_in):
    job, client = ended(shop, P.COMPLETED), sign_in("viewer")
    said = {"verdict": "reject", "reason": reason().pk, "note": "bent", "photo": sent(picture())}

    answer = client.post(of_copy(job), said)

    assert answer.url == f"{QUEUE}{job.pk}/"
    page = client.get(answer.url).text
    assert all(words in page for words in ("Warping", "bent", f"{of_copy(job)}photo/"))
    assert copy(job).judged_by == "acme viewer"


def test_the_machines_word_stands_beside_the_persons(shop, sign_in):
    job, client = ended(shop, P.FAILED), sign_in("operator")
    assert "Not classified yet" in client.get(f"{QUEUE}{job.pk}/").text

    client.post(of_copy(job), {"reason": reason("Spaghetti").pk})

    page = client.get(f"{QUEUE}{job.pk}/").text
    assert "Nozzle clogged." in page
    assert "Spaghetti" in page
    assert "Not classified yet" not in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Choose what went wrong."),
        ({"reason": "nonsense"}, "not a valid"),
        ({"reason": "good", "note": "x" * 301}, "at most 300 characters"),
        ({"reason": "good", "photo": sent(b"<svg/>", "a.svg")}, "no photo that can be read"),
    ],
    ids=["no reason", "wrong reason", "long note", "no photo"],
)
def test_an_unsound_finding_comes_back_with_the_words_by_the_field(shop, sign_in, said, words):
    job = ended(shop, P.FAILED)
    sound = {**said, "reason": reason().pk} if said.get("reason") == "good" else said

    answer = sign_in("operator").post(of_copy(job), sound)

    assert answer.status_code == 422
    assert words in answer.text
    assert copy(job).reason is None


def test_a_viewer_says_what_is_good_but_not_why_a_print_failed(shop, sign_in):
    job, client = ended(shop, P.COMPLETED, P.FAILED), sign_in("viewer")

    assert client.post(of_copy(job, 1), {"verdict": "good"}).status_code == 302
    assert client.post(of_copy(job, 2), {"reason": reason().pk}).status_code == 403
    assert copy(job, 2).reason is None


def test_a_viewer_judges_no_job_of_another(shop, sign_in, person):
    job, client = ended(shop, P.COMPLETED, P.FAILED), sign_in("viewer")
    Job.objects.update(by=person("operator"))

    for path in ("good/", "reprint/", "copies/1/", "copies/1/good/", "copies/1/photo/"):
        send = client.get if path.endswith("photo/") else client.post
        assert send(f"{QUEUE}{job.pk}/{path}").status_code == 404
    assert not Print.objects.exclude(verdict="").exists()


def test_a_copy_that_still_prints_leads_back_with_the_reason(shop, sign_in):
    job = shop.job()

    page = sign_in("operator").get(of_copy(job), follow=True)

    assert page.redirect_chain[-1][0] == f"{QUEUE}{job.pk}/"
    assert "nothing to say of it" in page.text


def test_there_is_no_such_copy(shop, sign_in):
    job = ended(shop, P.COMPLETED)

    assert sign_in("operator").get(of_copy(job, 2)).status_code == 404
    assert sign_in("operator").get(of_copy(job, 10**20)).status_code == 404


def test_the_log_has_what_failed_was_rejected_or_was_cancelled_the_newest_first(shop, sign_in):
    job = ended(shop, P.COMPLETED, P.FAILED, P.COMPLETED, P.CANCELLED)
    judging.judge(copy(job, 1), Verdict.REJECT)

    page = sign_in("operator").get(FAILURES).text

    assert [page.count(f"copies/{number}/") for number in (1, 2, 3, 4)] == [1, 1, 0, 1]
    assert page.index("copies/4/") < page.index("copies/2/") < page.index("copies/1/")


def test_the_log_is_filtered_by_kind_printer_and_reason(shop, sign_in):
    job, client = ended(shop, P.FAILED, P.FAILED, P.CANCELLED), sign_in("operator")
    judging.classify(copy(job, 1), Finding(reason()))
    other = reason("Spaghetti")

    def shown(query):
        page = client.get(f"{FAILURES}?{query}").text
        return [number for number in (1, 2, 3) if f"copies/{number}/" in page]

    assert shown("kind=open") == [2]
    assert shown("kind=failed") == [1, 2]
    assert shown("kind=cancelled") == [3]
    assert shown("kind=rejected") == []
    assert shown(f"reason={reason().pk}") == [1]
    assert shown(f"reason={other.pk}") == []
    assert shown(f"printer={shop.printer.pk}") == [1, 2, 3]


def test_classifying_from_the_log_leads_back_to_it(shop, sign_in):
    job = ended(shop, P.FAILED)

    answer = sign_in("operator").post(of_copy(job), {"reason": reason().pk, "back": "failures"})

    assert answer.url == FAILURES


def test_a_viewers_log_has_their_own_jobs(shop, sign_in, person):
    job = ended(shop, P.FAILED)
    assert f"{QUEUE}{job.pk}/" in sign_in("viewer").get(FAILURES).text

    Job.objects.update(by=person("operator"))

    assert f"{QUEUE}{job.pk}/" not in sign_in("viewer").get(FAILURES).text


def test_the_log_asks_as_often_for_thirty_as_for_one(shop, sign_in, django_assert_max_num_queries):
    client = sign_in("operator")
    ended(shop, *[P.FAILED] * 30)
    client.get(FAILURES)

    with django_assert_max_num_queries(11):
        assert client.get(FAILURES).text.count('id="failure-') == 30


def test_a_job_asks_as_often_for_thirty_copies_as_for_one(shop, sign_in):
    client, few, many = sign_in("operator"), ended(shop, P.FAILED), ended(shop, *[P.COMPLETED] * 30)
    for one in many.prints.all():
        judging.judge(one, Verdict.REJECT, Finding(reason()))
    client.get(f"{QUEUE}{few.pk}/")

    def asked(job):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{QUEUE}{job.pk}/")
        # Without those that a connection asks once for itself.
        return sum(not query["sql"].startswith("SET search_path") for query in queries)

    assert asked(many) == asked(few)


def test_the_printers_page_has_its_last_failures_and_their_share(shop, sign_in):
    job = ended(shop, P.COMPLETED, P.FAILED, P.COMPLETED)
    Print.objects.filter(job=job).update(started_at=copy(job).ended_at)
    judging.classify(copy(job, 2), Finding(reason("Spaghetti")))
    judging.judge(copy(job, 3), Verdict.REJECT, Finding(reason("Stringing")))

    pages = [
        sign_in("viewer").get(url).text
        for url in (f"/o/acme/printers/{shop.printer.pk}/", f"/o/acme/models/{shop.revision.model_id}/")
    ]

    for page in pages:
        assert "1 of 3 prints failed in the last 90 days, 1 was rejected" in page
    assert all(words in pages[0] for words in ("Spaghetti", "Stringing"))


def test_operators_add_rename_and_retire_reasons(shop, sign_in):
    client = sign_in("operator")

    client.post(REASONS, {"name": "Cat on the bed", "fault": "nobody"})
    made = FailureReason.objects.get(name="Cat on the bed")
    client.post(f"{REASONS}{made.pk}/", {"name": "Dog on the bed", "fault": "person"})
    client.post(f"{REASONS}{made.pk}/retire/")

    made.refresh_from_db()
    assert (made.name, made.fault, made.retired_at is None) == ("Dog on the bed", "person", False)
    assert made not in reasons.in_use()
    client.post(f"{REASONS}{made.pk}/restore/")
    assert made in reasons.in_use()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": "warping", "fault": "machine"}, "of this name already"),
        ({"name": " ", "fault": "machine"}, "required"),
        ({"name": "x" * 61, "fault": "machine"}, "at most 60 characters"),
        ({"name": "New", "fault": "mine"}, "valid choice"),
    ],
    ids=["twice", "empty", "long", "fault"],
)
def test_an_unsound_reason_is_refused_with_the_words(acme, sign_in, said, words):
    count = reasons.all_reasons().count()

    answer = sign_in("operator").post(REASONS, said)

    assert answer.status_code == 422
    assert words in answer.text
    assert FailureReason.objects.count() == count


def test_a_rename_to_a_name_that_is_taken_is_refused(acme, sign_in):
    one = reason("Spaghetti")

    page = sign_in("operator").post(
        f"{REASONS}{one.pk}/", {"name": "Warping", "fault": "machine"}, follow=True
    )

    assert "of this name already" in page.text
    one.refresh_from_db()
    assert one.name == "Spaghetti"
