"""Which rows a person means, and to which of them an action applies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orgs.models import Membership

from .actions import BulkAction, Kind, Memory, Refused, Values

MOST = 10_000
# What pages told of rows when they showed them, by the row's id.
Told = Mapping[UUID, Mapping[str, Any]]


@dataclass(frozen=True)
class Choice:
    """Rows of `kind`, either named by their `ids` or all of `matching`, as they are when it is asked."""

    kind: Kind
    membership: Membership
    ids: tuple[UUID, ...] = ()
    matching: "QuerySet[Any] | None" = None

    def rows(self) -> "QuerySet[Any]":
        """Those that the person may see, in the order in which they are worked on."""
        visible = self.kind.rows(self.membership).order_by("pk")
        if self.matching is None:
            return visible.filter(pk__in=self.ids)
        return visible.filter(pk__in=self.matching.order_by().values("pk"))

    def load(self, rows: "QuerySet[Any]") -> list[Any]:
        """`rows`, unless they are more than MOST: Refused."""
        found = list(rows[: MOST + 1])
        if len(found) > MOST or len(self.ids) > MOST:
            words = _("More than %(most)s are chosen, the most for one run. Choose fewer by a filter.")
            raise Refused(words % {"most": f"{MOST:,}"})
        return found

    def missing(self, found: Iterable[Any]) -> list[UUID]:
        """The ids that name nothing the person can see."""
        there = {row.pk for row in found}
        return [pk for pk in dict.fromkeys(self.ids) if pk not in there]


@dataclass
class Forecast:
    """To how many rows an action applies, and for each other one its name and why not.

    `seen` is what was noted of each row, for those actions that go by it.
    """

    fitting: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[UUID, Memory] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.fitting + len(self.refused)


def forecast(
    choice: Choice, action: BulkAction, values: Values | None = None, told: Told | None = None
) -> Forecast:
    """What a run would do now. Raises Refused if too many are chosen."""
    rows = choice.load(choice.rows())
    choice.kind.look_up(rows)
    found = Forecast()
    for row in rows:
        row.seen = action.note(row, (told or {}).get(row.pk))
        if row.seen:
            found.seen[row.pk] = row.seen
        if why := choice.kind.why_not(action, choice.membership, row, values):
            found.refused.append((str(row), why))
        else:
            found.fitting += 1
    found.refused += [("", _("is gone"))] * len(choice.missing(rows))
    return found
