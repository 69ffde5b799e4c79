"""Where an organisation asks for it, viewers' jobs wait for an operator's yes."""

import pytest
from django.core.exceptions import ValidationError

from alerts.kinds import Kind
from alerts.models import Alert, Delivery
from audit.models import Entry
from jobs import approving, by_hand, dispatching, editing, planning, revising, staging, starting, stopping
from jobs.dispatching import CannotStart
from jobs.models import Job, Print
from jobs.states import IllegalMove, JobState, PrintState, Priority
from jobs.submitting import Order, again, submit
from models3d.models import Model3D, Plate, Revision
from orgs.models import Membership, Org
from orgs.roles import Role
from stations.models import Dispatch

from .conftest import GCODE

pytestmark = pytest.mark.django_db


@pytest.fixture
def vetted(shop, acme):
    """The shop, in an organisation where viewers' jobs wait for approval."""
    Org.objects.filter(pk=acme.pk).update(approval=True)
    acme.approval = True
    return shop


@pytest.fixture
def better(vetted):
    """A second revision of the shop's model, not the current one."""
    old = vetted.revision
    revision = Revision.objects.create(
        model=old.model, number=2, stored=old.stored, original_name="part.gcode", kind="gcode",
        status=Revision.Status.READY, metadata=old.metadata, by=vetted.by,
    )  # fmt: skip
    for plate in Plate.objects.filter(revision=old):
        plate.pk, plate.revision, plate.print_s = None, revision, 900
        plate.save(force_insert=True)
    return revision


def told(kind):
    """Who was told of the open alerts of a kind, by name."""
    open_now = Alert.objects.filter(kind=kind, resolved_at=None)
    return sorted(
        Delivery.objects.filter(alert__in=open_now, channel="app").values_list("user__name", flat=True)
    )


def state_of(job):
    return Job.objects.get(pk=job.pk).state


def test_viewers_job_is_queued_at_once_unless_the_organisation_wants_approval(shop):
    assert shop.job().state == JobState.QUEUED


@pytest.mark.parametrize(
    ("role", "state"), [("viewer", "submitted"), ("operator", "queued"), ("admin", "queued")]
)
def test_only_viewers_jobs_wait_for_approval(vetted, person, role, state):
    job = submit(Order(revision=vetted.revision), person(role))

    assert state_of(job) == state
    assert [event.state for event in job.events.all()] == [state]


def test_job_of_somebody_who_is_no_member_waits_too(vetted, person):
    assert submit(Order(revision=vetted.revision), person("viewer", "rival")).state == JobState.SUBMITTED


def test_job_by_the_api_waits_too(vetted, api):
    said = api("viewer").post("/api/jobs", {"model_id": str(vetted.revision.model_id)}).json()

    assert said["state"] == "submitted"


def test_job_by_a_slicer_waits_too(vetted, slicer):
    answer = slicer("viewer").send(content=GCODE, print="true")

    assert answer.status_code == 201
    assert state_of(Job.objects.get()) == JobState.SUBMITTED


def test_printing_again_waits_too_and_keeps_no_raised_priority(vetted, person):
    job = vetted.job()
    Job.objects.filter(pk=job.pk).update(state=JobState.COMPLETED, priority=Priority.URGENT)

    made = again(Job.objects.get(pk=job.pk), person("viewer"))

    assert (made.state, made.priority) == (JobState.SUBMITTED, Priority.NORMAL)


def test_submitted_job_is_never_planned(vetted):
    job = vetted.job()

    assert planning.match() == 0
    assert dispatching.plan(job, Print.objects.get(job=job).pk, vetted.printer.pk) is None
    assert not Dispatch.objects.exists()
    assert state_of(job) == JobState.SUBMITTED


@pytest.mark.parametrize("state", ["submitted", "rejected"])
def test_unapproved_job_is_not_started_by_hand(vetted, state):
    job = vetted.job()
    Job.objects.filter(pk=job.pk).update(state=state)
    job.refresh_from_db()

    with pytest.raises(CannotStart, match="not approved"):
        by_hand.start(job, vetted.printer.pk, "I want it")


@pytest.mark.parametrize("state", ["submitted", "rejected"])
def test_unapproved_job_is_not_claimed_even_if_it_was_planned(vetted, state):
    job = vetted.job()
    approving.approve(job)
    dispatch = vetted.planned()
    staging.stage(dispatch.pk)
    Job.objects.filter(pk=job.pk).update(state=state)

    starting.claim(dispatch.pk)

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.note) == ("dropped", "the job is not approved")
    assert vetted.station.hold_id is None
    assert vetted.machine.machine.starts == []


