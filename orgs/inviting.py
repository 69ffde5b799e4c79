"""Inviting people by mail. Only whoever reads that mail has the link: we keep its hash alone."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from accounts.models import User
from accounts.sealing import seal
from accounts.tasks import deliver
from audit.trail import Actor, acting, actor, record

from .addresses import platform_url, whole
from .branding import stored_of
from .creating import add_member
from .models import Invitation, Membership, Org
from .roles import Role

VALID_FOR = timedelta(days=7)


class NotInvited(Exception):
    """Refused; says why in words for people."""


def digest_of(text: str) -> bytes:
    """Of a 256-bit random text; nothing slow is needed against guessing that."""
    return hashlib.sha256(text.encode()).digest()


def invite(org: Org, email: str, role: Role, by: User, printer_tags: Sequence[UUID] = ()) -> Invitation:
    """Invite whoever reads mail at `email`; a second invitation of the same address replaces the first.

    `printer_tags` are as a membership has them. NotInvited if that person is a member.
    """
    email = email.strip().lower()
    if Membership.objects.filter(org=org, user__email__iexact=email).exists():
        raise NotInvited(_("%(email)s is a member already.") % {"email": email})
    link = secrets.token_urlsafe(32)
    values = {
        "role": role,
        "printer_tags": list(printer_tags),
        "digest": digest_of(link),
        "by": by,
        "expires_at": timezone.now() + VALID_FOR,
    }
    with transaction.atomic():
        invitation, _is_new = Invitation.objects.update_or_create(org=org, email=email, defaults=values)
        record("invitation.send", invitation, after={"email": email, "role": role.word})
        _mail(invitation, link, by)
    return invitation


def resend(invitation: Invitation, by: User) -> Invitation:
    """Send a new link that is valid from now; the old one is void."""
    return invite(invitation.org, invitation.email, Role(invitation.role), by, invitation.printer_tags)


def withdraw(invitation: Invitation) -> None:
    with transaction.atomic():
        record("invitation.withdraw", invitation, before={"role": Role(invitation.role).word})
        invitation.delete()


def find(link: str) -> Invitation | None:
    """The open invitation of a link; None if it was used, withdrawn, replaced, or is too old."""
    rows = Invitation.objects.select_related("org", "by").filter(
        digest=digest_of(link), expires_at__gt=timezone.now(), org__state=Org.State.ACTIVE
    )
    return rows.first()


def account_of(invitation: Invitation) -> User | None:
    """Whoever has an account with the invited address."""
    return User.objects.filter(email__iexact=invitation.email).first()


def accept(invitation: Invitation, user: User) -> Membership:
    """Make `user` a member, and the invitation used.

    NotInvited if it is not their address, or if another request has used or withdrawn the invitation.
    """
    if user.email.lower() != invitation.email.lower():
        raise NotInvited(_("This invitation is for %(email)s.") % {"email": invitation.email})
    who = Actor(user.pk, str(user), "session", actor().address)
    try:
        with acting(who), transaction.atomic():
            if not Invitation.objects.filter(pk=invitation.pk, digest=invitation.digest).delete()[0]:
                raise NotInvited(_("This invitation was used or withdrawn."))
            with tenant_context(invitation.org):
                record("invitation.accept", invitation)
            return add_member(invitation.org, user, Role(invitation.role), invitation.printer_tags)
    except IntegrityError:
        raise NotInvited(_("You are a member already.")) from None


def accept_as_new(invitation: Invitation, name: str, password: str) -> Membership:
    """Make an account for the invited address, then as `accept`; the password was checked by the rule."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name)
            return accept(invitation, user)
    except IntegrityError:
        raise NotInvited(_("There is an account with this e-mail. Sign in with it.")) from None


def _mail(invitation: Invitation, link: str, by: User) -> None:
    values = {
        "org": invitation.org.name,
        "role": str(Role(invitation.role).label),
        "by": str(by),
        "days": str(VALID_FOR.days),
    }
    sealed, brand = {"link": seal(whole(platform_url("orgs:accept", link)))}, stored_of(invitation.org)
    deliver.delay_on_commit(
        "invitation", invitation.email, values, invitation.org.language, sealed=sealed, brand=brand
    )
