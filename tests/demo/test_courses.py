"""What the demo's printers were in before it began follows their prints without a gap."""

import random
from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from demo.courses import add_stretches
from printers.models import Stretch
from tests.factories.printers import make_printer


def test_states_follow_the_prints_without_gap_or_overlap_until_the_printer_was_added(acme):
    printer, now = make_printer(), timezone.now()
    starts = [now - timedelta(hours=hours) for hours in (50, 47, 20, 1)]
    prints = [
        SimpleNamespace(printer_id=printer.pk, started_at=at, ended_at=at + timedelta(hours=2))
        for at in starts
    ]

    made = add_stretches(prints, random.Random(1))  # noqa: S311

    rows = list(Stretch.objects.filter(printer=printer).order_by("since"))
    assert len(rows) == made + 1
    assert [row.until for row in rows[:-1]] == [row.since for row in rows[1:]]
    assert rows[-1].until is None
    hours = (
        sum(((row.until - row.since).total_seconds() for row in rows if row.state == "printing"), 0) / 3600
    )
    assert 6.9 < hours < 7.1
    assert any(row.for_plate for row in rows)
