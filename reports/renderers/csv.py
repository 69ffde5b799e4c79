"""A section of a report as a sheet: exact numbers with their units in the heads."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.report import Column, Report, Section, Unit, Value

PERCENT = frozenset({Unit.SHARE, Unit.CHANGE, Unit.BIAS})


def heads(report: Report, section: Section) -> list[str]:
    return [_head(column, report.currency) for column in section.columns]


def rows(section: Section) -> list[list[Value]]:
    """All rows, how many were left out, and the totals as the last one if there are any.

    Without the middle one the rows of a long table would not add up to its totals, and nothing said why.
    """
    lines: list[Sequence[Value]] = [row.values for row in section.rows]
    if section.more:
        more = ngettext("and %(n)d more", "and %(n)d more", section.more) % {"n": section.more}
        lines.append((more, *[None] * (len(section.columns) - 1)))
    if section.totals:
        lines.append(section.totals)
    return [
        [_exact(value, column.unit) for value, column in zip(line, section.columns, strict=True)]
        for line in lines
    ]


def file_name(report: Report, section: Section) -> str:
    days = f"{report.period.first.isoformat()}-{report.period.last.isoformat()}"
    return f"{report.kind}-{section.name}-{days}.csv".replace("_", "-")


def _head(column: Column, currency: str) -> str:
    unit = {
        Unit.GRAMS: "g",
        Unit.SECONDS: "h",
        Unit.KWH: "kWh",
        Unit.MONEY: currency,
        Unit.CHANGE: _("points"),
    }.get(column.unit)
    unit = "%" if unit is None and column.unit in PERCENT else unit
    return f"{column.label} ({unit})" if unit else column.label


def _exact(value: Value, unit: Unit) -> Value:
    if value is None or isinstance(value, str):
        return value
    if unit in PERCENT:
        return round(float(value) * 100, 2)
    if unit is Unit.SECONDS:
        return round(float(value) / 3600, 3)
    return value if isinstance(value, Decimal | int) else round(value, 3)
