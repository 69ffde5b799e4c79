"""What fails: rates with how sure they are, by everything a print has, and what was lost."""

from collections.abc import Callable, Sequence
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.confidence import wilson
from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from ui.charts import Chart, Series

from .builder import Builder
from .parts import HOURS, MOST_DOTS, by_week, cut, gone_or, hundredfold, over_steps, step_title
from .sums import NONE, Sum, sums_by

BY = ("printer", "machine", "material", "model", "slicer", "reason", "hour", "step")
Named = Callable[[Sum], str]


class Failures(Builder):
    """By the end of the print."""

    kind = "failure_analysis"
    title = gettext_lazy("Failures")
    summary = gettext_lazy("What fails, where and why, and what it costs")

    @cached_property
    def sums(self) -> dict[str, list[Sum]]:
        return sums_by(self.scope, BY, compares=True)

    @property
    def all(self) -> Sum:
        return self.sums["all"][0] if self.sums["all"] else NONE

    def figures(self) -> Sequence[Figure]:
        one = self.all
        span = wilson(one.bad, one.prints)
        sure = _("95 %% sure: %(low).1f to %(high).1f %%") % {
            "low": span.low * 100, "high": span.high * 100
        } if span else ""  # fmt: skip
        bad = self.link("jobs:failures", kind="bad")
        return [
            Figure("rate", _("Failure rate"), one.rate, Unit.SHARE, one.rate_before, "bad", sure),
            Figure("prints", _("Prints"), one.prints, Unit.COUNT, one.prints_before),
            Figure("bad", _("Failed or rejected"), one.bad, Unit.COUNT, one.bad_before, "bad", link=bad),
            Figure("lost_g", _("Filament lost"), one.lost_g, Unit.GRAMS),
            Figure("lost_s", _("Print time lost"), one.lost_s, Unit.SECONDS),
            Figure("lost_cost", _("Money lost"), one.lost_cost, Unit.MONEY),
        ]

    def sections(self) -> Sequence[Section]:
        return [
            self._over_time(),
            self._by("printer", _("By printer"), _("Printer"), self._printer, self._of_printer),
            self._by("machine", _("By printer model"), _("Model"), _or_unknown),
            self._by("material", _("By material"), _("Material"), _or_unknown),
            self._by("model", _("By file"), _("File"), lambda one: one.name),
            self._by("slicer", _("By slicer"), _("Slicer"), _or_unknown),
            self._by_reason(),
            self._by_hour(),
        ]

    def _printer(self, one: Sum) -> str:
        return gone_or(one.key, one.name, _("Unknown"))

    def _of_printer(self, one: Sum) -> Link | None:
        return self.link("jobs:failures", printer=one.key) if one.key and one.bad else None

    def _by(
        self,
        name: str,
        title: str,
        head: str,
        named: Named,
        linked: Callable[[Sum], Link | None] | None = None,
    ) -> Section:
        sums = [one for one in self.sums[name] if one.is_of_now]
        kept, more = cut(sums)
        columns = [Column(name, head, Unit.TEXT), *_columns()]
        rows = [Row((named(one), *_values(one)), linked(one) if linked else None) for one in kept]
        return Section(name, title, columns, rows, [_dots(title, kept, named)], more=more, is_folded=True)

    def _over_time(self) -> Section:
        period = self.scope.period
        found = ((one.key, one) for one in self.sums["step"])
        days, labels, sums = over_steps(period, found, NONE)
        rate = Series(
            _("Failure rate"),
            [hundredfold(one.rate) for one in sums],
            "red",
            details=[_of(one) for one in sums],
        )
        counts = [
            Series(_("Failed"), [one.failed for one in sums], "red"),
            Series(_("Rejected"), [one.rejected for one in sums], "orange"),
            Series(_("Cancelled"), [one.cancelled for one in sums], "grey"),
        ]
        charts = [
            Chart(_("Failure rate"), "line", labels, [rate], "%", _count(self.all)),
            Chart(_("What went wrong"), "bar", labels, counts, "", _("prints"), height=160),
        ]
        columns = [Column("step", step_title(period.step), Unit.TEXT), *_columns()]
        rows = [Row((day.isoformat(), *_values(one))) for day, one in zip(days, sums, strict=True)]
        whole = (_("All"), *_values(self.all))
        note = _("Prints count on the day they ended. The rate is of those that were completed or failed.")
        return Section("step", _("Over time"), columns, rows, charts, whole, note, is_folded=True)

    def _by_reason(self) -> Section:
        sums = [one for one in self.sums["reason"] if one.bad or one.cancelled]
        sums.sort(key=lambda one: (-one.bad, -one.cancelled))
        columns = [
            Column("reason", _("Reason"), Unit.TEXT),
            Column("failed", _("Failed")),
            Column("rejected", _("Rejected")),
            Column("cancelled", _("Cancelled")),
            Column("share", _("Of all that went wrong"), Unit.SHARE),
            *_lost_columns(),
        ]
        rows = [
            Row(
                (_reason(one), *self._why(one)),
                self.link("jobs:failures", reason=one.key)
                if one.key
                else self.link("jobs:failures", kind="open"),
            )
            for one in sums
        ]
        shown, _more = cut([one for one in sums if one.bad], MOST_DOTS)
        chart = Chart(
            _("Reasons"), "dots", [_reason(one) for one in shown],
            [Series(_("Prints"), [one.bad for one in shown], "red")], "", _count(self.all),
        )  # fmt: skip
        whole = (_("All"), *self._why(self.all))
        return Section("reason", _("By reason"), columns, rows, [chart], whole, is_folded=True)

    def _why(self, one: Sum) -> tuple[Value, ...]:
        share = one.bad / self.all.bad if self.all.bad else None
        return (one.failed, one.rejected, one.cancelled, share, *_lost(one))

    def _by_hour(self) -> Section:
        known = {(int(one.key), int(one.name)): one for one in self.sums["hour"]}
        week = by_week(lambda day, hour: known.get((day, hour), NONE))
        series = [
            Series(name, [hundredfold(one.rate) for one in sums], "red", details=[_of(one) for one in sums])
            for name, sums in week
        ]
        columns = [
            Column("weekday", _("Weekday"), Unit.TEXT), Column("hour", _("Hour"), Unit.TEXT), *_columns()
        ]  # fmt: skip
        rows = [
            Row((name, HOURS[hour], *_values(one)))
            for name, sums in week
            for hour, one in enumerate(sums)
            if one.is_of_now
        ]
        title = _("By hour of the week")
        chart = Chart(
            _("Failure rate by the hour in which prints end"), "heat", HOURS, series, "%", _count(self.all)
        )
        return Section("hour", title, columns, rows, [chart], is_folded=True)


