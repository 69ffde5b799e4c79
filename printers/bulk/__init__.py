"""What can be done to many printers at once."""

from django.db.models import QuerySet
from django.utils.translation import ngettext

from bulk.actions import Kind
from orgs.models import Membership
from printers.drivers.driver import DriverError
from printers.models import Printer
from printers.plates import StalePlate
from printers.tagged import TooManyTags

from .facts import look_up
from .ordering import CANCEL, CLEAR_ERRORS, PAUSE, RESUME
from .plates import PLATE_CLEARED
from .service import DISABLE, ENABLE, OUT_OF_SERVICE
from .stopping import STOP
from .tags import ADD_TAG, REMOVE_TAG

ACTIONS = {
    "plate_cleared": PLATE_CLEARED,
    "pause": PAUSE,
    "resume": RESUME,
    "clear_errors": CLEAR_ERRORS,
    "enable": ENABLE,
    "disable": DISABLE,
    "out_of_service": OUT_OF_SERVICE,
    "add_tag": ADD_TAG,
    "remove_tag": REMOVE_TAG,
    "cancel": CANCEL,
    "stop": STOP,
}


def rows_for(membership: Membership) -> "QuerySet[Printer]":
    return Printer.objects.all()


def counted(number: int) -> str:
    return ngettext("%(number)d printer", "%(number)d printers", number) % {"number": number}


PRINTERS = Kind(
    model=Printer,
    view="printer.view",
    place="printers:list",
    counted=counted,
    rows=rows_for,
    actions=ACTIONS,
    look_up=look_up,
    refusals=(DriverError, StalePlate, TooManyTags),
)
KINDS = {"printer": PRINTERS}
