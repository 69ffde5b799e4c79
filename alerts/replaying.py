"""Sending again what was given up, as the same message."""

from django.db import transaction
from django.db.models.functions import Now

from audit.trail import record
from orgs import agenda

from .models import Delivery, Parcel


def send_again(parcel: Parcel) -> bool:
    """Let a failed message go out once more under its id, with all its attempts; False if it did not fail."""
    with transaction.atomic():
        failed = Parcel.objects.filter(pk=parcel.pk, state=Parcel.State.FAILED)
        if not failed.update(state=Parcel.State.CLAIMED, attempts=0, next_at=Now(), step_at=Now()):
            return False
        given_up = Delivery.objects.filter(parcel=parcel.pk, state=Delivery.State.FAILED)
        given_up.update(state=Delivery.State.TAKEN)
        record("channel.send_again", parcel)
        agenda.due_now("alerts.send")
    return True
