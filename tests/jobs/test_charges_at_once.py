"""A month is closed while a print is charged: the line is in it before, or in the next after. Commits are
commits here.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, models, transaction
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from audit.models import Entry
from jobs.charging import closing, correcting
from jobs.charging.books import booking_day, hold_open
from jobs.charging.models import ChargeLine, MonthClose
from jobs.states import IllegalMove
from orgs.models import Org

OCTOBER = date(2025, 10, 1)
LATE = datetime(2025, 10, 9, 12, tzinfo=UTC)


@pytest.fixture
def org(django_db_setup: None, django_db_blocker: Any) -> Iterator[Org]:
    with django_db_blocker.unblock(), schema_context(get_public_schema_name()):
        acme = Org.objects.get(slug="acme")
        with tenant_context(acme):
            before = list(Entry.objects.values_list("pk", flat=True))
            yield acme
            lines: models.QuerySet[ChargeLine] = models.QuerySet(ChargeLine)
            lines.exclude(counters=None).delete()
            lines.all().delete()
            MonthClose.objects.all().delete()
            Entry.objects.exclude(pk__in=before).delete()


def in_thread(org: Org, work: Any, came: list[str]) -> threading.Thread:
    def run() -> None:
        try:
            with tenant_context(org):
                work()
            came.append("done")
        except IllegalMove:
            came.append("refused")
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def line(day: date) -> ChargeLine:
    return ChargeLine.objects.create(
        day=day, kind="manual", quantity=1, unit="entry", unit_price=1, amount=1, currency="EUR"
    )


def test_a_month_is_closed_after_the_lines_that_are_being_written_into_it(org):
    came: list[str] = []
    with transaction.atomic():
        hold_open()
        written = line(booking_day(LATE))
        closer = in_thread(org, lambda: closing.close(OCTOBER, None), came)
        closer.join(0.5)
        assert closer.is_alive(), "it closes only when nobody writes"
    closer.join(20)

    assert came == ["done"]
    assert written.day == date(2025, 10, 9)
    assert Entry.objects.get(action="charges.close").after["lines"] == 1
    with transaction.atomic():
        hold_open()
        assert booking_day(LATE) > date(2025, 11, 1)


def test_of_many_who_close_or_take_back_at_once_one_does(org):
    closed: list[str] = []
    for one in [in_thread(org, lambda: closing.close(OCTOBER, None), closed) for _click in range(4)]:
        one.join(20)
    countered: list[str] = []
    wrong = line(date(2025, 11, 3))
    for one in [in_thread(org, lambda: correcting.counter(wrong, "Twice"), countered) for _click in range(4)]:
        one.join(20)

    assert sorted(closed) == sorted(countered) == ["done", "refused", "refused", "refused"]
    assert ChargeLine.objects.get(counters=wrong).amount == D(-1)
