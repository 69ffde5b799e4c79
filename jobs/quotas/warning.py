"""Telling people that a quota is nearly or wholly used: once for each quota, person and period."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from alerts.kinds import Kind
from alerts.models import Alert
from alerts.raising import raise_alert
from orgs.current import current_org
from orgs.models import Membership
from orgs.roles import Role

from . import wording
from .measuring import Periods
from .rules import FULL, PER_PERSON, Applicant, Rule, level, subject_of

Used = Mapping[UUID, Decimal]


def warn(rules: Sequence[Rule], to: Applicant, before: Used, after: Used, periods: Periods) -> None:
    """Raise an alert for each of `rules` that has just passed 80 or 100 %.

    It goes to the person, and where a department or the organisation shares the quota to the admins too.
    """
    for rule in rules:
        reached = level(rule, after[rule.id])
        if reached > level(rule, before[rule.id]):
            _raise(rule, to, reached, after[rule.id], periods)


def _raise(rule: Rule, to: Applicant, reached: int, used: Decimal, periods: Periods) -> None:
    period = periods[rule.span]
    cause = f"quota:{rule.id}:{subject_of(rule, to)}:{period.start:%Y%m%d}:{reached}"
    # An alert that was closed is not raised again: what is cancelled and submitted again is no news.
    if Alert.objects.filter(cause=cause).exists():
        return
    title = _("A quota is used up: %(used)s") if reached == FULL else _("A quota is nearly used: %(used)s")
    raise_alert(
        Kind.QUOTA_NEAR,
        cause,
        title % {"used": wording.of_limit(rule, used)},
        detail=_("It is for %(whom)s and renews on %(when)s.")
        % {"whom": rule.whom, "when": wording.renews(period)},
        people=_told(rule, to),
    )


def _told(rule: Rule, to: Applicant) -> set[UUID]:
    person = {to.user_id} if to.user_id else set()
    if rule.who in PER_PERSON:
        return person
    admins = Membership.objects.filter(org=current_org(), role=Role.ADMIN)
    return person | set(admins.values_list("user_id", flat=True))
