"""Trying a connection and telling in words what is there or what to mend."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from orgs.current import release_connection

from .catalogue import find
from .drivers.driver import Detected, DriverError, Endpoint, Trouble
from .models import Printer
from .reaching import described, driver_class, resolved


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a connection test found; `trouble` is None and `detected` full only if all is well."""

    words: str
    detected: Detected | None = None
    trouble: Trouble | None = None

    @property
    def ok(self) -> bool:
        return self.detected is not None


def probe(printer: Printer, *, secret: str | None = None) -> Diagnosis:
    """Connect to `printer` (which may be unsaved) as a job would, for some seconds at most.

    `secret` in plain, None for the stored one. Outside a transaction the database connection is given back
    meanwhile, so call it outside of one.
    """
    try:
        endpoint = described(printer) if secret is None else replace(_without_secret(printer), secret=secret)
        release_connection()
        driver = driver_class(printer.protocol)(resolved(endpoint, printer.protocol))
        try:
            detected = driver.probe()
        finally:
            driver.close()
    except DriverError as error:
        return Diagnosis(str(error), trouble=error.trouble)
    name = detected.model or detected.name or driver.label
    firmware = _(", firmware %(version)s") % {"version": detected.firmware} if detected.firmware else ""
    return Diagnosis(_("It answers: %(name)s%(firmware)s.") % {"name": name, "firmware": firmware}, detected)


def _without_secret(printer: Printer) -> Endpoint:
    sealed, printer.secret = printer.secret, ""
    try:
        return described(printer)
    finally:
        printer.secret = sealed


def settle(printer: Printer, detected: Detected) -> None:
    """Write on the unsaved `printer` what the machine told and nobody has typed."""
    printer.fingerprint = detected.fingerprint or printer.fingerprint
    printer.model = printer.model or detected.model[:80]
    printer.serial = printer.serial or detected.serial[:60]
    printer.nozzle_mm = printer.nozzle_mm or detected.nozzle_mm
    known = find(printer.model)
    bed_mm = detected.bed_mm or (known.bed_mm if known else None)
    if bed_mm and not printer.bed_mm:
        printer.bed_x_mm, printer.bed_y_mm, printer.bed_z_mm = bed_mm
