"""For six workers at once: nothing rolls back there, so what a test did is undone by hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from alerts.models import Alert
from orgs.models import Org
from tests.inventory.conftest import at_once

__all__ = ["at_once"]


@pytest.fixture
def for_real(django_db_setup: None, django_db_blocker: Any) -> Iterator[Org]:
    """acme, where commits are commits. Afterwards its alerts are gone again."""
    with django_db_blocker.unblock(), schema_context(get_public_schema_name()):
        org = Org.objects.get(slug="acme")
        with tenant_context(org):
            yield org
            Alert.objects.all().delete()
