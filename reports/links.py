"""Signed addresses for readers outside: to confirm, and to unsubscribe. They work without signing in."""

from uuid import UUID

from django.core import signing

from orgs.addresses import platform_url, whole
from orgs.current import current_org

CONFIRM, UNSUBSCRIBE = "confirm", "unsubscribe"
CONFIRM_WITHIN_S = 14 * 86400


def link_of(what: str, recipient: UUID) -> str:
    """The whole address for a mail."""
    return whole(platform_url(f"reports:{what}", signed(what, recipient)))


def signed(what: str, recipient: UUID) -> str:
    return signing.dumps([str(current_org().pk), str(recipient)], salt=f"reports.{what}", compress=True)


def read(what: str, link: str) -> tuple[UUID, UUID] | None:
    """The organisation and the recipient that a link names; None if it is none of ours, or too old."""
    age = CONFIRM_WITHIN_S if what == CONFIRM else None
    try:
        org, recipient = signing.loads(link, salt=f"reports.{what}", max_age=age)
        return UUID(org), UUID(recipient)
    except (signing.BadSignature, ValueError, TypeError):
        return None
