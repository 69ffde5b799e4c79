"""The end of a borrowed print: what its owner keeps, and what it cost whose print it was (rule 20)."""

from collections.abc import Sequence
from decimal import Decimal

from jobs.costing import Cost
from jobs.models import Print
from orgs.current import current_org
from orgs.models import Org
from printers.drivers.driver import Outcome
from stations.models import Dispatch, Station

from . import guests, ledger
from .crossing import at_owner


def settle_borrowed(
    station: Station,
    dispatch: Dispatch,
    one: Print,
    outcome: Outcome,
    uses: Sequence[guests.Use],
    printed_s: int,
) -> Cost | None:
    """In the borrower's schema and the transaction of the print's end, which happens once: the owner's
    spools, record and people, one charge, and its line in both ledgers.

    What the print cost the borrower is what the ledger says; None in a currency that is not the borrower's,
    where only the ledger can say it.
    """
    with at_owner(station):
        guests.close(station, dispatch, outcome, uses, printed_s)
    grams = sum((one.grams for one in uses), Decimal(0))
    material, machine = ledger.charge_print(station, dispatch, grams, printed_s, one.job_id)
    # Here, and nowhere else, chargebacks may write what this print cost: it happens once for each.
    currency = Org.objects.values_list("currency", flat=True).get(pk=current_org().pk)
    return Cost(material, machine) if dispatch.terms["currency"] == currency else None