def _columns() -> list[Column]:
    return [
        Column("prints", _("Prints")),
        Column("failed", _("Failed")),
        Column("rejected", _("Rejected"), is_extra=True),
        Column("cancelled", _("Cancelled"), is_extra=True),
        Column("rate", _("Rate"), Unit.SHARE),
        Column("rate_low", _("at least"), Unit.SHARE, is_extra=True),
        Column("rate_high", _("at most"), Unit.SHARE, is_extra=True),
        Column("change", _("Change"), Unit.CHANGE),
        *_lost_columns(),
    ]


def _lost_columns() -> list[Column]:
    return [
        Column("lost_g", _("Filament lost"), Unit.GRAMS),
        Column("lost_s", _("Time lost"), Unit.SECONDS),
        Column("lost_cost", _("Money lost"), Unit.MONEY),
    ]


def _values(one: Sum) -> tuple[Value, ...]:
    span = wilson(one.bad, one.prints)
    return (
        one.prints, one.failed, one.rejected, one.cancelled, one.rate, span.low if span else None,
        span.high if span else None, one.change, *_lost(one),
    )  # fmt: skip


def _lost(one: Sum) -> tuple[Value, ...]:
    return (one.lost_g, one.lost_s, one.lost_cost)


def _dots(title: str, sums: Sequence[Sum], named: Named) -> Chart:
    """The highest rates that can be relied upon first: by the low end of their span."""
    spans = {id(one): wilson(one.bad, one.prints) for one in sums}
    judged = [one for one in sums if spans[id(one)]]
    judged.sort(key=lambda one: -(spans[id(one)] or (0.0,))[0])
    shown, more = cut(judged, MOST_DOTS)
    rates = Series(
        _("Failure rate"),
        [hundredfold(one.rate) for one in shown],
        "red",
        [(span[0] * 100, span[1] * 100) if (span := spans[id(one)]) else None for one in shown],
        [_of(one) for one in shown],
    )
    note = _("with its 95 % interval") + (" · " + _("the %(n)d surest") % {"n": len(shown)} if more else "")
    return Chart(title, "dots", [named(one) for one in shown], [rates], "%", note)


def _of(one: Sum) -> str:
    return _("%(bad)d of %(prints)d") % {"bad": one.bad, "prints": one.prints} if one.prints else ""


def _count(one: Sum) -> str:
    return _("%(n)d prints") % {"n": one.prints}


def _reason(one: Sum) -> str:
    return one.name or _("Not classified yet")


def _or_unknown(one: Sum) -> str:
    return one.name or _("Unknown")
