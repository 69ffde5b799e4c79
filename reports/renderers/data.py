"""A report as plain data for programs: the names and units of docs/figures.md."""

from decimal import Decimal
from typing import Any

from reports.report import Figure, Report, Section, Unit, Value


def plain(report: Report) -> dict[str, Any]:
    """Ready for JSON: shares of 1, seconds, grams, money as text with two decimals."""
    period = report.period
    return {
        "kind": report.kind,
        "title": report.title,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "starts_at": period.start.isoformat(),
        "ends_at": period.end.isoformat(),
        "time_zone": period.zone.key,
        "currency": report.currency,
        "made_at": report.made_at.isoformat(),
        "figures": [_figure(one) for one in report.figures],
        "sections": [_section(one) for one in report.sections],
        "notes": list(report.notes),
    }


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "unit": one.unit.value,
        "value": _value(one.value, one.unit),
        "before": _value(one.before, one.unit),
    }


def _section(one: Section) -> dict[str, Any]:
    names = [column.name for column in one.columns]
    units = [column.unit for column in one.columns]

    def row(values: tuple[Value, ...]) -> dict[str, Any]:
        return {name: _value(value, unit) for name, value, unit in zip(names, values, units, strict=True)}

    return {
        "name": one.name,
        "title": one.title,
        "columns": [
            {"name": column.name, "label": column.label, "unit": column.unit.value} for column in one.columns
        ],
        "rows": [row(line.values) for line in one.rows],
        "totals": row(one.totals) if one.totals else None,
        "left_out": one.more,
        "note": one.note,
    }


def _value(value: Value, unit: Unit) -> Any:
    if unit is Unit.MONEY and value is not None:
        return f"{value:.2f}"
    return float(value) if isinstance(value, Decimal) else value
