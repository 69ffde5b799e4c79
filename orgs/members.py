"""Changing and ending memberships. An organisation always keeps an admin."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import factors, sessions
from accounts.models import User
from audit.trail import actor, record

from . import agenda
from .current import current_org
from .models import ApiToken, Membership, Org
from .roles import Role


class LastAdmin(Exception):
    """Refused: the organisation would have no admin left. Says so in words for people."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(
            _("%(person)s is the last admin of %(org)s. Make somebody else an admin first.")
            % {"person": membership.user, "org": membership.org}
        )


def present_membership(user: User | None) -> Membership | None:
    """What `user` is now in the organisation at work, for what goes on after their request; None for nobody.

    A superadmin who is no member gets an admin's membership that is not stored, as in pages.
    """
    if user is None or not user.is_active:
        return None
    org = current_org()
    found = Membership.objects.filter(user=user.pk, org=org).first()
    if found is None and user.is_superadmin:
        found = Membership(org=org, role=Role.ADMIN)
    if found is not None:
        found.user, found.org = user, org
    return found


def change_role(membership: Membership, role: Role) -> Membership:
    """Give a member another role; LastAdmin if none is left, Membership.DoesNotExist if just removed."""
    with transaction.atomic():
        fresh = _locked(membership)
        if fresh.role == role:
            return fresh
        if role is not Role.ADMIN:
            check_may_go(fresh)
        before = Role(fresh.role)
        fresh.role = role
        fresh.save(update_fields=["role"])
        record("member.role", fresh, before={"role": before.word}, after={"role": role.word})
        if role < before:
            _sign_out(fresh.user)
    return fresh


def limit_to(membership: Membership, tags: Collection[UUID], names: Mapping[UUID, str]) -> Membership:
    """Let a viewer see and use only printers that have one of these tags; none of them: all printers.

    `names` are the organisation's tags. Membership.DoesNotExist if the member was just removed.
    """
    with transaction.atomic():
        fresh = _locked(membership)
        if set(fresh.printer_tags) == set(tags):
            return fresh
        before, fresh.printer_tags = fresh.printer_tags, list(tags)
        fresh.save(update_fields=["printer_tags"])
        record(
            "member.printers",
            fresh,
            before={"tags": named(before, names)},
            after={"tags": named(tags, names)},
        )
        agenda.due_now("jobs.match")
    return fresh


def named(tags: Collection[UUID], names: Mapping[UUID, str]) -> list[str]:
    """What these tags are called, in alphabetical order; a deleted one only tells that it is."""
    known = sorted(names[tag] for tag in tags if tag in names)
    return known + [_("a deleted tag")] * sum(tag not in names for tag in tags)


def limits() -> dict[UUID, frozenset[UUID]]:
    """By their accounts, the people of the organisation at work whom a limit holds, with their tags."""
    rows = Membership.objects.filter(org=current_org(), role=Role.VIEWER).exclude(printer_tags=[])
    return {row.user_id: frozenset(row.printer_tags) for row in rows.only("user_id", "printer_tags", "role")}


def remove(membership: Membership) -> None:
    """End a membership, and the person's tokens here with it: none comes back with a later invitation."""
    with transaction.atomic():
        fresh = _locked(membership)
        check_may_go(fresh)
        record("member.remove", fresh, before={"person": fresh.user.email, "role": Role(fresh.role).word})
        # The tokens last: whoever was just making one held the membership meanwhile.
        fresh.delete()
        ApiToken.objects.filter(user=fresh.user_id, org=fresh.org_id).delete()
        _sign_out(fresh.user)


class NotTheirs(Exception):
    """Refused: the account is not for an admin of this organisation to change. Says so in words."""


def reset_mfa(membership: Membership, by: User) -> None:
    """Take the second step off a member who lost it.

    NotTheirs for an account that opens more than this organisation, unless `by` runs the platform: an admin
    here would weaken it for others too.
    """
    person = membership.user
    opens_more = person.is_superadmin or person.memberships.exclude(org=membership.org_id).exists()
    if opens_more and not by.is_superadmin:
        raise NotTheirs(_("Only who runs this server may do that for %(person)s.") % {"person": person})
    with transaction.atomic():
        factors.reset(person)
        record("member.mfa_reset", membership)


def _sign_out(user: User) -> None:
    """Whoever loses rights signs in anew, so that no page of before is left open; not who gives them up."""
    if actor().id != user.pk:
        sessions.end_all(user)


def _locked(membership: Membership) -> Membership:
    """The membership as it is now, with the organisation's row held: changes of members take turns."""
    Org.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=membership.org_id)
    return Membership.objects.select_related("user", "org").get(pk=membership.pk)


def check_may_go(leaving: Membership) -> None:
    """LastAdmin if `leaving` is the only admin whose account is open."""
    others = Membership.objects.filter(org=leaving.org_id, role=Role.ADMIN, user__is_active=True)
    if leaving.role == Role.ADMIN and not others.exclude(pk=leaving.pk).exists():
        raise LastAdmin(leaving)