def test_unapproved_job_is_not_started_even_if_it_holds_the_printer(vetted):
    job = vetted.job()
    approving.approve(job)
    dispatch = vetted.held()
    Job.objects.filter(pk=job.pk).update(state=JobState.SUBMITTED)

    starting.start_polled(dispatch.pk)

    assert vetted.machine.machine.starts == []
    # Its copy waits again, and the job is as unapproved as before.
    assert Print.objects.get(job=job).state == PrintState.WAITING
    assert state_of(job) == JobState.SUBMITTED


def test_approved_job_starts_as_any_other(vetted):
    job = vetted.job()

    approving.approve(job)

    assert job.state == JobState.QUEUED
    assert planning.match() == 1


def test_rejected_job_is_over_with_its_reason(vetted):
    job = vetted.job()

    approving.reject(job, "  Too\nlarge. ")

    assert (job.state, job.decision_note, job.ended_at is not None) == ("rejected", "Too large.", True)
    assert planning.match() == 0
    with pytest.raises(IllegalMove):
        stopping.cancel(job)


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 301])
def test_no_is_said_in_words(vetted, words):
    job = vetted.job()

    with pytest.raises(ValidationError):
        approving.reject(job, words)
    with pytest.raises(ValidationError):
        approving.ask_change(job, words)
    assert state_of(job) == JobState.SUBMITTED


def test_asked_for_change_stays_submitted_and_may_still_be_decided(vetted):
    job = vetted.job()

    approving.ask_change(job, "Use PETG.")

    assert (job.state, job.decision_note) == (JobState.SUBMITTED, "Use PETG.")
    with pytest.raises(IllegalMove, match="asked for already"):
        approving.ask_change(job, "And blue.")
    approving.approve(job)
    assert (job.state, job.decision_note) == (JobState.QUEUED, "")


def test_resubmitting_clears_the_mark_and_takes_the_changes(vetted, better):
    job = vetted.job()
    approving.ask_change(job, "Slice it again.")

    approving.resubmit(job, vetted.by, {"notes": "Sliced again"}, better)

    assert (job.state, job.decision_note, job.notes) == (JobState.SUBMITTED, "", "Sliced again")
    assert (job.revision_id, job.estimate_s) == (better.pk, 900)


def test_rejected_job_may_be_submitted_again_for_a_fresh_decision(vetted):
    job = vetted.job()
    approving.reject(job, "No.")

    approving.resubmit(job, vetted.by, {})

    assert (job.state, job.ended_at) == (JobState.SUBMITTED, None)
    assert planning.match() == 0
    approving.approve(job)
    assert planning.match() == 1


def test_resubmitted_job_is_queued_if_no_approval_is_needed_any_more(vetted, acme):
    job = vetted.job()
    approving.reject(job, "No.")
    acme.approval = False

    approving.resubmit(job, vetted.by, {})

    assert job.state == JobState.QUEUED
    assert told(Kind.JOB_SUBMITTED) == []


@pytest.mark.parametrize("state", ["submitted", "queued", "completed", "cancelled"])
def test_what_was_not_sent_back_is_not_submitted_again(vetted, state):
    job = vetted.job()
    Job.objects.filter(pk=job.pk).update(state=state)

    with pytest.raises(IllegalMove):
        approving.resubmit(job, vetted.by, {"notes": "x"})
    assert Job.objects.get(pk=job.pk).notes == ""


def test_only_its_person_submits_a_job_again(vetted, person):
    job = vetted.job()
    approving.reject(job, "No.")

    with pytest.raises(IllegalMove, match="Only the person"):
        approving.resubmit(job, person("operator"), {})


def test_what_can_no_longer_be_printed_is_not_submitted_again(vetted):
    job = vetted.job()
    approving.reject(job, "No.")
    Model3D.objects.update(deleted_at="2026-01-01T00:00Z")

    with pytest.raises(ValidationError):
        approving.resubmit(job, vetted.by, {})
    assert state_of(job) == JobState.REJECTED


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("second", ["approve", "reject", "ask_change"])
def test_second_decision_is_told_that_it_was_decided(vetted, first, second):
    job, same = vetted.job(), Job.objects.get()
    acts = {
        "approve": approving.approve,
        "reject": lambda one: approving.reject(one, "No."),
        "ask_change": lambda one: approving.ask_change(one, "Not yet."),
    }
    acts[first](job)

    with pytest.raises(IllegalMove, match="decided already"):
        acts[second](same)
    assert Entry.objects.filter(action__startswith="job.").count() == 2


def test_decision_on_what_was_changed_since_is_refused(vetted, better):
    job = vetted.job()
    seen = job.submission
    revising.move(job, better, by=vetted.by)

    with pytest.raises(IllegalMove, match="changed since you looked"):
        approving.approve(job, seen)
    approving.approve(job, Job.objects.get(pk=job.pk).submission)
    assert state_of(job) == JobState.QUEUED


