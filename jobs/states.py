"""The states of a job and of a print, and the moves between them."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    SUBMITTED = "submitted", _("submitted")
    REJECTED = "rejected", _("rejected")
    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    PRINTING = "printing", _("printing")
    PAUSED = "paused", _("paused")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class PrintState(models.TextChoices):
    """Of one copy. `waiting` is the only state in which it may be dispatched."""

    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("sending")
    PRINTING = "printing", _("printing")
    PAUSED = "paused", _("paused")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Verdict(models.TextChoices):
    """What a person says of a copy that was printed to its end."""

    GOOD = "good", _("good")
    REJECT = "reject", _("reject")


P = PrintState
PRINT_MOVES: dict[PrintState, frozenset[PrintState]] = {
    P.WAITING: frozenset({P.SENDING, P.CANCELLED, P.FAILED}),
    P.SENDING: frozenset({P.WAITING, P.PRINTING, P.PAUSED, P.COMPLETED, P.FAILED, P.CANCELLED}),
    P.PRINTING: frozenset({P.PAUSED, P.COMPLETED, P.FAILED, P.CANCELLED}),
    P.PAUSED: frozenset({P.PRINTING, P.COMPLETED, P.FAILED, P.CANCELLED}),
    P.COMPLETED: frozenset(),
    P.FAILED: frozenset(),
    P.CANCELLED: frozenset(),
}
ACTIVE = frozenset({P.SENDING, P.PRINTING, P.PAUSED})
OVER = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED, JobState.REJECTED})
WITH_COPIES = frozenset({JobState.QUEUED, JobState.SENDING, JobState.PRINTING, JobState.PAUSED})
# Nobody has said yes to these; a rejected one is over, but may be submitted again.
UNAPPROVED = frozenset({JobState.SUBMITTED, JobState.REJECTED})


class Priority(models.IntegerChoices):
    LOW = 10, _("low")
    NORMAL = 20, _("normal")
    HIGH = 30, _("high")
    URGENT = 40, _("urgent")

    @property
    def word(self) -> str:
        """The priority's name in the API, never translated."""
        return self.name.lower()


class IllegalMove(Exception):
    """A job or print cannot go from the state it is in to the one asked for."""


def state_of(prints: Collection[PrintState]) -> JobState:
    """The state of an approved job whose copies are in these states.

    What is on a printer shows first, then what still waits; at the end one failed copy makes the job failed,
    and a job is cancelled only if nothing failed and not everything was printed.
    """
    for mine, shown in (
        (P.PRINTING, JobState.PRINTING),
        (P.PAUSED, JobState.PAUSED),
        (P.SENDING, JobState.SENDING),
        (P.WAITING, JobState.QUEUED),
        (P.FAILED, JobState.FAILED),
        (P.CANCELLED, JobState.CANCELLED),
    ):
        if mine in prints:
            return shown
    return JobState.COMPLETED
