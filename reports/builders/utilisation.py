"""How the printers' time is spent: printing, idle, waiting for a person or a plate, offline."""

from collections.abc import Sequence
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from ui.charts import Chart, Series

from .builder import Builder
from .courses import Course, Share, Spent, counted_from, course_of
from .parts import HOURS, by_week, cut, hundredfold, over_steps, step_title

TONES = {
    Share.PRINTING: "blue",
    Share.PAUSED: "yellow",
    Share.NEEDS_YOU: "orange",
    Share.IDLE: "green",
    Share.OFFLINE: "grey",
    Share.OUT_OF_SERVICE: "violet",
}
WORDS = {
    Share.PRINTING: gettext_lazy("Printing"),
    Share.PAUSED: gettext_lazy("Paused"),
    Share.NEEDS_YOU: gettext_lazy("Needs you"),
    Share.IDLE: gettext_lazy("Idle"),
    Share.OFFLINE: gettext_lazy("Offline"),
    Share.OUT_OF_SERVICE: gettext_lazy("Out of service"),
}
NOTHING = Spent()


class Utilisation(Builder):
    """By the clock, whatever was printed."""

    kind = "fleet_utilisation"
    title = gettext_lazy("Utilisation")
    summary = gettext_lazy("When the printers print, wait and stand still")
    has_departments = False

    @cached_property
    def course(self) -> Course:
        return course_of(self.scope)

    @cached_property
    def earlier(self) -> Spent:
        """Of the period before; nothing where the history does not cover it."""
        before = self.scope.period.before
        begins = counted_from()
        if begins is None or begins > before.start:
            return NOTHING
        return course_of(type(self.scope)(before, self.scope.tag)).all

    def notes(self) -> Sequence[str]:
        begins = counted_from()
        if begins is None:
            return [_("No printer has told its state yet.")]
        if begins <= self.scope.period.start:
            return []
        when = date_format(timezone.localtime(begins), "j M Y, H:i")
        return [_("States are known since %(when)s; nothing before that is counted.") % {"when": when}]

    def figures(self) -> Sequence[Figure]:
        one, before = self.course.all, self.earlier
        wait = self.course.plate_median_s
        return [
            Figure("printing", _("Printing"), one.share_of(Share.PRINTING), Unit.SHARE,
                   before.share_of(Share.PRINTING), "good"),
            Figure("idle", _("Idle"), one.share_of(Share.IDLE), Unit.SHARE, before.share_of(Share.IDLE)),
            Figure("needs_you", _("Needs you"), one.share_of(Share.NEEDS_YOU), Unit.SHARE,
                   before.share_of(Share.NEEDS_YOU), "bad"),
            Figure("offline", _("Offline"), one.share_of(Share.OFFLINE), Unit.SHARE,
                   before.share_of(Share.OFFLINE), "bad"),
            Figure("plate_s", _("Lost waiting for a plate"), one.plate_s, Unit.SECONDS,
                   before.plate_s if before.known_s else None, "bad", _("hours of all printers together")),
            Figure("plate_median_s", _("Until a plate is cleared"), wait, Unit.SECONDS,
                   detail=_("half within this")),
        ]  # fmt: skip

    def sections(self) -> Sequence[Section]:
        return [self._week(), self._over_time(), self._printers()]

    def _week(self) -> Section:
        week = by_week(lambda day, hour: self.course.week.get((day, hour), NOTHING))
        series = [
            Series(name, [hundredfold(one.share_of(Share.PRINTING)) for one in spent], "blue")
            for name, spent in week
        ]
        columns = [
            Column("weekday", _("Weekday"), Unit.TEXT), Column("hour", _("Hour"), Unit.TEXT), *_columns()
        ]  # fmt: skip
        rows = [
            Row((name, HOURS[hour], *_values(one)))
            for name, spent in week
            for hour, one in enumerate(spent)
            if one.known_s
        ]
        chart = Chart(_("Share of the printers' time that they print"), "heat", HOURS, series, "%")
        note = _("Of the time in which their state was known. Where an hour comes twice, both count for it.")
        return Section("week", _("Hours of the week"), columns, rows, [chart], note=note, is_folded=True)

    def _over_time(self) -> Section:
        period = self.scope.period
        days, labels, spent = over_steps(period, self.course.steps.items(), NOTHING)
        series = [
            Series(WORDS[share], [hundredfold(one.share_of(share)) for one in spent], TONES[share])
            for share in Share
        ]
        chart = Chart(_("How the printers' time was spent"), "bar", labels, series, "%")
        columns = [Column("step", step_title(period.step), Unit.TEXT), *_columns()]
        rows = [Row((day.isoformat(), *_values(one))) for day, one in zip(days, spent, strict=True)]
        whole = (_("All"), *_values(self.course.all))
        return Section("step", _("Over time"), columns, rows, [chart], whole, is_folded=True)

    def _printers(self) -> Section:
        spent = sorted(self.course.printers.items(), key=lambda one: (not one[0][0], one[0][1].casefold()))
        kept, more = cut(spent, 500)
        columns = [
            Column("printer", _("Printer"), Unit.TEXT), *_columns(),
            Column("plate_s", _("Waited for a plate"), Unit.SECONDS),
            Column("plates", _("Plates waited for")),
        ]  # fmt: skip
        rows = [
            Row((name or _("Deleted printers"), *_values(one), one.plate_s, one.plates), _page_of(pk))
            for (pk, name), one in kept
        ]
        total = self.course.all
        whole = (_("All"), *_values(total), total.plate_s, total.plates)
        note = _(
            "Waiting for a plate is part of “needs you”: the printer could have printed but for its plate."
        )
        return Section("printer", _("By printer"), columns, rows, totals=whole, note=note, more=more)


def _page_of(pk: str) -> Link | None:
    return Link("printers:detail", args=(pk,)) if pk else None


def _columns() -> list[Column]:
    shares = [
        Column(
            f"{share}_share",
            str(WORDS[share]),
            Unit.SHARE,
            is_extra=share not in (Share.PRINTING, Share.IDLE),
        )
        for share in Share
    ]
    return [*shares, Column("known_s", _("Time known"), Unit.SECONDS, is_extra=True)]


def _values(one: Spent) -> tuple[Value, ...]:
    return (*(one.share_of(share) for share in Share), one.known_s)
