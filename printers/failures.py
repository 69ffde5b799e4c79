"""A run of failed prints: counted by printer, it holds the printer until a person releases it."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from alerts.kinds import Kind
from alerts.raising import raise_alert, resolve
from audit.trail import record
from orgs import agenda
from orgs.current import current_org
from orgs.models import Org
from printers import history, live
from printers.models import Printer
from printers.states import failed_words


class NotHeld(Exception):
    """There is nothing to release; the message says so."""


def note_good(printer_id: UUID) -> None:
    """A print was completed: the run of failures, and a hold for it, is over."""
    if Printer.objects.filter(pk=printer_id, failed_in_row__gt=0).update(failed_in_row=0, held_at=None):
        resolve(_cause(printer_id))


def note_failed(printer_id: UUID) -> None:
    """A print failed, in the transaction of its end: count it, and hold the printer if that is enough."""
    Printer.objects.filter(pk=printer_id).update(failed_in_row=F("failed_in_row") + 1)
    # Read anew: the process that holds a link has known its organisation for days.
    most = Org.objects.values_list("hold_after_failures", flat=True).get(pk=current_org().pk)
    printer = Printer.objects.filter(pk=printer_id, failed_in_row__gte=most).first() if most else None
    if printer is None:
        return
    Printer.objects.filter(pk=printer_id, held_at=None).update(held_at=Now())
    raise_alert(
        Kind.NEEDS_YOU,
        _cause(printer_id),
        _("%(printer)s is held") % {"printer": printer},
        detail=_("Held: %(why)s. Look at it, then release it on its page.")
        % {"why": failed_words(printer.failed_in_row)},
        about=printer,
    )


def release(printer: Printer) -> None:
    """A person lets the printer go on. NotHeld if it is not held, or was released by somebody else."""
    org = current_org()
    with transaction.atomic():
        held = Printer.objects.select_for_update(no_key=True).filter(pk=printer.pk).exclude(held_at=None)
        before = held.first()
        if before is None:
            raise NotHeld(_("%(name)s is not held.") % {"name": printer})
        Printer.objects.filter(pk=printer.pk).update(failed_in_row=0, held_at=None)
        resolve(_cause(printer.pk))
        record(
            "printer.release",
            printer,
            before={"failed_in_row": before.failed_in_row},
            after={"failed_in_row": 0},
        )
        agenda.due_now("jobs.match")
        history.note(printer.pk)
        transaction.on_commit(lambda: live.touch(org.pk, [printer.pk]), robust=True)


def _cause(printer_id: UUID) -> str:
    return f"printer.failures:{printer_id}"
