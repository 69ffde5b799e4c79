"""The end of a borrowed print: what its owner keeps, and what it costs whose print it was (rule 20)."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from jobs.charging.rules import Borrowed, Unit
from jobs.charging.writing import write_lent
from jobs.models import Print
from orgs.models import Org
from printers.drivers.driver import Outcome
from stations.models import Dispatch, Station
from stations.terms import Terms, hours_in, terms_in

from . import guests, ledger
from .crossing import at_owner


def settle_borrowed(
    station: Station,
    dispatch: Dispatch,
    one: Print,
    outcome: Outcome,
    uses: Sequence[guests.Use],
    printed_s: int,
) -> list[Borrowed]:
    """In the borrower's schema and the transaction of the print's end, which happens once: the owner's
    spools, record, books and people, one charge, and its line in both ledgers.

    What the owner asks, for the borrower's own books: `charging.writing.write_lines` takes it next.
    """
    grams = sum((use.grams for use in uses), Decimal(0))
    asked = asked_by(terms_in(dispatch.terms), grams, printed_s)
    borrower = Org.objects.values_list("name", flat=True).get(pk=dispatch.org_id)
    with at_owner(station):
        guests.close(station, dispatch, outcome, uses, printed_s)
        write_lent(dispatch.print_id, timezone.now(), station.pk, asked, borrower)
    ledger.charge_print(station, dispatch, grams, printed_s, one.job_id)
    return asked


def asked_by(terms: Terms, grams: Decimal, printed_s: int) -> list[Borrowed]:
    """The owner's prices of a print; they come to what `terms.price` says."""
    return [
        Borrowed(grams, Unit.GRAM, terms.per_gram, terms.currency),
        Borrowed(hours_in(printed_s), Unit.HOUR, terms.per_hour, terms.currency),
    ]
