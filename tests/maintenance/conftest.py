"""A printer with hours on its meter, and tasks for it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from maintenance import setting
from maintenance.models import Meter, Task
from printers.models import Printer
from tests.factories.printers import make_printer

HOUR = 3600


@pytest.fixture
def printer(acme) -> Printer:
    made = make_printer("Voron 1", model="Voron 2.4 250", nozzle_mm=0.4)
    Meter.objects.create(printer=made, printed_s=100 * HOUR)
    return made


@pytest.fixture
def task(printer) -> Callable[..., Task]:
    """A task of the printer; `used_h` hours and since a day `since_on`."""

    def make(name: str = "Lubricate rods", *, used_h: float = 0, since_on: date | None = None, **fields: Any):
        wanted = {"every_hours": 300, **fields}
        used_s = int(used_h * HOUR)
        return setting.add(printer, {"name": name, **wanted}, used_s=used_s, since_on=since_on)

    return make
