"""Spools and ledgers as CSV."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from inventory.models import Spool, Usage

from .columns import COLUMNS, ONLY_OUT

CHUNK = 2000
LEDGER = ("at", "grams", "note", "job", "reference")


def heads() -> list[str]:
    """Names, not words: what is written in one language is read in another."""
    return [*(column.name for column in COLUMNS), *ONLY_OUT]


def rows_of(spools: "QuerySet[Spool]", sees: Container[UUID] | None = None) -> Iterator[list[Any]]:
    """A row for each spool; `spools` must have fetched filament and slot__printer.

    Only printers among `sees` are named, where it is given.
    """
    for spool in spools.iterator(CHUNK):
        yield [
            *(column.cell(spool) for column in COLUMNS),
            str(spool.slot) if spool.slot and (sees is None or spool.slot.printer_id in sees) else "",
            spool.used_g,
        ]


def ledger_of(usages: "QuerySet[Usage]", jobs: Mapping[UUID, str]) -> Iterator[list[Any]]:
    """A row for each line of a ledger; `jobs` are the names of those that the asker may see, by print."""
    for usage in usages.iterator(CHUNK):
        yield [
            _at(usage),
            usage.grams,
            usage.note,
            jobs.get(usage.print_id, "") if usage.print_id else "",
            usage.reference,
        ]


def _at(usage: Usage) -> str:
    return timezone.localtime(usage.at).isoformat(timespec="seconds")


def names_of(jobs: Iterable[tuple[UUID, int, str]]) -> dict[UUID, str]:
    return {print_id: f"#{number} {name}" for print_id, number, name in jobs}