def test_what_was_approved_keeps_its_file_unless_an_operator_moves_it(vetted, better, person):
    job = vetted.job()
    approving.approve(job)

    with pytest.raises(IllegalMove, match="approved as it is"):
        revising.move(job, better, by=vetted.by)
    revising.move(job, better, by=person("operator"))
    assert Job.objects.get(pk=job.pk).revision_id == better.pk


def test_submitted_job_may_be_cancelled_by_its_person(vetted, api):
    job = vetted.job()

    answer = api("viewer").post(f"/api/jobs/{job.pk}/cancel")

    assert answer.json()["state"] == "cancelled"
    assert told(Kind.JOB_SUBMITTED) == []
    with pytest.raises(IllegalMove, match="decided already"):
        approving.approve(job)


def test_cancel_that_comes_after_a_rejection_leaves_it_rejected(vetted):
    job, seen = vetted.job(), Job.objects.get()
    approving.reject(job, "No.")

    with pytest.raises(IllegalMove):
        stopping.cancel(seen)
    assert state_of(job) == JobState.REJECTED


def test_viewers_do_not_raise_the_priority_where_jobs_are_approved(vetted, person):
    with pytest.raises(ValidationError, match="Only operators"):
        submit(Order(revision=vetted.revision, priority=Priority.HIGH), vetted.by)
    job = vetted.job()
    with pytest.raises(ValidationError, match="Only operators"):
        editing.edit(job, {"priority": Priority.HIGH}, by=vetted.by)
    editing.edit(job, {"priority": Priority.URGENT}, by=person("operator"))
    editing.edit(job, {"priority": Priority.HIGH, "notes": "less"}, by=vetted.by)
    editing.edit(job, {"priority": Priority.LOW}, by=vetted.by)
    assert Job.objects.get(pk=job.pk).priority == Priority.LOW


def test_submitted_job_gets_its_estimate_once_the_file_is_read(vetted):
    job = vetted.job()
    Job.objects.filter(pk=job.pk).update(estimate_s=None, grams=0)

    planning.match()

    job.refresh_from_db()
    assert (job.estimate_s, job.state) == (600, JobState.SUBMITTED)


# Who is told.


def test_operators_and_admins_are_told_of_a_submission_and_nobody_else(vetted):
    vetted.job()

    assert told(Kind.JOB_SUBMITTED) == ["acme admin", "acme operator"]


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (approving.approve, Kind.JOB_APPROVED),
        (lambda job: approving.reject(job, "No."), Kind.JOB_REJECTED),
        (lambda job: approving.ask_change(job, "Blue."), Kind.CHANGE_ASKED),
    ],
)
def test_decision_is_told_to_the_person_alone_and_ends_the_call_for_one(vetted, api, act, kind):
    job = vetted.job()

    act(job)

    assert told(kind) == ["acme viewer"]
    assert told(Kind.JOB_SUBMITTED) == []
    seen = {
        role: [one["kind"] for one in api(role).get("/api/alerts").json()["items"]]
        for role in ("viewer", "operator", "admin")
    }
    assert seen == {"viewer": [kind], "operator": ["job.submitted"], "admin": ["job.submitted"]}


def test_dashboard_of_operators_shows_what_waits_for_them_and_nobody_elses_decisions(vetted, sign_in):
    first, second = vetted.job(), vetted.job()
    approving.reject(first, "Quetzalcoatl")

    shown = {role: sign_in(role).get("/o/acme/").text for role in ("operator", "viewer")}

    assert f"{second} waits for approval" in shown["operator"]
    assert f"{first} is rejected" not in shown["operator"]
    assert f"{first} is rejected" in shown["viewer"]
    assert f"{second} waits for approval" not in shown["viewer"]


def test_each_decision_is_news_and_a_new_submission_ends_the_last(vetted):
    job = vetted.job()
    approving.reject(job, "First.")
    approving.resubmit(job, vetted.by, {})

    assert told(Kind.JOB_REJECTED) == []
    assert told(Kind.JOB_SUBMITTED) == ["acme admin", "acme operator"]
    approving.reject(job, "Second.")
    assert Alert.objects.filter(kind=Kind.JOB_REJECTED).count() == 2
    assert told(Kind.JOB_REJECTED) == ["acme viewer"]


