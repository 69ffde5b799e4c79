"""Ending mails by a link in them, without signing in (RFC 8058)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.db import transaction

from accounts.models import User
from audit.trail import Actor, acting, record
from orgs.addresses import platform_url, whole
from orgs.models import Membership, Org

from .kinds import Channel, Kind
from .models import Preference

SALT = "alerts.unsubscribe"


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link ends: mails of `kinds` to a member of an organisation."""

    membership: Membership
    kinds: tuple[Kind, ...]


def mail_headers(org: Org, user: UUID, kinds: Iterable[str]) -> dict[str, str]:
    """The headers of a mail about alerts of `kinds`: one click, and its reader gets no more of them."""
    said = [org.pk.hex, user.hex, sorted(set(kinds))]
    url = whole(platform_url("told:stop", signing.dumps(said, salt=SALT, compress=True)))
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def find(link: str) -> Stop | None:
    """What a link is for; None if it is none of ours, or nobody's any more. Asks public tables only."""
    try:
        org, user, kinds = signing.loads(link, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    memberships = Membership.objects.select_related("org", "user")
    membership = memberships.filter(org=UUID(org), user=UUID(user), org__state=Org.State.ACTIVE).first()
    known = tuple(Kind(kind) for kind in kinds if kind in Kind.values)
    return Stop(membership, known) if membership else None


def stop(user: User, kinds: Collection[Kind]) -> None:
    """No more mails about `kinds` to `user`, in the organisation in use; said twice it is the same."""
    with acting(Actor(user.pk, str(user), "link in a mail")), transaction.atomic():
        for kind in kinds:
            Preference.objects.update_or_create(
                user=user, kind=kind, channel=Channel.EMAIL, defaults={"is_wanted": False}
            )
        record("alert.unsubscribe", user, after={"channel": Channel.EMAIL, "kinds": list(kinds)})
