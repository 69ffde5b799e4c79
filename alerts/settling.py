"""What became of messages: sent, to be tried again, or given up."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from .beginning import OPEN, give_up
from .channels.adapter import NotSent
from .hands import Outcome
from .kinds import ENDED_BY_THEM
from .models import Delivery, Endpoint, Parcel
from .retrying import FIRST, pause


def settle(outcomes: Sequence[Outcome]) -> None:
    """Write down how some sendings ended, in one transaction.

    What is sent is sent, also if another sender had given this one up and begun again; a failure counts only
    for the attempt it was.
    """
    sent = [one.handed.pk for one in outcomes if one.failure is None]
    with transaction.atomic():
        if sent:
            _is_sent(sent)
        for one in outcomes:
            if one.failure is not None:
                _failed(one, one.failure)


def put_off(pks: Iterable[UUID]) -> None:
    """Let parcels whose host hangs wait a moment; no attempt is counted."""
    waiting = Parcel.objects.filter(pk__in=list(pks), state=Parcel.State.CLAIMED)
    waiting.update(next_at=Now() + FIRST)


def _is_sent(pks: Sequence[UUID]) -> None:
    parcels = Parcel.objects.filter(pk__in=pks, state__in=OPEN)
    parcels.update(state=Parcel.State.SENT, step_at=Now(), sent_at=timezone.now(), next_at=None, error="")
    taken = Delivery.objects.filter(parcel__in=pks, state=Delivery.State.TAKEN)
    taken.update(state=Delivery.State.SENT)
    Endpoint.objects.filter(parcels__in=pks).update(
        last_sent_at=timezone.now(), failing_since=None, last_error=""
    )


def _failed(outcome: Outcome, failure: NotSent) -> None:
    handed = outcome.handed
    mine = Parcel.objects.filter(pk=handed.pk, state=Parcel.State.HANDING, attempts=handed.attempt)
    wait = None if failure.is_final else pause(handed.attempt, failure.retry_after_s)
    why = str(failure)[:300]
    # Gives the row back to whoever comes first after the pause.
    tried = {"state": Parcel.State.CLAIMED, "step_at": Now(), "error": why}
    if not mine.update(**tried, next_at=Now() + (wait or timedelta(0))):
        return
    if wait is None:
        give_up(handed.pk, why)
    at = Endpoint.objects.filter(parcels=handed.pk)
    at.update(failing_since=Coalesce("failing_since", Now()), last_error=why)
    if failure.is_final:
        at.filter(channel__in=ENDED_BY_THEM).update(is_enabled=False)
