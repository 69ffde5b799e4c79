"""Who wants to be told what, and by which channels: the roles' defaults, and what people chose instead."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from orgs.current import current_org
from orgs.models import Membership
from orgs.roles import Role

from .kinds import PERSONAL, SEVERITY, Channel, Kind, Severity
from .models import Endpoint, Preference, RoleDefault

# Who made a browser or a chat known here did it to be told there what would be mailed.
_LOUD = frozenset({Channel.APP, Channel.EMAIL, Channel.PUSH, Channel.CHAT})
_QUIET = frozenset({Channel.APP})
_MAILED = frozenset({Channel.APP, Channel.EMAIL})
# Somebody has to go there.
_FOR_HANDS = frozenset({Kind.NEEDS_YOU, Kind.PRINT_FAILED, Kind.OFFLINE})
# Somebody waits for an answer, or for a report that did not come: not at once, but not until they look.
_MAILED_TO = {Kind.JOB_SUBMITTED: Role.OPERATOR, Kind.REPORT_FAILED: Role.ADMIN}
_RANKS = {
    severity: rank for rank, severity in enumerate((Severity.INFO, Severity.WARNING, Severity.CRITICAL))
}


def wanted(kind: Kind, role: Role) -> frozenset[Channel]:
    """By which channels a role is told of `kind` unless its organisation or the person chose otherwise.

    Everybody is mailed what was decided about their own jobs, and what failed of them; who runs the farm
    also what needs a hand, and what is critical; jobs to approve and reports that failed are mailed only.
    All else, first a print that is done, is in the app only.
    """
    if kind in PERSONAL or kind == Kind.PRINT_FAILED:
        return _LOUD
    if role >= Role.OPERATOR and (kind in _FOR_HANDS or SEVERITY[kind] is Severity.CRITICAL):
        return _LOUD
    if kind in _MAILED_TO and role >= _MAILED_TO[kind]:
        return _MAILED
    return _QUIET


class Usual:
    """What is usual here for roles: `wanted`, as the organisation changed it. One query, when first asked."""

    @cached_property
    def _rows(self) -> dict[tuple[int, str, str], bool]:
        rows = RoleDefault.objects.values_list("role", "kind", "channel", "is_wanted")
        return {(role, kind, channel): is_wanted for role, kind, channel, is_wanted in rows}

    def wants(self, kind: Kind, role: Role, channel: Channel) -> bool:
        return self._rows.get((role, kind, channel), channel in wanted(kind, role))


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person to tell; `as_staff`: for their role alone, not because the alert names them."""

    user: UUID
    channels: frozenset[Channel]
    as_staff: bool


def recipients(kind: Kind, people: Iterable[UUID]) -> list[Recipient]:
    """Those of `people` who belong here and, unless the kind is PERSONAL, who runs the farm: three queries.

    Who is wanted by no channel is left out.
    """
    named = set(people)
    asked = Q(user__in=named)
    if kind not in PERSONAL:
        asked |= Q(role__gte=Role.OPERATOR)
    members = Membership.objects.filter(asked, org=current_org(), user__is_active=True)
    roles = dict(members.values_list("user", "role"))
    chosen = Choices([(kind, user) for user in roles])
    told = [
        Recipient(user, chosen.channels(kind, user, Role(role)), user not in named)
        for user, role in roles.items()
    ]
    # A superadmin may work here without being a member.
    visitors = named - roles.keys()
    if visitors:
        visiting = User.objects.filter(pk__in=visitors, is_superadmin=True, is_active=True)
        told += [Recipient(user, _QUIET, False) for user in visiting.values_list("pk", flat=True)]
    return [one for one in told if one.channels]


class Choices:
    """What people chose by Preference rows, read at once for pairs of kind and person."""

    def __init__(self, asked: Collection[tuple[str, UUID]]) -> None:
        kinds, people = {kind for kind, _ in asked}, {user for _, user in asked}
        rows = (
            Preference.objects.filter(kind__in=kinds, user__in=people) if asked else Preference.objects.none()
        )
        self._usual = Usual()
        self._rows = {
            (kind, user, channel): is_wanted
            for kind, user, channel, is_wanted in rows.values_list("kind", "user", "channel", "is_wanted")
        }

    def wants(self, kind: Kind, user: UUID, role: Role, channel: Channel) -> bool:
        chosen = self._rows.get((kind, user, channel))
        return self._usual.wants(kind, role, channel) if chosen is None else chosen

    def channels(self, kind: Kind, user: UUID, role: Role) -> frozenset[Channel]:
        return frozenset(one for one in _LOUD if self.wants(kind, user, role, one))


def endpoint_wants(endpoint: Endpoint, kind: str, severity: str) -> bool:
    """Whether an endpoint of the organisation is to be told. What is PERSONAL only if it names the kind, for
    many may read there.
    """
    is_meant = kind in endpoint.kinds if endpoint.kinds or kind in PERSONAL else True
    is_grave = _RANKS[Severity(severity)] >= _RANKS[Severity(endpoint.least_severity)]
    return endpoint.is_enabled and is_grave and is_meant
