"""Where channels reach people and the organisation: making, changing, switching and removing."""

import json
import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sealing import WrongKey, open_sealed, seal
from audit.trail import record

from .channels.adapter import Address, NotSent
from .channels.push import keys_in
from .channels.signing import Keys, new_secret, unpacked
from .kinds import ENDED_BY_THEM, Channel
from .models import Endpoint
from .showing import shown_address

# More than anybody needs; each of them is a message for every alert.
MOST = 25
# What a person may change of an endpoint, and what the trail shows of it.
CHANGED = ("name", "address", "kinds", "least_severity")


class TooMany(Exception):
    """Nobody may have so many endpoints; says so in words."""


def endpoints_of(user: User | None) -> "QuerySet[Endpoint]":
    """A person's, or without one the organisation's, in the order in which they were made."""
    return Endpoint.objects.filter(user=user.pk if user else None).order_by("pk")


def add(channel: Channel, user: User | None, values: Mapping[str, Any], secret: str) -> Endpoint:
    """A new endpoint with the checked `values` of CHANGED; TooMany beyond MOST."""
    with transaction.atomic():
        if endpoints_of(user).count() >= MOST:
            raise TooMany(_("There are %(most)d already. Delete one that is not needed.") % {"most": MOST})
        given = {name: values[name] for name in CHANGED if name in values}
        endpoint = Endpoint.objects.create(channel=channel, user=user, secret=seal(secret), **given)
        record(
            "channel.add", endpoint, after={"channel": channel, "of": _owner(endpoint), **_shown(endpoint)}
        )
    return endpoint


def add_webhook(values: Mapping[str, Any]) -> tuple[Endpoint, str]:
    """A webhook of the organisation, and its secret, which is shown this once."""
    secret = new_secret()
    return add(Channel.WEBHOOK, None, values, Keys(secret).packed()), secret


def rotate(endpoint: Endpoint) -> str:
    """A new secret for a webhook, shown this once; the old one signs beside it for a day."""
    with transaction.atomic():
        held = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        secret = _rotated(held)
        held.secret = seal(secret.packed())
        held.save(update_fields=["secret"])
        record("channel.rotate", held)
    return secret.present


def _rotated(endpoint: Endpoint) -> Keys:
    try:
        return unpacked(open_sealed(endpoint.secret)).rotated(int(time.time()))
    except (ValueError, WrongKey):
        return Keys(new_secret())


def subscribe(user: User, address: str, keys: Mapping[str, str], name: str) -> Endpoint:
    """Push to a browser of `user`; ValueError for keys that are none.

    A browser has one subscription here. If another person had it, it is this one's now: who sits there must
    not be told the alerts of who sat there before.
    """
    secret = json.dumps({"p256dh": keys.get("p256dh"), "auth": keys.get("auth")})
    keys_in(secret)
    with transaction.atomic():
        known = Endpoint.objects.select_for_update().filter(channel=Channel.PUSH, address=address)
        for other in known:
            if other.user_id != user.pk:
                remove(other)
        mine = known.filter(user=user.pk).first()
        if mine is None:
            return add(Channel.PUSH, user, {"address": address, "name": name}, secret)
        mine.secret, mine.is_enabled, mine.failing_since, mine.last_error = seal(secret), True, None, ""
        mine.save(update_fields=["secret", "is_enabled", "failing_since", "last_error"])
        record("channel.subscribe", mine)
    return mine


def change(endpoint: Endpoint, values: Mapping[str, Any]) -> bool:
    """Store the checked `values` of CHANGED; False if nothing is new. Another address has not failed yet."""
    before = {name: getattr(endpoint, name) for name in CHANGED}
    after = {name: values.get(name, before[name]) for name in CHANGED}
    if before == after:
        return False
    changed = dict(after)
    if after["address"] != before["address"]:
        changed |= {"failing_since": None, "last_error": ""}
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint.pk).update(**changed)
        for one in (before, after):
            one["address"] = shown_address(endpoint.channel, str(one["address"]))
        record("channel.edit", endpoint, before=before, after=after)
    return True


def switch(endpoint: Endpoint, *, on: bool) -> None:
    """Let it be used or not; one that is switched on again is given a new chance."""
    given: dict[str, Any] = {"is_enabled": on}
    if on:
        given |= {"failing_since": None, "last_error": ""}
    with transaction.atomic():
        if Endpoint.objects.filter(pk=endpoint.pk).exclude(is_enabled=on).update(**given):
            record("channel.enable" if on else "channel.disable", endpoint)


def remove(endpoint: Endpoint) -> None:
    """Alerts that wait for it are told by it no more; its messages stay in the log."""
    with transaction.atomic():
        record("channel.delete", endpoint, before={"channel": endpoint.channel, **_shown(endpoint)})
        endpoint.delete()


def address_of(endpoint: Endpoint) -> Address:
    """Where to send; WrongKey if the secret was sealed with another key."""
    return Address(endpoint.address, open_sealed(endpoint.secret))


def note_sent(endpoint: Endpoint) -> None:
    found = Endpoint.objects.filter(pk=endpoint.pk)
    found.update(last_sent_at=timezone.now(), failing_since=None, last_error="")


def note_failed(endpoint: Endpoint, failure: NotSent) -> None:
    """Note since when and why it fails; where nobody is there any more it is switched off."""
    found = Endpoint.objects.filter(pk=endpoint.pk)
    found.update(last_error=str(failure)[:300])
    found.filter(failing_since=None).update(failing_since=timezone.now())
    if failure.is_final and endpoint.channel in ENDED_BY_THEM:
        found.update(is_enabled=False)


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "address": shown_address(endpoint.channel, endpoint.address),
        "kinds": endpoint.kinds,
        "least_severity": endpoint.least_severity,
    }


def _owner(endpoint: Endpoint) -> str:
    return str(endpoint.user) if endpoint.user else "organisation"
