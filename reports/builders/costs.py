"""What prints cost, by kind: the sums of the lines that each is charged (jobs.charging)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from reports.scope import Scope
from ui import figures
from ui.charts import Chart, Series

from .builder import Builder
from .parts import MOST_DOTS, cut, gone_or, over_steps, step_title
from .sums import NONE, Sum, sums_by

OF_THE_FARM = ("step", "department", "person", "printer", "model")
OF_A_PERSON = ("step", "model")


class Costs(Builder):
    """By the end of the print. Its energy is an estimate: the rate card's watts times the hours printed."""

    kind = "costs"
    title = gettext_lazy("Cost")
    summary = gettext_lazy("Filament, machine hours, energy and labour, by whom and for what")

    @cached_property
    def sums(self) -> dict[str, list[Sum]]:
        return sums_by(self.scope, OF_A_PERSON if self.scope.person else OF_THE_FARM)

    @cached_property
    def before(self) -> Sum:
        one = self.scope
        earlier = Scope(one.period.before, one.tag, one.department, one.person)
        return next(iter(sums_by(earlier, ())["all"]), NONE)

    @property
    def all(self) -> Sum:
        return next(iter(self.sums["all"]), NONE)

    def figures(self) -> Sequence[Figure]:
        one, before = self.all, self.before
        return [
            Figure("cost", _("Cost"), one.cost, Unit.MONEY, before.cost),
            Figure("material_cost", _("Filament"), one.material_cost, Unit.MONEY, before.material_cost),
            Figure("machine_cost", _("Machine hours"), one.machine_cost, Unit.MONEY, before.machine_cost),
            Figure("energy_cost", _("Energy"), one.energy_cost, Unit.MONEY, before.energy_cost,
                   detail=_("%(kwh)s, estimated") % {"kwh": figures.with_unit(one.energy_kwh, 1, "kWh")}),
            Figure("extra_cost", _("Labour, surcharges"), one.extra_cost, Unit.MONEY, before.extra_cost),
            Figure("lost_cost", _("Of it lost"), one.lost_cost, Unit.MONEY, before.lost_cost, "bad"),
            Figure("cost_each", _("For each good print"), _each(one), Unit.MONEY, _each(before), "bad"),
            Figure("printed_s", _("Print time"), one.printed_s, Unit.SECONDS, before.printed_s),
        ]  # fmt: skip

    def sections(self) -> Sequence[Section]:
        model = self._by("model", _("By file"), _("File"), lambda one: one.name)
        if self.scope.person:
            return [self._over_time(), model]
        return [
            self._over_time(),
            self._by("department", _("By department"), _("Department"), _or_none, self._of_department),
            self._by("person", _("By person"), _("Person"), lambda one: one.name or _("Nobody")),
            self._by("printer", _("By printer"), _("Printer"), _printer, self._of_printer),
            model,
        ]

    def _over_time(self) -> Section:
        period = self.scope.period
        days, labels, sums = over_steps(period, ((one.key, one) for one in self.sums["step"]), NONE)
        series = [
            Series(_("Filament"), [float(one.material_cost) for one in sums], "blue"),
            Series(_("Machine hours"), [float(one.machine_cost) for one in sums], "violet"),
            Series(_("Energy"), [float(one.energy_cost) for one in sums], "orange"),
            Series(_("Labour, surcharges"), [float(one.extra_cost) for one in sums], "grey"),
        ]
        chart = Chart(_("Cost"), "bar", labels, series, self.currency)
        columns = [Column("step", step_title(period.step), Unit.TEXT), *_columns()]
        rows = [Row((day.isoformat(), *_values(one))) for day, one in zip(days, sums, strict=True)]
        whole = (_("All"), *_values(self.all))
        note = _(
            "Prices are those of the day the print ended. Energy is an estimate: the watts of the rate card "
            "times the hours printed."
        )
        return Section("step", _("Over time"), columns, rows, [chart], whole, note, is_folded=True)

    def _by(
        self, what: str, title: str, head: str, named: Callable[[Sum], str],
        linked: Callable[[Sum], Link | None] | None = None,
    ) -> Section:  # fmt: skip
        kept, more = cut(sorted(self.sums[what], key=lambda one: (-one.cost, one.name.casefold())))
        shown, _more = cut(kept, MOST_DOTS)
        series = Series(_("Cost"), [float(one.cost) for one in shown], "blue")
        chart = Chart(title, "dots", [named(one) for one in shown], [series], self.currency)
        columns = [Column(what, head, Unit.TEXT), *_columns()]
        rows = [Row((named(one), *_values(one)), linked(one) if linked else None) for one in kept]
        whole = (_("All"), *_values(self.all))
        return Section(what, title, columns, rows, [chart], whole, more=more, is_folded=True)

    def _of_department(self, one: Sum) -> Link | None:
        return self.link("jobs:list", department=one.key) if one.key else None

    def _of_printer(self, one: Sum) -> Link | None:
        return self.link("jobs:list", printer=one.key) if one.key else None


class OwnCosts(Costs):
    """Of the jobs of whoever looks; everybody may."""

    kind = "own_costs"
    title = gettext_lazy("Your cost")
    summary = gettext_lazy("What your own jobs cost")
    action = "report.view"
    is_personal = True


def _each(one: Sum) -> Decimal | None:
    """What all prints cost for each that is good: what failed is paid by what did not."""
    good = one.completed - one.rejected
    return (one.cost / good).quantize(Decimal("0.01")) if good > 0 else None


def _or_none(one: Sum) -> str:
    return one.name or _("No department")


def _printer(one: Sum) -> str:
    return gone_or(one.key, one.name, _("Unknown"))


def _columns() -> list[Column]:
    return [
        Column("prints", _("Prints")),
        Column("printed_s", _("Print time"), Unit.SECONDS),
        Column("grams", _("Filament"), Unit.GRAMS, is_extra=True),
        Column("material_cost", _("Filament's cost"), Unit.MONEY, is_extra=True),
        Column("machine_cost", _("Machine hours"), Unit.MONEY, is_extra=True),
        Column("energy_kwh", _("Energy, estimated"), Unit.KWH, is_extra=True),
        Column("energy_cost", _("Energy's cost"), Unit.MONEY, is_extra=True),
        Column("extra_cost", _("Labour, surcharges"), Unit.MONEY, is_extra=True),
        Column("cost", _("Cost"), Unit.MONEY),
        Column("lost_cost", _("Of it lost"), Unit.MONEY, is_extra=True),
    ]


def _values(one: Sum) -> tuple[Value, ...]:
    return (
        one.prints + one.cancelled, one.printed_s, one.grams, one.material_cost, one.machine_cost,
        one.energy_kwh, one.energy_cost, one.extra_cost, one.cost, one.lost_cost,
    )  # fmt: skip
