"""Which spools need drying, for lists of any length; the rule itself is in `inventory.drying.due`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from inventory.models import DryingRule, Filament, Location, Spool

from .due import Standing, standing
from .materials import USUAL, Rule, rule_for

SINCE = Coalesce("dried_at", "opened_at")


class Rules:
    """The organisation's rules over the usual ones, read once."""

    def __init__(self) -> None:
        own = {row.material: own_rule(row) for row in DryingRule.objects.all()}
        self.by_name = {**USUAL, **own}
        self._known: dict[str, Rule | None] = {}
        self._boxes = set(dry_boxes())

    def of(self, material: str) -> Rule | None:
        if material not in self._known:
            self._known[material] = rule_for(material, self.by_name)
        return self._known[material]

    def standing(self, spool: Spool, now: datetime | None = None) -> Standing:
        """Of a spool whose filament is fetched."""
        rule = self.of(spool.filament.material)
        is_boxed = self.is_boxed(spool.slot_id, spool.location)
        return standing(rule, spool.opened_at, spool.dried_at, now or timezone.now(), is_boxed=is_boxed)

    def is_boxed(self, slot: object, location: str) -> bool:
        """A loaded spool is not where it belongs."""
        return slot is None and location in self._boxes


def dry_boxes() -> "QuerySet[Location, str]":
    """The names of the places that keep spools dry."""
    return Location.objects.filter(is_dry_box=True).values_list("name", flat=True)


def own_rule(row: DryingRule) -> Rule:
    return Rule(row.material, row.temperature_c, float(row.hours), row.valid_days)


def note(spools: Iterable[Any]) -> None:
    """Give each spool its `drying`, a Standing; one query however many. Their filaments must be fetched."""
    rules, now = Rules(), timezone.now()
    for spool in spools:
        spool.drying = rules.standing(spool, now)


def with_dry_until(spools: "QuerySet[Spool]") -> "QuerySet[Spool]":
    """`spools` with `dry_until`: null where nothing is due ever, or not before it is opened."""
    moment: DateTimeField[Any, Any] = DateTimeField()
    cases = [
        When(filament__material__in=names, then=ExpressionWrapper(SINCE + Value(days), moment))
        for days, names in _materials().items()
    ]
    return spools.annotate(dry_until=Case(*cases, default=Value(None), output_field=moment))


def needs_drying(now: datetime | None = None) -> Q:
    """The condition of spools that are in use and due."""
    now = now or timezone.now()
    due = Q(pk__in=[])
    for days, names in _materials().items():
        since = now - days
        opened = Q(dried_at=None, opened_at__lte=since)
        due |= Q(filament__material__in=names) & (Q(dried_at__lte=since) | opened)
    return Q(archived_at=None) & due & ~Q(slot=None, location__in=dry_boxes())


def due_spools() -> "QuerySet[Spool]":
    """Those that need drying, the longest due first."""
    rows = with_dry_until(Spool.objects.filter(needs_drying()))
    return rows.select_related("filament", "slot__printer").order_by(
        F("dry_until").asc(nulls_last=True), "pk"
    )


def _materials() -> dict[timedelta, list[str]]:
    """The materials there are, by how long they stay dry; those without a limit are left out."""
    rules = Rules()
    found: dict[timedelta, list[str]] = {}
    for material in Filament.objects.order_by().values_list("material", flat=True).distinct():
        rule = rules.of(material)
        if rule is not None and rule.valid_days is not None:
            found.setdefault(timedelta(days=rule.valid_days), []).append(material)
    return found
