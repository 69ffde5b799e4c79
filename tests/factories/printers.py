"""Printers as tests need them."""

from itertools import count
from typing import Any

from printers.adding import add
from printers.models import Printer
from stations.models import Plate, Station

_numbers = count(1)


def make_printer(
    name: str = "", *, plate: str = Plate.CLEAR, secret: str = "", machine_key: str = "", tags: Any = (),
    slots: int = 1, **fields: Any,
) -> Printer:  # fmt: skip
    """A printer of the organisation in use, with its station; each on an address of its own."""
    number = next(_numbers)
    values = {"protocol": "moonraker", "address": f"10.9.{number // 250}.{number % 250 + 1}", **fields}
    printer = add(
        Printer(name=name or f"Printer {number}", **values),
        secret=secret, machine_key=machine_key, tags=tags, slots=slots,
    )  # fmt: skip
    Station.objects.filter(pk=printer.pk).update(plate=plate)
    return printer
