"""What departments are charged: sums of the lines in the books, which never change."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet, Sum
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.charging import statements
from jobs.charging.closing import month_at
from jobs.charging.days import last_day, month_of, word_of
from jobs.charging.models import ChargeLine
from jobs.charging.rules import Bearer, Kind
from jobs.charging.rules import Unit as OfLine
from jobs.charging.statements import COLUMNS, Account, Party, Sums, Who
from printers.models import Printer
from reports.report import Column, Figure, Link, Row, Section, Unit, Value
from reports.scope import Scope
from ui.charts import Chart, Series

from .builder import Builder
from .parts import MOST_DOTS, cut

ZERO = Decimal(0)
# Beyond these the sheet of lines has all of it.
MOST_ROWS = 2000
OF_JOBS = tuple(name for name in COLUMNS if name != "manual")


class Chargebacks(Builder):
    """By the day that a line counts for. `party` narrows it to who pays; `month` is the month it is of, if it
    is a month's statement.
    """

    kind = "chargebacks"
    title = gettext_lazy("Chargebacks")
    summary = gettext_lazy("What each department pays, by the rate cards")
    action = "charge.view"

    def __init__(self, scope: Scope, party: Party | None = None, month: date | None = None) -> None:
        super().__init__(scope)
        self.month = month
        if party is None and scope.department is not None:
            party = Party(Who.DEPARTMENT, scope.department.pk, scope.department.name)
        self.party = party

    def _lines(self, first: date, last: date) -> "QuerySet[ChargeLine]":
        tag = self.scope.tag
        lines = statements.lines_between(first, last, Printer.objects.filter(tags=tag) if tag else None)
        return lines.filter(self.party.lines) if self.party else lines

    @cached_property
    def lines(self) -> "QuerySet[ChargeLine]":
        return self._lines(self.scope.period.first, self.scope.period.last)

    @cached_property
    def accounts(self) -> list[Account]:
        return statements.accounts(self.lines)

    @cached_property
    def jobs(self) -> int:
        """A job may be in more than one account."""
        return self.lines.exclude(job_id=None).values("job_id").distinct().count()

    def figures(self) -> Sequence[Figure]:
        whole, earlier = self._whole(self.accounts), self.scope.period.before
        before = statements.accounts(self._lines(earlier.first, earlier.last))
        found = [
            Figure("charged", _("Charged"), whole.total, Unit.MONEY, self._whole(before).total),
            Figure("jobs", _("Jobs"), self.jobs, Unit.COUNT),
            *(
                Figure(name, label, whole.by_column[name], Unit.MONEY)
                for name, label in _labels()
                if name in {"material", "machine", "energy", "labour"}
            ),
        ]
        if self.party is None or self.party.who is Who.DEPARTMENT:
            found.append(Figure("borne", _("Borne by the organisation"), self._borne(), Unit.MONEY))
        return found

    def _whole(self, accounts: Sequence[Account]) -> Sums:
        """Of whoever pays; without a party, of everybody but the organisation itself."""
        whole = Sums(self.currency)
        for one in accounts:
            if one.sums.currency == self.currency and (self.party or one.party.who is not Who.ORG):
                whole += one.sums
        return whole

    def _borne(self) -> Decimal:
        """What failed and is the organisation's to pay; of the party's jobs, if there is one."""
        period, tag = self.scope.period, self.scope.tag
        printers = Printer.objects.filter(tags=tag) if tag else None
        lines = statements.lines_between(period.first, period.last, printers).filter(
            bearer=Bearer.ORG, currency=self.currency
        )
        if self.party:
            lines = lines.filter(department_id=self.party.id)
        borne: Decimal = lines.aggregate(amount=Sum("amount", default=ZERO))["amount"]
        return borne

    def sections(self) -> Sequence[Section]:
        found = [self._by_job()] if self.party else [self._by_party()]
        found += [self._by_kind()]
        if any(one.sums.currency != self.currency for one in self.accounts):
            found.append(self._other_currencies())
        return [*found, self._corrections()]

    def notes(self) -> Sequence[str]:
        first, last = self.scope.period.first, self.scope.period.last
        if (first, last) != (month_of(first), last_day(first)):
            return []
        told = {"month": date_format(first, "F Y")}
        if month_at(first).closed:
            return [_("%(month)s is closed: nothing in it changes any more.") % told]
        return [_("%(month)s is not closed: its figures may still change.") % told]

    def _filters(self) -> list[tuple[str, str]]:
        found = [one for one in super()._filters() if one[0] != _("Department")]
        return [*found, (_("Paid by"), self.party.name)] if self.party else found

    def _by_party(self) -> Section:
        ours = [one for one in self.accounts if one.sums.currency == self.currency]
        shown, _more = cut([one for one in ours if one.sums.total > 0], MOST_DOTS)
        series = Series(_("Charged"), [float(one.sums.total) for one in shown], "blue")
        title = _("By department")
        chart = Chart(_("Charged"), "dots", [one.party.name for one in shown], [series], self.currency)
        columns = [Column("department", _("Department"), Unit.TEXT), Column("jobs", _("Jobs")), *_columns()]
        rows = [Row((one.party.name, one.jobs, *_values(one.sums)), self._of(one.party)) for one in ours]
        whole = sum((one.sums for one in ours), Sums(self.currency))
        totals = (_("All"), self.jobs, *_values(whole))
        return Section("department", title, columns, rows, [chart], totals)

    def _of(self, party: Party) -> Link | None:
        """A party's own statement: of the month, else of these days."""
        if self.month is not None:
            query = {"month": word_of(self.month)}
            if party.id is None:
                return Link(f"charges:{party.who}", query)
            return Link("charges:statement", query, (str(party.id),))
        if party.id is None or party.is_deleted:
            return None
        link = self.link("", department=str(party.id))
        return Link("reports:report", link.query, (self.kind,))

    def _by_job(self) -> Section:
        ours = [one for one in statements.by_job(self.lines) if one.sums.currency == self.currency]
        whole = self._whole(self.accounts)
        rest = whole - sum((one.sums for one in ours), Sums(self.currency))
        # An entry by hand is of no job.
        names = tuple(COLUMNS) if rest.by_column["manual"] else OF_JOBS
        columns = [
            Column("job", _("Job"), Unit.TEXT),
            Column("person", _("For"), Unit.TEXT, is_extra=True),
            Column("day", _("Day"), Unit.TEXT, is_extra=True, is_whole=True),
            Column("copies", _("Copies"), is_extra=True),
            *_columns(names),
        ]
        kept, more = cut(ours, MOST_ROWS)
        rows = [
            Row(
                (one.name, one.person, one.day.isoformat(), one.copies, *_values(one.sums, names)),
                Link("jobs:detail", {}, (str(one.id),)) if one.is_there else None,
            )
            for one in kept
        ]
        if any(rest.by_column.values()):
            rows.append(Row((_("Without a job"), "", "", None, *_values(rest, names))))
        totals = (_("All"), "", "", sum(one.copies for one in ours), *_values(whole, names))
        return Section("job", _("By job"), columns, rows, totals=totals, more=more)

    def _by_kind(self) -> Section:
        lines = self.lines if self.party else self.lines.filter(bearer=Bearer.DEPARTMENT)
        ours = [one for one in statements.by_kind(lines) if one.currency == self.currency]
        columns = [
            Column("kind", _("For"), Unit.TEXT),
            Column("unit", _("Unit"), Unit.TEXT, is_extra=True),
            Column("quantity", _("Quantity"), Unit.QUANTITY, is_extra=True),
            Column("amount", _("Amount"), Unit.MONEY),
        ]
        rows = [
            Row(
                (str(capfirst(Kind(one.kind).label)), str(OfLine(one.unit).label), _quantity(one), one.amount)
            )
            for one in ours
        ]
        totals = (_("All"), "", None, sum((one.amount for one in ours), ZERO))
        note = _("Energy is an estimate: the watts of the rate card times the hours printed.")
        return Section("kind", _("What for"), columns, rows, totals=totals, note=note)

    def _other_currencies(self) -> Section:
        """Their sums are not added to others: nothing says what they are worth in them."""
        columns = [
            Column("department", _("Department"), Unit.TEXT),
            Column("currency", _("Currency"), Unit.TEXT),
            Column("total", _("Total"), Unit.QUANTITY),
        ]
        rows = [
            Row((one.party.name, one.sums.currency, one.sums.total))
            for one in self.accounts
            if one.sums.currency != self.currency
        ]
        return Section("currency", _("In other currencies"), columns, rows)

    def _corrections(self) -> Section:
        columns = [
            Column("written", _("Written"), Unit.TEXT, is_whole=True),
            Column("what", _("What"), Unit.TEXT),
            Column("job", _("Job"), Unit.TEXT),
            Column("reason", _("Why"), Unit.TEXT),
            Column("of_day", _("Takes back what counted on"), Unit.TEXT, is_extra=True, is_whole=True),
            Column("by", _("By"), Unit.TEXT, is_extra=True),
            Column("amount", _("Amount"), Unit.MONEY),
        ]
        found = statements.corrections(self.lines.filter(currency=self.currency))
        rows = [Row(self._corrected(one)) for one in found[:MOST_ROWS]]
        more = max(0, found.count() - MOST_ROWS)
        note = _("Lines that a later verdict or department has changed are taken back and written anew.")
        return Section("correction", _("Corrections"), columns, rows, note=note, more=more)

    def _corrected(self, one: ChargeLine) -> tuple[Value, ...]:
        written = one.at.astimezone(self.scope.period.zone).date().isoformat()
        back = one.counters.day.isoformat() if one.counters else ""
        what = str(capfirst(Kind(one.kind).label))
        return written, what, one.job_name, one.reason, back, one.by, one.amount


def _quantity(one: statements.KindSum) -> Decimal | None:
    """A sum of percents says nothing."""
    return None if one.unit == OfLine.PERCENT else one.quantity


def _labels() -> list[tuple[str, str]]:
    words = (_("Material"), _("Machine hours"), _("Energy"), _("Labour"), _("Fees, surcharges"), _("By hand"))
    return list(zip(COLUMNS, words, strict=True))


def _columns(names: Sequence[str] = tuple(COLUMNS)) -> list[Column]:
    made = [Column(name, label, Unit.MONEY, is_extra=True) for name, label in _labels() if name in names]
    return [*made, Column("total", _("Total"), Unit.MONEY)]


def _values(sums: Sums, names: Sequence[str] = tuple(COLUMNS)) -> tuple[Value, ...]:
    return (*(sums.by_column[name] for name in names), sums.total)
