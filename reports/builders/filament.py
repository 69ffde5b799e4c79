"""What filament was used, and how much of it came to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from ui.charts import Chart, Series

from .builder import Builder
from .parts import MOST_DOTS, cut, gone_or, over_steps, step_title
from .sums import NONE, Sum, sums_by

# What prints took off spools, summed up by spool first. What people corrected by weighing is no print's.
_SQL = """
WITH taken AS (
    SELECT u.spool_id, SUM(u.grams) AS grams,
           COALESCE(SUM(u.grams) FILTER (WHERE p.state <> 'completed' OR p.verdict = 'reject'), 0) AS lost_g
    FROM jobs_print p JOIN inventory_usage u ON u.print_id = p.id JOIN jobs_job j ON j.id = p.job_id
    WHERE p.ended_at >= %(start)s AND p.ended_at < %(end)s AND p.started_at IS NOT NULL
      AND p.state IN ('completed', 'failed', 'cancelled') {scope}
    GROUP BY u.spool_id
), of_spools AS (
    SELECT t.grams, t.lost_g, f.id, upper(f.material) AS material,
           concat_ws(
               ' ', NULLIF(f.brand, ''), COALESCE(NULLIF(f.name, ''), f.material), NULLIF(f.color_name, '')
           ) AS name
    FROM taken t JOIN inventory_spool s ON s.id = t.spool_id JOIN inventory_filament f ON f.id = s.filament_id
)
SELECT 'material', material, material, COUNT(*), SUM(grams), SUM(lost_g) FROM of_spools GROUP BY material
UNION ALL
SELECT 'filament', id::text, name, COUNT(*), SUM(grams), SUM(lost_g) FROM of_spools GROUP BY id, name
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Grams off the spools of one material or filament; lost are those of prints that came to nothing."""

    key: str
    name: str
    spools: int
    grams: Decimal
    lost_g: Decimal


class FilamentUse(Builder):
    """By the end of the print that took it."""

    kind = "filament_consumption"
    title = gettext_lazy("Filament")
    summary = gettext_lazy("What was used, of which material, and what was lost")

    @cached_property
    def sums(self) -> dict[str, list[Sum]]:
        return sums_by(self.scope, ("step", "printer"))

    @cached_property
    def before(self) -> Sum:
        earlier = type(self.scope)(
            self.scope.period.before, self.scope.tag, self.scope.department, self.scope.person
        )
        return next(iter(sums_by(earlier, ())["all"]), NONE)

    @cached_property
    def taken(self) -> dict[str, list[Taken]]:
        found: dict[str, list[Taken]] = {"material": [], "filament": []}
        for what, *row in self.scope.ask(_SQL.format(scope=self.scope.of_printers + self.scope.of_jobs)):
            found[what].append(Taken(*row))
        for rows in found.values():
            rows.sort(key=lambda one: (-one.grams, one.name.casefold()))
        return found

    @property
    def all(self) -> Sum:
        return next(iter(self.sums["all"]), NONE)

    def figures(self) -> Sequence[Figure]:
        one = self.all
        lost = float(one.lost_g / one.grams) if one.grams else None
        return [
            Figure("grams", _("Filament used"), one.grams, Unit.GRAMS, self.before.grams),
            Figure("lost_g", _("Of it lost"), one.lost_g, Unit.GRAMS, self.before.lost_g, "bad"),
            Figure("lost_share", _("Share lost"), lost, Unit.SHARE),
            Figure(
                "material_cost",
                _("Filament's cost"),
                one.material_cost,
                Unit.MONEY,
                self.before.material_cost,
            ),
        ]

    def sections(self) -> Sequence[Section]:
        return [
            self._over_time(),
            self._taken("material", _("By material"), _("Material")),
            self._taken("filament", _("By filament"), _("Filament")),
            self._printers(),
        ]

    def _over_time(self) -> Section:
        period = self.scope.period
        days, labels, sums = over_steps(period, ((one.key, one) for one in self.sums["step"]), NONE)
        series = [
            Series(_("Used well"), [float(one.grams - one.lost_g) for one in sums], "blue"),
            Series(_("Lost"), [float(one.lost_g) for one in sums], "red"),
        ]
        columns = [Column("step", step_title(period.step), Unit.TEXT), *_columns()]
        rows = [Row((day.isoformat(), *_values(one))) for day, one in zip(days, sums, strict=True)]
        chart = Chart(_("Filament used"), "bar", labels, series, "g")
        note = _("Lost is what failed, rejected and cancelled prints took.")
        whole = (_("All"), *_values(self.all))
        return Section("step", _("Over time"), columns, rows, [chart], whole, note, is_folded=True)

    def _taken(self, what: str, title: str, head: str) -> Section:
        kept, more = cut(self.taken[what])
        columns = [
            Column(what, head, Unit.TEXT), Column("spools", _("Spools")),
            Column("grams", _("Used"), Unit.GRAMS), Column("lost_g", _("Lost"), Unit.GRAMS),
        ]  # fmt: skip
        rows = [Row((one.name, one.spools, one.grams, one.lost_g), _spools_of(what, one)) for one in kept]
        off_spools = sum((one.grams for one in self.taken[what]), Decimal(0))
        if (rest := self.all.grams - off_spools) > 0:
            lost = max(
                Decimal(0), self.all.lost_g - sum((one.lost_g for one in self.taken[what]), Decimal(0))
            )
            rows.append(Row((_("Off no spool of ours"), None, rest, lost)))
        shown, _more = cut(kept, MOST_DOTS)
        chart = Chart(
            title, "dots", [one.name for one in shown],
            [Series(_("Used"), [float(one.grams) for one in shown], "blue")], "g",
        )  # fmt: skip
        whole = (_("All"), None, self.all.grams, self.all.lost_g)
        return Section(what, title, columns, rows, [chart], whole, more=more, is_folded=True)

    def _printers(self) -> Section:
        kept, more = cut(sorted(self.sums["printer"], key=lambda one: -one.grams))
        columns = [Column("printer", _("Printer"), Unit.TEXT), *_columns()]
        rows = [Row((gone_or(one.key, one.name, _("Unknown")), *_values(one)), self._of(one)) for one in kept]
        return Section("printer", _("By printer"), columns, rows, more=more)

    def _of(self, one: Sum) -> Link | None:
        return self.link("jobs:list", printer=one.key) if one.key else None


def _spools_of(what: str, one: Taken) -> Link | None:
    return Link("spools:list", {"q": one.name}) if what == "material" and one.name else None


def _columns() -> list[Column]:
    return [
        Column("prints", _("Prints")),
        Column("grams", _("Used"), Unit.GRAMS),
        Column("lost_g", _("Lost"), Unit.GRAMS),
        Column("material_cost", _("Cost"), Unit.MONEY),
    ]


def _values(one: Sum) -> tuple[Value, ...]:
    return (one.prints + one.cancelled, one.grams, one.lost_g, one.material_cost)
