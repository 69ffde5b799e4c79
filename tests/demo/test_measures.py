"""The demo's telemetry: as its prints were."""

import random
from datetime import timedelta

from django.utils import timezone

from demo.measures import add_readings
from jobs.models import Print
from printers.models import Reading
from printers.telemetry import readings_of
from tests.factories.printers import make_printer

NOISE = random.Random(1)  # noqa: S311  # a demo needs no secret
NOW = timezone.now().replace(second=0, microsecond=0)


def printed(printer, began_ago_h, hours=1):
    started = NOW - timedelta(hours=began_ago_h)
    return Print(printer=printer, started_at=started, ended_at=started + timedelta(hours=hours), progress=1.0)


def test_a_print_of_the_last_week_has_a_point_for_each_of_its_minutes(acme):
    printer = make_printer()
    began = NOW - timedelta(hours=5)

    add_readings([printed(printer, 5)], NOW, NOISE)

    points = readings_of(printer.pk, began, NOW)
    assert [point.at for point in points] == [began + timedelta(minutes=n) for n in range(60)]
    assert points[0].nozzle_c < 30 < 210 < points[-1].nozzle_c
    assert [point.progress for point in points] == sorted(point.progress for point in points)


def test_older_prints_have_none_and_a_shared_minute_is_one(acme):
    printer = make_printer()

    add_readings([printed(printer, 24 * 9), printed(printer, 5), printed(printer, 4.5)], NOW, NOISE)

    assert Reading.objects.count() == 90
