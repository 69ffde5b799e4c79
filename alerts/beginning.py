"""Beginning to send parcels: claimed becomes handing, committed before anybody talks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.sealing import WrongKey, open_sealed
from orgs.current import current_org

from .channels import ADAPTERS
from .channels.adapter import Address
from .composing import letterhead, told_of
from .digest import compose
from .hands import Handed, host_of
from .kinds import Channel
from .models import Delivery, Parcel
from .rereading import Rereading
from .retrying import MOST_ATTEMPTS
from .unsubscribing import mail_headers

OPEN = (Parcel.State.CLAIMED, Parcel.State.HANDING)
# An adapter answers within 30 s. What is being sent for longer was left by a killed sender: it is sent again.
STALE = timedelta(seconds=120)
# What waited as long was held, and not just a moment in the line.
WAITED = timedelta(minutes=1)


def due_parcels(most: int) -> list[tuple[UUID, str]]:
    """Ids and hosts of what is to be sent now: new, to be tried again, or left by a killed sender."""
    found = Parcel.objects.filter(state__in=OPEN, next_at__lte=Now()).order_by("next_at")[:most]
    return [(pk, host_of(channel, to)) for pk, channel, to in found.values_list("pk", "channel", "address")]


@dataclass(slots=True)
class _Sorted:
    """What becomes of some parcels."""

    handed: list[Handed] = field(default_factory=list)
    dropped: list[UUID] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)
    unwanted: list[UUID] = field(default_factory=list)
    put_off: dict[UUID, datetime] = field(default_factory=dict)


def begin(pks: Collection[UUID]) -> list[Handed]:
    """Those of the parcels that are to be sent now, as messages; each is `handing` when this returns.

    What another sender has or had is left out, what nobody wants any more is dropped, and what fell into
    quiet hours waits for their end.
    """
    now, sorted_ = timezone.now(), _Sorted()
    with transaction.atomic():
        mine = Parcel.objects.filter(pk__in=pks, state__in=OPEN, next_at__lte=Now())
        locked = mine.select_for_update(of=("self",), skip_locked=True).select_related("user", "endpoint")
        parcels = sorted(locked, key=lambda one: one.due_at)
        if not parcels:
            return []
        reread = Rereading(parcels)
        for parcel in parcels:
            _sort(parcel, reread, now, sorted_)
        _write(sorted_)
    return sorted_.handed


def _sort(parcel: Parcel, reread: Rereading, now: datetime, into: _Sorted) -> None:
    kept, dropped = reread.split(parcel)
    into.unwanted += [one.pk for one in dropped]
    if not kept:
        into.dropped.append(parcel.pk)
    elif parcel.attempts >= MOST_ATTEMPTS:
        into.failed[parcel.pk] = parcel.error or _("Its sender was ended each time.")
    elif until := reread.held_until(parcel, [one.alert for one in kept], now):
        into.put_off[parcel.pk] = until
    else:
        try:
            into.handed.append(_handed(parcel, kept, reread))
        except WrongKey:
            into.failed[parcel.pk] = _("Its secret was sealed with another key of this server.")


def _handed(parcel: Parcel, kept: Sequence[Delivery], reread: Rereading) -> Handed:
    channel, endpoint = Channel(parcel.channel), parcel.endpoint
    if endpoint is not None:
        to = Address(endpoint.address, open_sealed(endpoint.secret))
    else:
        to = Address(parcel.user.email if parcel.user else parcel.address, headers=_way_out(parcel, kept))
    zone = reread.quiet.zone(parcel.user_id)
    was_quiet = any(one.not_before and one.not_before - one.alert.at > WAITED for one in kept)
    told = told_of([one.alert for one in kept], zone)
    message = compose(str(parcel.pk), told, letterhead(zone), was_quiet=was_quiet)
    _note_address(parcel, to.address)
    host = host_of(channel, to.address)
    return Handed(parcel.pk, parcel.attempts + 1, host, to, message, ADAPTERS[channel])


def _way_out(parcel: Parcel, kept: Sequence[Delivery]) -> dict[str, str]:
    """The headers by which a reader of the mail ends further ones."""
    if parcel.user_id is None or parcel.channel != Channel.EMAIL:
        return {}
    return mail_headers(current_org(), parcel.user_id, {one.alert.kind for one in kept})


def _note_address(parcel: Parcel, address: str) -> None:
    """An address may have changed since; the log shows to which one it went."""
    if parcel.address == address:
        return
    same = {"user": parcel.user_id, "channel": parcel.channel, "due_at": parcel.due_at, "address": address}
    if not Parcel.objects.filter(**same).exists():
        Parcel.objects.filter(pk=parcel.pk).update(address=address)


def _write(sorted_: _Sorted) -> None:
    Parcel.objects.filter(pk__in=[one.pk for one in sorted_.handed]).update(
        state=Parcel.State.HANDING, attempts=F("attempts") + 1, step_at=Now(), next_at=Now() + STALE
    )
    if sorted_.unwanted:
        Delivery.objects.filter(pk__in=sorted_.unwanted).update(state=Delivery.State.DROPPED)
    if sorted_.dropped:
        gone = Parcel.objects.filter(pk__in=sorted_.dropped)
        gone.update(state=Parcel.State.DROPPED, step_at=Now(), next_at=None)
    for pk, why in sorted_.failed.items():
        give_up(pk, why)
    for pk, until in sorted_.put_off.items():
        Parcel.objects.filter(pk=pk).update(state=Parcel.State.CLAIMED, step_at=Now(), next_at=until)


def give_up(pk: UUID, why: str) -> None:
    Parcel.objects.filter(pk=pk).update(
        state=Parcel.State.FAILED, step_at=Now(), next_at=None, error=why[:300]
    )
    taken = Delivery.objects.filter(parcel=pk, state=Delivery.State.TAKEN)
    taken.update(state=Delivery.State.FAILED)
