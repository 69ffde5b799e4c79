"""Two operators at the same moment: commits are commits here, and undone by hand."""

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import File
from django.db import connection
from django.test import override_settings
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from accounts.models import User
from alerts.models import Alert
from audit.models import Entry
from jobs import approving, stopping
from jobs.models import Job, QuotaShare
from jobs.states import IllegalMove, JobState
from jobs.submitting import Order, submit
from models3d.models import Model3D, Plate, Revision, StoredFile
from models3d.storing import store
from orgs.models import Due, Org

from .conftest import GCODE


@pytest.fixture
def org(django_db_setup: None, django_db_blocker: Any, tmp_path: Any) -> Iterator[Org]:
    with (
        django_db_blocker.unblock(),
        schema_context(get_public_schema_name()),
        override_settings(MEDIA_ROOT=tmp_path),
    ):
        acme = Org.objects.get(slug="acme")
        acme.approval = True
        with tenant_context(acme):
            entries = set(Entry.objects.values_list("pk", flat=True))
            yield acme
            QuotaShare.objects.all().delete()
            Job.objects.all().delete()
            Model3D.objects.update(current=None)
            Revision.objects.all().delete()
            Model3D.objects.all().delete()
            StoredFile.objects.all().delete()
            Alert.objects.all().delete()
            Entry.objects.exclude(pk__in=entries).delete()
        Due.objects.filter(org=acme).delete()


@pytest.fixture
def job(org: Org) -> Job:
    by = User.objects.get(email="viewer@acme.test")
    model = Model3D.objects.create(name="Bracket", by=by)
    revision = Revision.objects.create(
        model=model, number=1, stored=store(File(io.BytesIO(GCODE), "part.gcode")), kind="gcode", by=by,
        original_name="part.gcode", status=Revision.Status.READY,
    )  # fmt: skip
    Plate.objects.create(revision=revision, number=1, print_s=600)
    return submit(Order(revision=revision), by)


def together(org: Org, *acts: Callable[[], None]) -> list[str]:
    """Each in a thread with a connection of its own; what was refused, in words."""
    gate, refused = threading.Barrier(len(acts), timeout=10), []

    def work(act: Callable[[], None]) -> None:
        try:
            with tenant_context(org):
                gate.wait()
                act()
        except IllegalMove as reason:
            refused.append(str(reason))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return refused


@pytest.mark.parametrize("attempt", range(3))
def test_of_many_decisions_at_once_one_holds_and_the_others_are_told(org: Org, job: Job, attempt: int):
    def approve() -> None:
        approving.approve(Job.objects.get(pk=job.pk))

    def reject() -> None:
        approving.reject(Job.objects.get(pk=job.pk), "No.")

    refused = together(org, approve, reject, approve, reject)

    assert len(refused) == 3
    assert all("decided already" in words for words in refused)
    decided = Entry.objects.filter(action__in=["job.approve", "job.reject"], target_id=str(job.pk))
    assert decided.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_cancel_and_approval_at_once_never_leave_a_cancelled_job_waiting(org: Org, job: Job, attempt: int):
    together(
        org,
        lambda: approving.approve(Job.objects.get(pk=job.pk)),
        lambda: stopping.cancel(Job.objects.get(pk=job.pk)),
    )

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert set(job.prints.values_list("state", flat=True)) == {"cancelled"}
