"""The agenda, where a transaction was begun outside the organisation."""

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from orgs import agenda
from orgs.models import Due, Org


@pytest.fixture
def org(db) -> Org:
    return Org.objects.get(slug="acme")


def test_what_falls_due_in_an_organisation_that_is_left_before_the_commit_is_written_there(
    org, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic(), tenant_context(org):
        agenda.due_without_waiting("test.task")

    assert Due.objects.filter(org=org, task="test.task", due_at__isnull=False).exists()
