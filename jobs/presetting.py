"""Presets: options of a job under a name, for everybody or for one person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import record
from inventory.models import Spool
from orgs.models import Membership
from printers.models import Printer
from printers.visible import visible_printers

from .models import Job, Preset
from .submitting import Order
from .vetting import most_priority

OPTIONS = (
    "copies", "target", "target_printer", "target_tag", "target_model", "filaments", "priority", "auto_start",
    "notes",
)  # fmt: skip
# Of one person, or of the organisation.
MOST = 100


@dataclass
class Applied:
    """A preset as it can be used now. `gone` says in words, by option, what it names that is gone."""

    filaments: list[dict[str, Any]]
    gone: dict[str, str] = field(default_factory=dict)


def visible(membership: Membership) -> "QuerySet[Preset]":
    """The organisation's presets and the person's own, by name; none for a printer they do not see."""
    seen = Preset.objects.filter(Q(owner=None) | Q(owner=membership.user_id))
    if membership.limited_to is not None:
        here = Q(target_printer=None) | Q(target_printer__in=visible_printers(membership))
        seen = seen.filter(here | Q(owner=membership.user_id))
    return seen.select_related("target_printer", "target_tag").order_by("name", "pk")


def may_change(membership: Membership, preset: Preset) -> bool:
    """One's own; the organisation's by whoever manages jobs."""
    return preset.owner_id == membership.user_id or (preset.owner_id is None and may_share(membership))


def may_share(membership: Membership) -> bool:
    return membership.may("job.manage")


def options_of(thing: Job | Preset) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in OPTIONS}


def add(name: str, options: Mapping[str, Any], owner: User | None) -> Preset:
    """Keep `options` under `name`, for `owner` or for everybody. ValidationError for a name that is taken."""
    if Preset.objects.filter(owner=owner).count() >= MOST:
        words = _("There are %(most)d presets already, the most there can be. Delete one first.")
        raise ValidationError({"name": words % {"most": MOST}})
    preset = Preset(name=" ".join(name.split()), owner=owner, **options)
    with transaction.atomic():
        _save(preset)
        record("preset.add", preset, after=_told(preset))
    return preset


def change(preset: Preset, fields: Mapping[str, Any]) -> None:
    """Set the name or options of a preset; ValidationError as `add`."""
    before = _told(preset)
    for name, value in fields.items():
        setattr(preset, name, " ".join(value.split()) if name == "name" else value)
    with transaction.atomic():
        _save(preset)
        record("preset.edit", preset, before=before, after=_told(preset))


def delete(preset: Preset) -> None:
    """Delete a preset. Jobs that were made from it stay."""
    with transaction.atomic():
        record("preset.delete", preset, before=_told(preset))
        preset.delete()


def apply(preset: Preset) -> Applied:
    """What the preset asks for, as far as it is still there. At most two queries."""
    applied = Applied([])
    if preset.target == Job.Target.PRINTER and preset.target_printer is None:
        applied.gone["target"] = _("The printer of this preset is gone: choose where to print.")
    elif preset.target == Job.Target.TAG and preset.target_tag is None:
        applied.gone["target"] = _("The tag of this preset is gone: choose where to print.")
    elif preset.target == Job.Target.MODEL and not Printer.objects.filter(model=preset.target_model).exists():
        words = _("There is no %(model)s any more: choose where to print.")
        applied.gone["target"] = words % {"model": preset.target_model}
    wanted = [wish["spool_id"] for wish in preset.filaments if wish.get("spool_id")]
    there = {
        str(pk) for pk in Spool.objects.filter(pk__in=wanted, archived_at=None).values_list("pk", flat=True)
    }
    for wish in preset.filaments:
        if wish.get("spool_id") and wish["spool_id"] not in there:
            words = _("The spool of filament %(number)d is gone or archived: choose another one.")
            applied.gone["filaments"] = words % {"number": wish["index"] + 1}
            wish = {name: value for name, value in wish.items() if name != "spool_id"}
        if len(wish) > 1:
            applied.filaments.append(wish)
    return applied


def fill(order: Order, preset: Preset, given: Collection[str], by: User) -> Order:
    """`order` with the preset's options but for those that are `given`, by their names in the API.

    A priority beyond what `by` may give is left at that. ValidationError names what the preset wants and is
    gone.
    """
    applied = apply(preset)
    if lost := {name: words for name, words in applied.gone.items() if name not in given}:
        raise ValidationError(lost)
    values: dict[str, Any] = {"notes": preset.notes, "copies": preset.copies, "auto_start": preset.auto_start}
    values["priority"] = min(preset.priority, most_priority(by))
    fields = {name: value for name, value in values.items() if name not in given}
    if "target" not in given:
        fields |= {
            "target": preset.target,
            "printer": preset.target_printer,
            "tag": preset.target_tag,
            "model": preset.target_model,
        }
    if "filaments" not in given:
        fields["filaments"] = applied.filaments
    return replace(order, **fields)


def _save(preset: Preset) -> None:
    preset.full_clean(exclude=["target_printer", "target_tag"], validate_constraints=False)
    taken = Preset.objects.filter(name__iexact=preset.name, owner=preset.owner_id).exclude(pk=preset.pk)
    clash = ValidationError({"name": _("There is a preset of this name already.")})
    if taken.exists():
        raise clash
    try:
        with transaction.atomic():
            preset.save()
    except IntegrityError as error:
        raise clash from error


def _told(preset: Preset) -> dict[str, Any]:
    options = {name: value for name, value in options_of(preset).items() if value not in (None, "", [])}
    return {"name": preset.name, "shared": preset.owner_id is None, **options}
