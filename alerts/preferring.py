"""What a person chose to be told, and by which channels."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction

from audit.trail import record
from orgs.roles import Role

from .kinds import PERSONAL, SEVERITY, Channel, Kind, Severity
from .models import Preference, RoleDefault
from .wanting import Usual, wanted

Choice = tuple[str, ...]
# The list in the app always tells; webhooks are the organisation's.
CHOSEN = (Channel.EMAIL, Channel.PUSH, Channel.CHAT)
# What may be about a viewer's own jobs.
OF_VIEWERS = PERSONAL | {Kind.PRINT_DONE, Kind.PRINT_FAILED}


def kinds_for(role: Role) -> list[Kind]:
    """The kinds that somebody of `role` can be told of at all."""
    return [kind for kind in Kind if role >= Role.OPERATOR or kind in OF_VIEWERS]


def usual(role: Role) -> set[Choice]:
    """The pairs of who changed nothing, as the organisation has them."""
    here = Usual()
    return {(kind, channel) for kind, channel in _pairs(role) if here.wants(kind, role, channel)}


def built_in(role: Role) -> set[Choice]:
    """The pairs of who changed nothing where the organisation changed nothing either."""
    return {(kind, channel) for kind, channel in _pairs(role) if channel in wanted(kind, role)}


def set_usual(role: Role, choices: Iterable[Choice]) -> None:
    """Make these pairs and no others the usual ones of `role`. Who chose something keeps what they chose.

    Unknown ones are left out; only what differs from the built-in ones is kept.
    """
    asked = set(choices) & _all(role)
    with transaction.atomic():
        before = usual(role)
        RoleDefault.objects.filter(role=role).delete()
        # Two clicks at once write the same rows.
        RoleDefault.objects.bulk_create(
            [
                RoleDefault(role=role, kind=kind, channel=channel, is_wanted=(kind, channel) in asked)
                for kind, channel in asked ^ built_in(role)
            ],
            update_conflicts=True,
            unique_fields=["role", "kind", "channel"],
            update_fields=["is_wanted"],
        )
        if before != asked:
            after = {"role": role.word, **_by_kind(asked - before)}
            record("alert.defaults", before=_by_kind(before - asked), after=after)


def chosen(person: UUID, role: Role) -> set[Choice]:
    """The pairs of kind and channel by which `person` is told: their role's, as they changed them."""
    found = usual(role)
    for kind, channel, is_wanted in Preference.objects.filter(user=person).values_list(
        "kind", "channel", "is_wanted"
    ):
        (found.add if is_wanted else found.discard)((kind, channel))
    return found & _all(role)


def choose(person: UUID, role: Role, choices: Iterable[Choice]) -> None:
    """Tell `person` by these pairs and no others. Unknown ones are left out.

    Only what differs from the role's usual ones is kept, so that whoever changed nothing follows their role.
    """
    every, by_role = _all(role), usual(role)
    asked = set(choices) & every
    with transaction.atomic():
        before = chosen(person, role)
        kept = [
            Preference(user_id=person, kind=kind, channel=channel, is_wanted=(kind, channel) in asked)
            for kind, channel in asked ^ by_role
        ]
        Preference.objects.filter(user=person, kind__in={kind for kind, _channel in every}).delete()
        # Two clicks at once write the same rows.
        Preference.objects.bulk_create(
            kept,
            update_conflicts=True,
            unique_fields=["user", "kind", "channel"],
            update_fields=["is_wanted"],
        )
        if before != asked:
            record("alert.prefer", before=_by_kind(before - asked), after=_by_kind(asked - before))


def choice_rows(role: Role, now: set[Choice]) -> list[tuple[Kind, Severity, list[tuple[Channel, bool]]]]:
    """A row for each kind, and in it whether each channel tells of it."""
    return [
        (kind, SEVERITY[kind], [(channel, (kind, channel) in now) for channel in CHOSEN])
        for kind in kinds_for(role)
    ]


def _all(role: Role) -> set[Choice]:
    return set(_pairs(role))


def _pairs(role: Role) -> list[tuple[Kind, Channel]]:
    return [(kind, channel) for kind in kinds_for(role) for channel in CHOSEN]


def _by_kind(choices: Iterable[Choice]) -> Mapping[str, list[str]]:
    told: dict[str, list[str]] = {}
    for kind, channel in sorted(choices):
        told.setdefault(kind, []).append(channel)
    return told
