"""Many jobs at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context

from audit.models import Entry
from bulk.choosing import Choice
from bulk.models import Run
from bulk.running import start, undo, work
from jobs import approving
from jobs.bulk import JOBS
from jobs.models import Job, Print
from jobs.states import JobState, Priority
from jobs.submitting import Order, submit
from orgs.models import Membership
from printers import live
from stations.models import Dispatch

from .conftest import revision_of

QUEUE, BULK = "/o/acme/queue/", "/o/acme/queue/bulk/"
HTMX = {"HX-Request": "true", "HX-Target": "bulk"}


@pytest.fixture
def begin(acme, person):
    """begin("cancel", jobs, role="operator", …): the run, when all of it is over."""

    def begin(name, jobs, role="operator", **values):
        membership = Membership.objects.get(user=person(role), org=acme)
        run = start(Choice(JOBS, membership, tuple(one.pk for one in jobs)), name, values)
        while not run.is_over:
            work()
            run.refresh_from_db()
        return run

    return begin


@pytest.fixture
def vetted(shop, acme):
    acme.approval = True
    return shop


def said(run):
    """What became of each job, in the order in which they were made: "done", or the reason."""
    return [item.reason or item.state for item in run.items.order_by("row")]


def states(*jobs):
    return [Job.objects.get(pk=job.pk).state for job in jobs]


def put(job, state):
    ended = timezone.now() if state in {"completed", "failed", "cancelled", "rejected"} else None
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=ended)


def test_cancelling_takes_what_waits_and_leaves_what_is_over(shop, begin):
    waiting, over = shop.job(copies=2), shop.job()
    put(over, "completed")

    run = begin("cancel", [waiting, over])

    assert said(run) == ["done", "It is already over."]
    assert states(waiting, over) == ["cancelled", "completed"]
    assert Entry.objects.filter(action="job.cancel", actor="acme operator").count() == 1


def test_cancelling_gives_up_what_was_planned_and_nothing_starts(shop, begin):
    job = shop.job()
    dispatch = shop.held()

    begin("cancel", [job])

    dispatch.refresh_from_db()
    assert (dispatch.state, states(job)) == ("dropped", ["cancelled"])
    assert shop.station.hold_id is None
    assert shop.machine.machine.starts == []


def test_cancelling_asks_the_printer_for_what_prints(shop, begin):
    job = shop.job()
    shop.started()
    shop.wait_for(lambda status: Dispatch.objects.get().state == "confirmed")

    run = begin("cancel", [job])

    assert said(run) == ["done"]
    assert Dispatch.objects.get().cancel_wanted is True


def test_cancelling_is_never_done_in_the_request(shop, sign_in):
    job = shop.job()

    answer = sign_in("operator").post(
        BULK, {"action": "cancel", "row": str(job.pk), "confirmed": "1"}, headers=HTMX
    )

    assert "Cancel: 0 of 1 job" in answer.text
    assert states(job) == ["queued"]


def test_viewer_cancels_their_own_jobs_and_finds_no_others(shop, begin, person):
    own, other = shop.job(), submit(Order(revision=shop.revision), person("operator"))

    run = begin("cancel", [own, other], role="viewer")

    assert said(run) == ["done", "is gone"]
    assert states(own, other) == ["cancelled", "queued"]


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("set_priority", {"priority": "high"}),
        ("reschedule", {"not_before": None}),
        ("move", {"to": "top"}),
        ("approve", {}),
        ("reject", {"reason": "No."}),
        ("delete", {}),
    ],
)
def test_all_but_cancelling_is_for_operators(shop, api, sign_in, action, values):
    job = shop.job()
    body = {"ids": [str(job.pk)], "action": action, "values": values}

    assert api("viewer").post("/api/jobs/bulk", body).status_code == 403
    assert sign_in("viewer").post(BULK, {"action": action, "row": str(job.pk)}).status_code == 403
    assert not Run.objects.exists()


def test_priority_is_set_where_it_differs_and_taken_back_where_nobody_changed_it(shop, begin, person, acme):
    jobs = [shop.job(), shop.job(), shop.job(priority=Priority.HIGH)]

    run = begin("set_priority", jobs, priority="high")

    assert said(run) == ["done", "done", "It has this priority already."]
    Job.objects.filter(pk=jobs[1].pk).update(priority=Priority.URGENT)
    back = undo(run, Membership.objects.get(user=person("operator"), org=acme))
    assert said(back) == ["done", "It was changed since."]
    assert list(Job.objects.order_by("pk").values_list("priority", flat=True)) == [20, 40, 30]


def test_rescheduling_sets_and_clears_the_time_and_is_taken_back(shop, begin, person, acme):
    tomorrow = timezone.now().replace(microsecond=0) + timedelta(days=1)
    early, plain = shop.job(due_at=tomorrow - timedelta(hours=1)), shop.job()

    run = begin("reschedule", [early, plain], not_before=tomorrow)

    assert said(run) == ["It is due before that.", "done"]
    assert Job.objects.get(pk=plain.pk).not_before == tomorrow
    cleared = begin("reschedule", [plain], not_before=None)
    assert Job.objects.get(pk=plain.pk).not_before is None
    undo(cleared, Membership.objects.get(user=person("operator"), org=acme))
    assert Job.objects.get(pk=plain.pk).not_before == tomorrow


@pytest.mark.parametrize(("to", "order"), [("top", [1, 2, 0, 3]), ("bottom", [0, 3, 1, 2])])
def test_moved_jobs_keep_their_order_among_themselves(shop, begin, to, order):
    jobs = [shop.job() for _ in range(4)]

    begin("move", [jobs[2], jobs[1]], to=to)

    served = list(Job.objects.order_by("position", "pk").values_list("pk", flat=True))
    assert served == [jobs[at].pk for at in order]


def test_approving_and_rejecting_take_what_is_submitted_alone(vetted, begin, person):
    first, second = vetted.job(), vetted.job()
    queued = submit(Order(revision=vetted.revision), person("operator"))

    approved = begin("approve", [first, queued])
    rejected = begin("reject", [first, second], reason="Too large.")

    assert said(approved) == ["done", "It is in the queue already."]
    assert said(rejected) == ["It is in the queue already.", "done"]
    assert states(first, second, queued) == ["queued", "rejected", "queued"]
    assert Job.objects.get(pk=second.pk).decision_note == "Too large."


def test_second_operator_is_told_of_each_job_that_was_decided(vetted, begin):
    jobs = [vetted.job(), vetted.job()]
    approving.reject(jobs[0], "No.")

    run = begin("approve", jobs, role="admin")

    assert said(run) == ["It does not wait for approval.", "done"]


def test_only_what_is_over_is_deleted(shop, begin):
    over, rejected, waiting = shop.job(), shop.job(), shop.job()
    put(over, "completed")
    put(rejected, "rejected")

    run = begin("delete", [over, rejected, waiting])

    assert said(run) == ["done", "done", "It is not over. Cancel it first."]
    assert list(Job.objects.all()) == [waiting]
    assert not Print.objects.exclude(job=waiting).exists()


def test_jobs_of_another_organisation_are_gone_and_stay(shop, begin, rival, person):
    with tenant_context(rival):
        by = person("operator", "rival")
        theirs = submit(Order(revision=revision_of(by)), by)

    run = begin("cancel", [theirs])

    assert said(run) == ["is gone"]
    with tenant_context(rival):
        assert Job.objects.get().state == JobState.QUEUED


# By the API.


def test_api_takes_ids_or_the_filters_of_the_list(shop, api, acme):
    low, high = shop.job(), shop.job(priority=Priority.HIGH)
    client = api("operator")

    answer = client.post(
        "/api/jobs/bulk",
        {"filter": {"state": "queued", "priority": "high"}, "action": "set_priority",
         "values": {"priority": "urgent"}},
    )  # fmt: skip

    assert answer.status_code == 202
    told = client.get(f"/api/bulk/{answer.json()['run']}").json()
    assert (told["total"], told["done"], told["finished"]) == (1, 1, True)
    assert [Job.objects.get(pk=job.pk).priority for job in (low, high)] == [20, 40]


@pytest.mark.parametrize(
    "body",
    [
        {"action": "set_priority", "values": {"priority": "soon"}},
        {"action": "set_priority", "values": {}},
        {"action": "reschedule", "values": {}},
        {"action": "reschedule", "values": {"not_before": "tomorrow"}},
        {"action": "move", "values": {"to": "up"}},
        {"action": "reject", "values": {"reason": "  "}},
        {"action": "reject", "values": {"reason": "x" * 301}},
        {"action": "approve", "values": {"because": "x"}},
        {"action": "set_department", "values": {}},
        {"action": "cancel", "filter": {"state": "nonsense"}},
    ],
    ids=str,
)
def test_unsound_bulk_orders_are_refused(shop, api, body):
    job = shop.job()
    which = {} if "filter" in body else {"ids": [str(job.pk)]}

    answer = api("operator").post("/api/jobs/bulk", {**which, **body})

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert not Run.objects.exists()


def test_time_is_taken_with_its_zone(shop, api):
    job = shop.job()
    values = {"not_before": "2027-01-01T08:00:00+01:00"}

    api("operator").post("/api/jobs/bulk", {"ids": [str(job.pk)], "action": "reschedule", "values": values})

    assert Job.objects.get().not_before.isoformat() == "2027-01-01T07:00:00+00:00"


# On the page.


def test_each_row_has_a_tick_that_says_what_applies(vetted, sign_in):
    vetted.job()

    operators = sign_in("operator").get(QUEUE).text
    viewers = sign_in("viewer").get(QUEUE).text

    assert 'data-applies="approve reject set_priority reschedule cancel"' in operators
    assert 'data-applies="cancel"' in viewers
    assert 'value="delete" data-elsewhere' in operators
    assert 'value="delete"' not in viewers


def test_live_list_has_ticks_and_asks_for_itself(shop, sign_in, acme):
    job = shop.job()
    live.touch(acme.pk, [job.pk])

    text = sign_in("operator").get(f"{QUEUE}live/?version=0&q=bracket").text

    assert 'data-applies="set_priority reschedule move cancel"' in text
    assert f'hx-get="{QUEUE}?q=bracket&amp;page=1"' in text


def test_list_answers_a_change_with_itself(shop, sign_in):
    shop.job()

    text = sign_in("operator").get(QUEUE, headers={"HX-Request": "true", "HX-Target": "jobs"}).text

    assert text.lstrip().startswith('<section id="jobs"')
    assert "<html" not in text


def test_question_and_run_work_without_scripts(vetted, sign_in):
    job = vetted.job()
    client = sign_in("operator")

    asked = client.post(BULK, {"action": "reject", "row": str(job.pk)}).text
    empty = client.post(BULK, {"action": "reject", "row": str(job.pk), "confirmed": "1", "value-reason": ""})
    done = client.post(
        BULK, {"action": "reject", "row": str(job.pk), "confirmed": "1", "value-reason": "No."}, follow=True
    )

    assert "Reject 1 job" in asked
    assert empty.status_code == 422
    assert "1 rejected." in done.text
    assert states(job) == ["rejected"]


def test_time_typed_on_the_page_is_of_the_organisations_zone(shop, sign_in):
    job = shop.job()
    sent = {"action": "reschedule", "row": str(job.pk), "confirmed": "1"}

    sign_in("operator").post(BULK, {**sent, "value-not_before": "2027-01-01T08:00"})

    assert Job.objects.get().not_before.isoformat() == "2027-01-01T07:00:00+00:00"


def test_queries_of_the_list_and_of_a_question_do_not_grow_with_the_jobs(shop, sign_in):
    client = sign_in("operator")

    def queries(act):
        with CaptureQueriesContext(connection) as seen:
            assert act().status_code == 200
        return len(seen)

    def ask(jobs):
        return client.post(BULK, {"action": "delete", "row": [str(job.pk) for job in jobs]}, headers=HTMX)

    few = [shop.job()]
    client.get(QUEUE)
    at_one = [queries(lambda: client.get(QUEUE)), queries(lambda: ask(few))]
    many = [*few, *(shop.job() for _ in range(20))]

    assert [queries(lambda: client.get(QUEUE)), queries(lambda: ask(many))] == at_one
