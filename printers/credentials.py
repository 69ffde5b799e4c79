"""Secrets of printers, encrypted in the database and opened only to talk to them."""

from django.utils.translation import gettext as _

from accounts import sealing
from accounts.sealing import seal
from printers.drivers.driver import DriverError, Trouble

__all__ = ["CannotOpen", "open_sealed", "seal"]


class CannotOpen(DriverError):
    """A stored secret was sealed with another key than the present one."""

    def __init__(self) -> None:
        super().__init__(
            Trouble.CREDENTIALS,
            _("The server's key has changed since this was saved. Enter the printer's secret again."),
        )


def open_sealed(text: str) -> str:
    """What `seal` was given; CannotOpen if the server's key is another one now."""
    try:
        return sealing.open_sealed(text)
    except sealing.OtherKey:
        raise CannotOpen from None
