"""For six workers at once: nothing rolls back there, so what a test did is undone by hand."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from alerts.channels import ADAPTERS
from alerts.channels.adapter import Adapter, Address, Message
from alerts.kinds import Channel
from alerts.models import Alert, Delivery, Endpoint, Parcel, Preference, QuietHours
from orgs.keys import redis_client
from orgs.models import Due, Org
from tests.inventory.conftest import at_once

__all__ = ["at_once"]


class Post(Adapter):
    """A fake way out: keeps what was handed over, and does what a test tells it to do before."""

    def __init__(self) -> None:
        self.sent: list[tuple[Address, Message]] = []
        self.before: Any = lambda to, message: None
        self._lock = threading.Lock()

    def send(self, to: Address, message: Message) -> str:
        self.before(to, message)
        with self._lock:
            self.sent.append((to, message))
        return "250 taken"

    @property
    def addresses(self) -> list[str]:
        return sorted(to.address for to, _ in self.sent)

    @property
    def messages(self) -> list[Message]:
        return [message for _, message in self.sent]


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    """Every channel's adapter during the test."""
    adapter = Post()
    for channel in Channel:
        if channel != Channel.APP:
            monkeypatch.setitem(ADAPTERS, channel, adapter)
    return adapter


@pytest.fixture
def for_real(django_db_setup: None, django_db_blocker: Any) -> Iterator[Org]:
    """acme, where commits are commits. Afterwards its alerts are gone again."""
    with django_db_blocker.unblock(), schema_context(get_public_schema_name()):
        org = Org.objects.get(slug="acme")
        redis_client().flushdb()
        with tenant_context(org):
            yield org
            for model in (Alert, Delivery, Parcel, Endpoint, Preference, QuietHours):
                model.objects.all().delete()
            Due.objects.filter(org=org).delete()
        redis_client().flushdb()
