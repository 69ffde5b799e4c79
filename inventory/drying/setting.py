"""An organisation's own rules of drying: setting one, and going back to the usual one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.trail import record
from inventory.filament import plain_name
from inventory.models import DryingRule

from .materials import USUAL, Rule
from .reckoning import own_rule

SAID = ("temperature_c", "hours", "valid_days")


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule in force. `pk` is that of the organisation's own, None for a usual one."""

    rule: Rule
    pk: UUID | None
    is_usual_too: bool


def listed() -> list[Listed]:
    """Every rule in force, by material."""
    own = {row.material: row for row in DryingRule.objects.all()}
    usual = [Listed(rule, None, True) for name, rule in USUAL.items() if name not in own]
    mine = [Listed(own_rule(row), row.pk, name in USUAL) for name, row in own.items()]
    return sorted([*usual, *mine], key=lambda one: one.rule.material)


def set_rule(material: str, said: Mapping[str, Any]) -> DryingRule:
    """Let `said` (all of SAID) be the rule for `material`. ValidationError names the field that can't be."""
    name = plain_name(material)
    if not name:
        raise ValidationError({"material": _("Name the material, as PETG or PA-CF.")})
    with transaction.atomic():
        # Two who make the first rule of a material at once take turns by its unique name.
        DryingRule(material=name, **said).full_clean(validate_unique=False, validate_constraints=False)
        row, is_new = DryingRule.objects.get_or_create(material=name, defaults=dict(said))
        row = DryingRule.objects.select_for_update().get(pk=row.pk)
        before = {} if is_new else _told(row)
        for field, value in said.items():
            setattr(row, field, value)
        row.save(update_fields=list(SAID))
        if before != _told(row):
            record("drying_rule.set", row, before=before, after=_told(row))
    return row


def forget(row: DryingRule) -> None:
    """Back to the usual rule, or to none where the material has no usual one."""
    with transaction.atomic():
        kept = DryingRule.objects.select_for_update().filter(pk=row.pk).first()
        if kept is not None:
            record("drying_rule.forget", kept, before=_told(kept))
            kept.delete()


def _told(row: DryingRule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SAID}
