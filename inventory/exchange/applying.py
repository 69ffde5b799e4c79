"""Taking in a table of spools that somebody looked through: all of it in one transaction, once."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.trail import record
from inventory import keeping, locations, products
from inventory.consumption import consume
from inventory.models import Filament, Spool, SpoolImport, Usage
from inventory.news import loaded_changed, stock_changed
from orgs.current import current_org

from .drafts import sheet_of
from .kinds import Wish
from .planning import Change, Plan, plan_of

BATCH = 500


class Outdated(Exception):
    """Something changed since the person looked: they have to look again."""


def plan_for(draft: SpoolImport, *, holds: bool = False) -> Plan:
    return plan_of(sheet_of(draft), sets_left=draft.sets_left, with_archived=draft.with_archived, holds=holds)


def take_in(draft: SpoolImport, digest: str) -> dict[str, Any]:
    """Do what the plan of `digest` says and return how much that was; lines with flaws are left out.

    A second call returns what the first one did. Outdated if the plan would be another one by now.
    """
    with transaction.atomic():
        _take_turns()
        locked = SpoolImport.objects.select_for_update().get(pk=draft.pk)
        if locked.done_at is not None:
            return dict(locked.outcome)
        plan = plan_for(locked, holds=True)
        if plan.digest != digest:
            raise Outdated
        outcome = _applied(plan, locked)
        locked.done_at, locked.outcome = timezone.now(), outcome
        locked.save(update_fields=["done_at", "outcome"])
        record("spool.import", locked, after=outcome)
        stock_changed()
        transaction.on_commit(partial(default_storage.delete, locked.path), robust=True)
    return outcome


def _take_turns() -> None:
    """Two imports at once might both add what the other adds too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import {current_org().schema_name}"])


def _applied(plan: Plan, draft: SpoolImport) -> dict[str, Any]:
    for wish in plan.new_filaments:
        wish.filament = products.add_filament(wish.fields)
    for wish in plan.changed_filaments:
        products.edit_filament(_filament_of(wish), wish.changes)
    _name_places([*plan.added, *plan.changed])
    added = _add(plan.added)
    _edit(plan.changed)
    numbers = [spool.number for spool in added]
    return {
        "name": draft.name,
        "added": len(added),
        "changed": len(plan.changed),
        "same": plan.same,
        "left_out": plan.left_out,
        "flawed": plan.flawed_lines,
        "new_filaments": len(plan.new_filaments),
        "changed_filaments": len(plan.changed_filaments),
        "first": min(numbers, default=None),
        "last": max(numbers, default=None),
    }


def _name_places(changes: Sequence[Change]) -> None:
    """Let spools name places as these are known; new ones are added, each once."""
    wanted = {change.fields["location"] for change in changes if "location" in change.fields}
    known = {name: locations.named(name) for name in sorted(wanted)}
    for change in changes:
        if "location" in change.fields:
            change.fields["location"] = known[change.fields["location"]]


def _filament_of(wish: Wish | None) -> Filament:
    if wish is None or wish.filament is None:
        raise LookupError("the filament was not added")
    return wish.filament


def _add(changes: Sequence[Change]) -> list[Spool]:
    """New spools, many in one statement: a farm brings thousands."""
    now = timezone.now()
    spools = []
    for change in changes:
        spool = Spool(filament=_filament_of(change.wish), **change.fields)
        if "cost" not in change.fields:
            spool.cost = keeping.cost_of(spool.filament, spool.initial_g)
        spool.used_g = spool.initial_g - change.left_g if change.left_g is not None else spool.used_g
        if spool.used_g:
            spool.left_source = Spool.Source.ESTIMATED
        spool.archived_at = now if change.archived else None
        spools.append(spool)
    Spool.objects.bulk_create(spools, batch_size=BATCH)
    # As keeping.add does it: the ledger's sum is always what is used.
    used = [
        Usage(spool=spool, grams=spool.used_g, reference=f"before:{spool.pk}", kind=Usage.Kind.BEFORE)
        for spool in spools
        if spool.used_g
    ]
    Usage.objects.bulk_create(used, batch_size=BATCH)
    return spools


def _edit(changes: Sequence[Change]) -> None:
    spools = [_spool_of(change) for change in changes]
    names: set[str] = set()
    for change in changes:
        names |= _set(change)
    if names:
        # Unique ids may change places, so they are let go of first.
        _let_go_of_ids(changes)
        Spool.objects.bulk_update(spools, sorted(names), batch_size=BATCH)
    loaded_changed({spool.slot.printer_id for spool in spools if spool.slot})
    for change in changes:
        _settle(change)


def _set(change: Change) -> set[str]:
    """Set on the spool what the line says, and write it down; returns the fields that are to be saved."""
    spool = _spool_of(change)
    before = {name: getattr(spool, name) for name in change.fields}
    after = dict(change.fields)
    if change.wish is not None and change.wish.filament != spool.filament:
        before["filament"], after["filament"] = str(spool.filament), str(change.wish)
        spool.filament = _filament_of(change.wish)
    for name, value in change.fields.items():
        setattr(spool, name, value)
    if after:
        record("spool.edit", spool, before=before, after=after)
    return set(after)


def _let_go_of_ids(changes: Iterable[Change]) -> None:
    moved = [_spool_of(change).pk for change in changes if "external_id" in change.fields]
    if moved:
        Spool.objects.filter(pk__in=moved).update(external_id="")


def _spool_of(change: Change) -> Spool:
    if change.spool is None:
        raise LookupError("a new spool is not changed")
    return change.spool


def _settle(change: Change) -> None:
    """What is left on a known spool, and whether it is put away."""
    spool = _spool_of(change)
    if change.left_g is not None:
        before = spool.left_g
        taken = spool.initial_g - spool.used_g - change.left_g
        consume(spool, taken, f"imported:{uuid7()}", kind=Usage.Kind.IMPORTED)
        record("spool.weigh", spool, before={"grams_left": before}, after={"grams_left": change.left_g})
    if change.archived is True:
        keeping.archive(spool)
    elif change.archived is False:
        keeping.restore(spool)
