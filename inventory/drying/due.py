"""When a spool needs drying. Pure; `inventory.drying.reckoning` says the same in SQL."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .materials import Rule


class Dryness(StrEnum):
    """`unlimited` is a material nobody is reminded of; `sealed` was neither opened nor dried yet; `boxed`
    lies in a dry box.
    """

    DUE = "due"
    DRY = "dry"
    SEALED = "sealed"
    UNLIMITED = "unlimited"
    BOXED = "boxed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How dry a spool is taken to be. `since` it was dried, or opened if it never was; dry `until`."""

    dryness: Dryness
    rule: Rule | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_due(self) -> bool:
        return self.dryness is Dryness.DUE


def standing(
    rule: Rule | None,
    opened_at: datetime | None,
    dried_at: datetime | None,
    now: datetime,
    *,
    is_boxed: bool = False,
) -> Standing:
    """Days are whole days from the end of the last drying, else from when it was opened.

    `is_boxed`: it lies in a dry box, where nobody is reminded of it.
    """
    since = dried_at or opened_at
    if is_boxed:
        return Standing(Dryness.BOXED, rule, since)
    if rule is None or rule.valid_days is None:
        return Standing(Dryness.UNLIMITED, rule, since)
    if since is None:
        return Standing(Dryness.SEALED, rule)
    until = since + timedelta(days=rule.valid_days)
    return Standing(Dryness.DUE if until <= now else Dryness.DRY, rule, since, until)
