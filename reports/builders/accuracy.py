"""How true the slicers' times are: by printer, printer model and slicer, with the number of prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.accuracy import LEAST_RATIO, MOST_RATIO
from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from ui.charts import Chart, Series

from .builder import Builder
from .parts import MOST_DOTS, cut, gone_or

# Of what jobs.accuracy learns from, in the period. Slicers are read once for each file, not for each print.
_SQL = """
WITH files AS MATERIALIZED (SELECT id, COALESCE(metadata->>'slicer', '') AS slicer FROM models3d_revision),
prints AS (
    SELECT p.printer_id, CASE WHEN p.printer_id IS NULL THEN p.printer_name END AS gone,
           COALESCE(m.model, '') AS machine, m.name, f.slicer, p.printed_s, p.estimate_s,
           p.printed_s::float / p.estimate_s AS ratio
    FROM jobs_print p JOIN jobs_job j ON j.id = p.job_id JOIN files f ON f.id = j.revision_id
    LEFT JOIN printers_printer m ON m.id = p.printer_id
    WHERE p.state = 'completed' AND p.ended_at >= %(start)s AND p.ended_at < %(end)s
      AND p.estimate_s > 0 AND p.printed_s > 0
      AND p.printed_s BETWEEN p.estimate_s * %(least)s AND p.estimate_s * %(most)s
      AND NOT EXISTS (SELECT FROM jobs_event e WHERE e.job_id = j.id AND e.state = 'paused'
                      AND e.at BETWEEN p.started_at AND p.ended_at) {scope}
)
SELECT GROUPING(printer_id, machine, slicer), printer_id::text, COALESCE(name, gone), machine, slicer,
       COUNT(*), SUM(estimate_s), SUM(printed_s),
       percentile_cont(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY ratio)
FROM prints GROUP BY GROUPING SETS ((), (printer_id, name, gone), (machine), (slicer))
"""
# What GROUPING answers for each set: a bit for each of the three that the row is not grouped by.
SETS = {0b111: "all", 0b011: "printer", 0b101: "machine", 0b110: "slicer"}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of `prints`: sums of seconds, and actual over sliced time less 1 at the 10th, 50th, 90th percentile."""

    key: str
    name: str
    prints: int
    estimate_s: int
    printed_s: int
    low: float
    median: float
    high: float


class TimeAccuracy(Builder):
    """Of completed prints, by their end."""

    kind = "time_accuracy"
    title = gettext_lazy("Time accuracy")
    summary = gettext_lazy("How much longer prints take than sliced")

    @cached_property
    def found(self) -> dict[str, list[Accuracy]]:
        scope = self.scope
        sql = _SQL.format(scope=scope.of_printers + scope.of_jobs)
        by: dict[str, list[Accuracy]] = {name: [] for name in SETS.values()}
        for which, pk, name, machine, slicer, count, *measured in scope.ask(
            sql, least=LEAST_RATIO, most=MOST_RATIO
        ):
            if count:
                what = SETS[which]
                named = {"printer": name, "machine": machine, "slicer": slicer}.get(what) or ""
                by[what].append(_accuracy(pk or "", named, count, *measured))
        for rows in by.values():
            rows.sort(key=lambda one: (-one.prints, one.name.casefold()))
        return by

    def figures(self) -> Sequence[Figure]:
        one = next(iter(self.found["all"]), None)
        return [
            Figure(
                "bias", _("Longer than sliced"), one.median if one else None, Unit.BIAS, detail=_("median")
            ),
            Figure(
                "prints",
                _("Prints"),
                one.prints if one else 0,
                Unit.COUNT,
                detail=_("completed, without a pause"),
            ),
            Figure("estimate_s", _("Sliced time"), one.estimate_s if one else 0, Unit.SECONDS),
            Figure("printed_s", _("Printed time"), one.printed_s if one else 0, Unit.SECONDS),
        ]

    def notes(self) -> Sequence[str]:
        return [
            _(
                "Prints that were paused, that have no estimate, or that took less than a fifth or more than"
                " five times of it are left out: they tell of something else."
            )
        ]

    def sections(self) -> Sequence[Section]:
        return [
            self._by("printer", _("By printer"), _("Printer")),
            self._by("machine", _("By printer model"), _("Model")),
            self._by("slicer", _("By slicer"), _("Slicer")),
        ]

    def _by(self, what: str, title: str, head: str) -> Section:
        kept, more = cut(self.found[what])
        shown, _more = cut(kept, MOST_DOTS)

        def named(one: Accuracy) -> str:
            return gone_or(one.key if what == "printer" else "there", one.name, _("Unknown"))

        series = Series(
            _("Printed over sliced time"),
            [(1 + one.median) * 100 for one in shown],
            "blue",
            [((1 + one.low) * 100, (1 + one.high) * 100) for one in shown],
            [_("%(n)d prints") % {"n": one.prints} for one in shown],
        )
        note = _("median; the line holds eight of ten prints; 100 % is as sliced")
        chart = Chart(title, "dots", [named(one) for one in shown], [series], "%", note)
        rows = [Row((named(one), *_values(one)), self._link(what, one)) for one in kept]
        columns = [Column(what, head, Unit.TEXT), *_columns()]
        return Section(what, title, columns, rows, [chart], more=more, is_folded=True)

    def _link(self, what: str, one: Accuracy) -> Link | None:
        if what != "printer" or not one.key:
            return None
        return self.link("jobs:list", printer=one.key, state="completed")


def _accuracy(
    key: str, name: str, count: int, estimate_s: int, printed_s: int, ratios: Sequence[float]
) -> Accuracy:
    low, median, high = (ratio - 1 for ratio in ratios)
    return Accuracy(key, name, count, int(estimate_s), int(printed_s), low, median, high)


def _columns() -> list[Column]:
    return [
        Column("prints", _("Prints")),
        Column("bias", _("Median"), Unit.BIAS),
        Column("bias_p10", _("A tenth below"), Unit.BIAS, is_extra=True),
        Column("bias_p90", _("A tenth above"), Unit.BIAS, is_extra=True),
        Column("estimate_s", _("Sliced time"), Unit.SECONDS),
        Column("printed_s", _("Printed time"), Unit.SECONDS),
        Column("bias_of_sums", _("In all"), Unit.BIAS),
    ]


def _values(one: Accuracy) -> tuple[Value, ...]:
    in_all = one.printed_s / one.estimate_s - 1
    return (one.prints, one.median, one.low, one.high, one.estimate_s, one.printed_s, in_all)
