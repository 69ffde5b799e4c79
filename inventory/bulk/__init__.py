"""What can be done to many spools at once."""

from django.db.models import QuerySet
from django.utils.translation import ngettext

from bulk.actions import Kind
from inventory.models import Spool
from inventory.refusing import Refused
from orgs.models import Membership

from .dryings import MARK_DRIED
from .fields import MOVE, SET_LOT, SET_PRICE
from .shelves import ARCHIVE, RESTORE
from .tags import ADD_TAG, REMOVE_TAG

ACTIONS = {
    "mark_dried": MARK_DRIED,
    "move": MOVE,
    "add_tag": ADD_TAG,
    "remove_tag": REMOVE_TAG,
    "set_price": SET_PRICE,
    "set_lot": SET_LOT,
    "archive": ARCHIVE,
    "restore": RESTORE,
}


def rows_for(membership: Membership) -> "QuerySet[Spool]":
    return Spool.objects.select_related("filament", "slot__printer").prefetch_related("tags")


def counted(number: int) -> str:
    return ngettext("%(number)d spool", "%(number)d spools", number) % {"number": number}


SPOOLS = Kind(
    model=Spool,
    view="spool.view",
    place="spools:list",
    counted=counted,
    rows=rows_for,
    actions=ACTIONS,
    refusals=(Refused,),
)
KINDS = {"spool": SPOOLS}
