"""Many people at one quota in the same moment: as many pass as fit. Commits are commits here."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from accounts.models import User
from alerts.models import Alert
from audit.models import Entry
from jobs.models import Job, Quota, QuotaShare
from jobs.submitting import Order, submit
from models3d.models import Model3D, Plate, Revision, StoredFile
from orgs.creating import add_member
from orgs.models import Due, Org
from orgs.roles import Role

from .conftest import revision_of

MANY = 10


@pytest.fixture
def org(django_db_setup: None, django_db_blocker: Any, settings: Any, tmp_path: Any) -> Iterator[Org]:
    settings.MEDIA_ROOT = tmp_path
    with django_db_blocker.unblock(), schema_context(get_public_schema_name()):
        acme = Org.objects.get(slug="acme")
        with tenant_context(acme):
            before = list(Entry.objects.values_list("pk", flat=True))
            yield acme
            for model in (QuotaShare, Job, Quota, Alert):
                model.objects.all().delete()
            Model3D.objects.update(current=None)
            for model in (Plate, Revision, Model3D, StoredFile):
                model.objects.all().delete()
            Entry.objects.exclude(pk__in=before).delete()
            User.objects.filter(email__endswith="@crowd.test").delete()
        Due.objects.filter(org=acme).delete()


@pytest.fixture
def crowd(org: Org) -> list[User]:
    people = [User.objects.create(email=f"p{at}@crowd.test", name=f"P{at}") for at in range(MANY)]
    for one in people:
        add_member(org, one, Role.VIEWER)
    return people


def at_once(org: Org, works: list[Callable[[], object]]) -> list[str]:
    """What came of each: "passed", or the name of what was raised."""
    gate, came = threading.Barrier(len(works), timeout=20), []

    def work(function: Callable[[], object]) -> None:
        try:
            with tenant_context(org):
                gate.wait()
                function()
            came.append("passed")
        except Exception as error:  # noqa: BLE001  # handed to the test
            came.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[function]) for function in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(came)


def orders(people: list[User], revision: Revision, copies: int = 1) -> list[Callable[[], object]]:
    return [lambda one=one: submit(Order(revision=revision, copies=copies), one) for one in people]


def test_of_ten_people_at_one_quota_exactly_as_many_pass_as_fit(org, crowd):
    revision = revision_of(crowd[0])
    Quota.objects.create(who="org", amount=4)

    came = at_once(org, orders(crowd, revision))

    assert came == ["ValidationError"] * 6 + ["passed"] * 4
    assert Job.objects.count() == QuotaShare.objects.count() == 4
    assert Alert.objects.filter(kind="quota.near").count() == 1


def test_of_ten_clicks_of_one_person_exactly_as_many_pass_as_fit_by_weight(org, crowd):
    revision = revision_of(crowd[0])
    Quota.objects.create(who="viewer", amount=Decimal("80"), measure="grams")

    came = at_once(org, orders([crowd[0]] * MANY, revision, copies=2))

    assert came.count("passed") == 3
    assert sum(QuotaShare.objects.values_list("grams", flat=True)) == 75


def test_people_who_share_several_quotas_never_wait_for_one_another_for_ever(org, crowd):
    revision = revision_of(crowd[0])
    for span in ("semester", "day", "month", "week"):
        Quota.objects.create(who="org", amount=100, span=span)
        Quota.objects.create(who="viewer", amount=100, span=span)
    for one in crowd:
        Quota.objects.create(who="person", person=one, amount=100)

    came = at_once(org, orders(crowd, revision))

    assert came == ["passed"] * MANY


def test_whoever_is_not_under_the_quota_does_not_wait_for_its_lock(org, crowd):
    revision = revision_of(crowd[0])
    quota = Quota.objects.create(who="person", person=crowd[0], amount=1)
    locked, done = threading.Event(), threading.Event()

    def held() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM jobs_quota WHERE id = %s FOR NO KEY UPDATE", [quota.pk])
            locked.set()
            assert done.wait(30)
            cursor.execute("ROLLBACK")

    def other() -> None:
        locked.wait(30)
        try:
            submit(Order(revision=revision), crowd[1])
        finally:
            done.set()

    assert at_once(org, [held, other]) == ["passed", "passed"]
    assert Job.objects.count() == 1


def test_a_share_is_there_for_each_job_that_was_stored(org, crowd):
    revision = revision_of(crowd[0])
    with pytest.raises(ValidationError):
        submit(Order(revision=revision, copies=0), crowd[0])

    submit(Order(revision=revision), crowd[0])

    assert QuotaShare.objects.get().job == Job.objects.get()
