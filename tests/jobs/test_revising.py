"""A job keeps its exact revision: what is sent are its bytes, and only a person moves it to another."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import File

from audit.models import Entry
from jobs import revising, staging, starting
from jobs.dispatching import plan
from jobs.models import Event, Job, Print
from jobs.states import IllegalMove, JobState
from models3d import library, shelving
from models3d.models import Plate, Revision
from models3d.storing import path_of
from stations.models import Dispatch, DispatchState
from tests.jobs.conftest import GCODE

S = DispatchState


def next_revision(shop, content=GCODE + b"; better\n", grams=20) -> Revision:
    """A second revision of the shop's model, read, current."""
    model = shop.revision.model
    revision = library.add_revision(model, File(io.BytesIO(content), "part.gcode"), by=shop.by)
    Revision.objects.filter(pk=revision.pk).update(
        status=Revision.Status.READY, kind="gcode", metadata=shop.revision.metadata
    )
    plate = shop.revision.plates.get()
    plate.pk, plate.revision, plate.print_s, plate.grams = Plate._meta.pk.get_default(), revision, 900, grams
    plate.filaments[0]["grams"] = grams
    plate.save(force_insert=True)
    revision.refresh_from_db()
    return revision


def state(dispatch) -> tuple[str, str]:
    dispatch.refresh_from_db()
    return dispatch.state, dispatch.note


def test_a_new_revision_leaves_jobs_with_theirs(shop):
    job = shop.job()

    next_revision(shop)

    job.refresh_from_db()
    assert job.revision_id == shop.revision.pk
    assert list(revising.behind(shop.revision.model)) == [job]


def test_a_revert_leaves_jobs_with_theirs(shop):
    better = next_revision(shop)
    job = shop.job()
    Job.objects.filter(pk=job.pk).update(revision=better)

    back = library.revert(shop.revision.model, 1, by=shop.by)

    assert Job.objects.get().revision_id == better.pk
    assert back.stored_id == shop.revision.stored_id
    assert list(revising.behind(shop.revision.model)) == [job]


@pytest.mark.parametrize("until", ["staged", "held"])
def test_a_revert_while_a_job_is_being_sent_changes_nothing_of_it(shop, until):
    shop.job()
    dispatch = shop.planned()
    staging.stage(dispatch.pk)
    if until == "held":
        starting.claim(dispatch.pk)
    next_revision(shop)

    library.revert(shop.revision.model, 2, by=shop.by)
    starting.claim(dispatch.pk)
    starting.start_polled(dispatch.pk)

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.sha256) == (S.STARTING, shop.revision.stored_id)
    assert len(shop.machine.starts) == 1


def test_a_moved_job_prints_the_other_revision(shop):
    job, better = shop.job(copies=2), next_revision(shop)

    revising.move(job, better)

    job.refresh_from_db()
    assert (job.revision_id, job.estimate_s, job.grams) == (better.pk, 900, 40)
    assert set(Print.objects.values_list("estimate_s", flat=True)) == {900}
    assert Event.objects.filter(job=job, note="Moved from revision 1 to revision 2.").exists()
    assert Entry.objects.filter(action="job.revise").exists()


def test_a_job_that_has_begun_keeps_its_revision(shop):
    job, better = shop.job(), next_revision(shop)
    shop.started()

    with pytest.raises(IllegalMove, match="being started"):
        revising.move(job, better)

    assert Job.objects.get().revision_id == shop.revision.pk


def test_a_job_with_a_printed_copy_keeps_its_revision(shop):
    job, better = shop.job(copies=2), next_revision(shop)
    Print.objects.filter(copy=1).update(state="completed")

    with pytest.raises(IllegalMove, match="has begun"):
        revising.move(job, better)


def test_a_job_is_not_moved_to_a_revision_without_its_plate(shop):
    job, better = shop.job(), next_revision(shop)
    Plate.objects.filter(revision=better).update(number=2)

    with pytest.raises(ValidationError, match="no plate 1"):
        revising.move(job, better)


def test_a_job_for_one_printer_is_not_moved_to_a_revision_that_does_not_fit_it(shop):
    job = shop.job(target=Job.Target.PRINTER, printer=shop.printer)
    better = next_revision(shop)
    Plate.objects.filter(revision=better).update(box={"min": [0, 0, 0], "max": [900, 9, 9]})

    with pytest.raises(ValidationError, match="900"):
        revising.move(job, better)


def test_what_is_on_its_way_with_the_old_bytes_is_given_up(shop):
    job, better = shop.job(), next_revision(shop)
    dispatch = shop.planned()
    staging.stage(dispatch.pk)

    revising.move(job, better)

    assert state(dispatch) == (S.DROPPED, "the job was moved to another revision")
    assert shop.planned().sha256 == better.stored_id


@pytest.mark.parametrize("until", ["planned", "staged", "held"])
def test_old_bytes_are_never_started_for_a_moved_job(shop, until):
    job, better = shop.job(), next_revision(shop)
    dispatch = plan(job, Print.objects.get().pk, shop.printer.pk)
    if until != "planned":
        staging.stage(dispatch.pk)
    if until == "held":
        starting.claim(dispatch.pk)
    # As a planner leaves it that had read the job before it was moved.
    Job.objects.filter(pk=job.pk).update(revision=better)

    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)
    starting.start_polled(dispatch.pk)

    assert state(dispatch)[0] == S.DROPPED
    assert not shop.machine.starts


def test_bytes_that_are_not_the_revisions_stop_the_job_before_anything_is_sent(shop):
    job = shop.job(copies=2)
    with path_of(shop.revision.stored) as path:
        path.write_bytes(GCODE.replace(b"X120", b"X999"))
    before = shop.machine.picture()["files"]

    staging.stage(shop.planned().pk)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "not the one that was uploaded" in job.failure_note
    assert shop.machine.picture()["files"] == before


def test_bytes_that_are_gone_stop_the_job(shop):
    job = shop.job()
    with path_of(shop.revision.stored) as path:
        path.unlink()

    staging.stage(shop.planned().pk)

    job.refresh_from_db()
    assert (job.state, "no longer in" in job.failure_note) == (JobState.FAILED, True)


def test_a_model_in_the_trash_is_not_printed_again(shop):
    Dispatch.objects.all().delete()
    shelving.delete(shop.revision.model)
    shop.revision.refresh_from_db()

    with pytest.raises(ValidationError, match="restore it first"):
        shop.job()
