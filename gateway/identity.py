"""Which machine answers: asked when a printer is heard of again that has not told who it is (isolation 9)."""

from uuid import UUID

from celery import current_app

from orgs.current import current_org
from printers.adding import identify as identified
from printers.adding import is_identified
from printers.drivers import DRIVERS
from printers.drivers.driver import Link
from printers.models import Printer
from printers.probing import probe


def ask_who(printer: Printer) -> None:
    """Have a worker ask a polled printer that has just come; a pushing one answers to its serial only."""
    if DRIVERS[printer.protocol].link is Link.POLL and not is_identified(printer, printer.station):
        current_app.send_task("gateway.identify", args=[current_org().schema_name, str(printer.pk)])


def identify(printer_id: UUID) -> None:
    """Ask the machine who it is; one that says nothing of it keeps its address as its identity."""
    printer = Printer.objects.filter(pk=printer_id).first()
    if printer is None:
        return
    detected = probe(printer).detected
    if detected is not None:
        identified(printer, detected.machine_key)