def test_history_and_audit_tell_who_decided_and_why(vetted, api):
    job = vetted.job()
    client = api("operator")
    client.post(f"/api/jobs/{job.pk}/ask-change", {"note": "Blue."})
    approving.resubmit(job, vetted.by, {})

    said = client.post(f"/api/jobs/{job.pk}/reject", {"reason": "Still red."}).json()

    lines = [(line["state"], line["by"], line["note"]) for line in said["history"]]
    assert lines[1] == ("submitted", "acme operator", "Blue.")
    assert lines[-1] == ("rejected", "acme operator", "Still red.")
    entry = Entry.objects.get(action="job.reject")
    assert (entry.actor, entry.after) == ("acme operator", {"state": "rejected", "reason": "Still red."})


# By API and pages.


def test_api_decides_and_answers_conflicts(vetted, api):
    job, client = vetted.job(), api("operator")
    url = f"/api/jobs/{job.pk}"

    stale = client.post(f"{url}/approve", {"submission": 9})
    empty = client.post(f"{url}/reject", {"reason": " "})
    asked = client.post(f"{url}/ask-change", {"note": "Blue.", "submission": 1}).json()
    back = api("viewer").post(f"{url}/resubmit", {"notes": "blue now", "priority": "low"}).json()
    approved = client.post(f"{url}/approve", {"submission": back["submission"]})
    late = client.post(f"{url}/reject", {"reason": "No."})

    assert [stale.status_code, empty.status_code, approved.status_code, late.status_code] == [
        409, 422, 200, 409,
    ]  # fmt: skip
    assert (asked["state"], asked["decision_note"], asked["submission"]) == ("submitted", "Blue.", 2)
    assert (back["decision_note"], back["notes"], back["priority"]) == ("", "blue now", "low")
    assert approved.json()["state"] == "queued"
    assert "decided already" in late.json()["detail"]


def test_resubmitting_by_the_api_takes_revisions_of_the_same_model_only(vetted, api, better):
    job = vetted.job()
    approving.reject(job, "No.")
    url = f"/api/jobs/{job.pk}/resubmit"

    assert api("viewer").post(url, {"revision": 7}).status_code == 404
    assert api("viewer").post(url, {"priority": "high"}).status_code == 422
    assert api("viewer").post(url, {"revision": 2}).json()["revision"]["number"] == 2


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_viewer_sees_and_decides_nothing_of_others(vetted, person, sign_in, role):
    Membership.objects.filter(user=person("admin")).update(role=Role.VIEWER)
    job = submit(Order(revision=vetted.revision), person("admin"))
    Membership.objects.filter(user=person("admin")).update(role=Role.ADMIN)

    answer = sign_in(role).post(f"/o/acme/queue/{job.pk}/approve/")

    assert answer.status_code == (403 if role == "viewer" else 302)
    assert state_of(job) == ("submitted" if role == "viewer" else "queued")


def test_pages_decide_and_say_what_came_of_it(vetted, sign_in):
    job = vetted.job()
    operator, viewer = sign_in("operator"), sign_in("viewer")
    page = f"/o/acme/queue/{job.pk}/"

    shown = operator.get(page).text
    listed = operator.get("/o/acme/queue/").text
    own = viewer.get(page).text
    operator.post(f"{page}ask-change/", {"words": "Use PETG.", "submission": "1"})
    late = operator.post(f"{page}approve/", {"submission": "1"}, follow=True).text

    assert f"{page}approve/" in shown
    assert "<b>1</b> <span>awaiting approval</span>" in listed
    assert f"{page}approve/" in listed
    assert "waits until an operator approves" in own
    assert f"{page}approve/" not in own
    assert "changed since you looked" in late
    assert "Use PETG." in viewer.get(page).text
    assert f"{page}resubmit/" in viewer.get(page).text
    assert f"{page}resubmit/" not in operator.get(page).text


def test_person_changes_and_submits_again_on_a_page(vetted, better, sign_in):
    job = vetted.job()
    approving.reject(job, "Slice it again.")
    viewer, url = sign_in("viewer"), f"/o/acme/queue/{job.pk}/resubmit/"

    form = viewer.get(url).text
    wrong = viewer.post(url, {"revision": "2", "priority": "30", "notes": ""})
    done = viewer.post(url, {"revision": "2", "priority": "20", "notes": "new"})

    assert "Slice it again." in form
    assert 'value="30"' not in form
    assert wrong.status_code == 422
    assert done.status_code == 302
    job.refresh_from_db()
    assert (job.state, job.revision_id, job.notes) == (JobState.SUBMITTED, better.pk, "new")


def test_setting_is_an_admins_and_is_audited(acme, sign_in):
    form = {
        "name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR", "approval": "on",
        "heat_at_once": 0, "hold_after_failures": 1,
    }  # fmt: skip

    sign_in("admin").post("/o/acme/settings/", form)

    assert Org.objects.get(pk=acme.pk).approval is True
    assert Entry.objects.latest("pk").after == {"approval": True}
