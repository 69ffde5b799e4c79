"""What was taken off a spool and what was left after each line, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Sum
from django.http import QueryDict

from ui.query import changed

from .models import Spool, Usage

SIZE = 20
NEWEST_FIRST = ("-at", "-id")


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and the grams that were left when it was written."""

    usage: Usage
    left_g: Decimal


class Ledger:
    """A page of a spool's ledger, the newest line first; `lines` in the address is the page, from 1.

    Three queries, however long the ledger is: they read the index that has it in this order.
    """

    def __init__(self, spool: Spool, query: QueryDict) -> None:
        self.spool, self.query = spool, query

    @cached_property
    def total(self) -> int:
        return self.spool.usages.count()

    @cached_property
    def pages(self) -> int:
        return max(1, -(-self.total // SIZE))

    @cached_property
    def page(self) -> int:
        asked = self.query.get("lines", "")
        return min(max(1, int(asked) if asked.isdecimal() and len(asked) < 9 else 1), self.pages)

    @cached_property
    def lines(self) -> Sequence[Line]:
        start = (self.page - 1) * SIZE
        ordered = self.spool.usages.order_by(*NEWEST_FIRST)
        left_g = self.spool.initial_g - self.spool.used_g
        if start:
            # What the pages before this one took is not gone yet here.
            left_g += ordered[:start].aggregate(grams=Sum("grams"))["grams"] or Decimal(0)
        found = []
        for usage in ordered[start : start + SIZE]:
            found.append(Line(usage, left_g))
            left_g += usage.grams
        return found

    @property
    def newer_url(self) -> str:
        return self._to(self.page - 1) if self.page > 1 else ""

    @property
    def older_url(self) -> str:
        return self._to(self.page + 1) if self.page < self.pages else ""

    def _to(self, page: int) -> str:
        return changed(self.query, {"lines": page, "page": self.query.get("page")})
