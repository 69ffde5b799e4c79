"""A report of six charts and a table of 2,000 rows, as PDF and as mail: seconds, CPU and memory."""

import argparse
import os
import resource
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "odin_site.settings")
os.environ.setdefault("ODIN_HOME", tempfile.mkdtemp(prefix="odin-pdf-"))
django.setup()

from reports.periods import Period  # noqa: E402
from reports.renderers.mail import mail  # noqa: E402
from reports.renderers.pdf import pdf  # noqa: E402
from reports.report import Column, Report, Row, Section, Unit  # noqa: E402
from ui.charts import Chart, Series  # noqa: E402

DAYS = [f"{day}." for day in range(1, 31)]


def report_of(rows: int, charts: int) -> Report:
    columns = [
        Column("printer", "Printer", Unit.TEXT), Column("reason", "Reason", Unit.TEXT),
        Column("prints", "Prints"), Column("failed", "Failed", Unit.SHARE),
        Column("grams", "Filament", Unit.GRAMS), Column("time", "Time", Unit.SECONDS),
        Column("cost", "Cost", Unit.MONEY),
    ]  # fmt: skip
    lines = [
        Row(
            (
                f"Printer {at}",
                "It came off the bed",
                at,
                0.123,
                Decimal(at * 7),
                at * 300,
                Decimal("1.25") * at,
            )
        )
        for at in range(rows)
    ]
    done = Series("Completed", [float(day % 7 + 3) for day in range(30)], "green")
    failed = Series("Failed", [float(day % 3) for day in range(30)], "red")
    drawn = [Chart(f"Chart {at}", "bar", DAYS, [done, failed]) for at in range(charts)]
    period = Period(date(2026, 11, 1), date(2026, 11, 30), ZoneInfo("Europe/Berlin"))
    section = Section("printers", "By printer", columns, lines, drawn)
    return Report("failure_analysis", "Failures", period, datetime.now(UTC), "EUR", [], [], [section])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--charts", type=int, default=6)
    wishes = parser.parse_args()
    report = report_of(wishes.rows, wishes.charts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, make in (
        ("PDF", lambda: pdf(report, "Northside")),
        ("mail", lambda: mail(report, "Northside", "http://o")[0].encode()),
    ):
        began, used = time.perf_counter(), time.process_time()
        size = len(make())
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        print(
            f"{name}: {time.perf_counter() - began:.2f} s, {time.process_time() - used:.2f} s of CPU, "
            f"{size // 1024} kB, {grown} MB more memory"
        )


if __name__ == "__main__":
    main()
