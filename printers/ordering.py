"""Orders of people: to the machine, and whether a printer is in service; each is written down."""

from audit.trail import record

from . import adding, commands, stopping
from .drivers.driver import DriverError
from .models import Printer


def order(printer: Printer, name: str, job_key: str = "") -> str:
    """Give one of commands.COMMANDS and write down who did and what the printer said, also if it refused.

    With `job_key` it is for that print only. After an emergency stop nothing starts on it until somebody has
    put it back in service. Raises DriverError.
    """
    action = f"printer.{name}"
    if name == stopping.COMMAND:
        stopping.take_out([printer.pk])
    try:
        words = commands.send(printer, name, job_key=job_key)
    except DriverError as error:
        record(action, printer, after={"refused": str(error)})
        raise
    record(action, printer, after={"answer": words})
    return words


def adjust(printer: Printer, name: str, value: str) -> str:
    """Set the light, the speed or a fan, and write down who did; raises DriverError."""
    try:
        words = commands.adjust(printer, name, value)
    except DriverError as error:
        record("printer.adjust", printer, after={name: value, "refused": str(error)})
        raise
    record("printer.adjust", printer, after={name: value, "answer": words})
    return words


def set_service(printer: Printer, *, enabled: bool | None = None, reason: str | None = None) -> Printer:
    """Enable, disable, or put out of service with a `reason`; enabling also ends being out of service."""
    if enabled is not None:
        printer.enabled = enabled
    if reason is not None:
        printer.out_of_service_reason = reason
    return adding.change(printer)
