"""A spool is in at most one slot, a slot holds at most one spool."""

from functools import partial

import pytest

from audit.models import Entry
from inventory.keeping import archive, restore
from inventory.loading import load, unload
from inventory.models import Spool
from inventory.refusing import Refused
from orgs.models import Due
from printers import live
from tests.factories.inventory import make_spool
from tests.factories.printers import make_printer


def lines():
    return list(
        Entry.objects.filter(action__startswith="spool.").order_by("pk").values_list("action", flat=True)
    )


def test_loading_opens_a_new_spool_and_wakes_the_queue(acme):
    spool, slot = make_spool(), make_printer().slots.get()
    Due.objects.all().delete()

    assert load(spool, slot) is None

    spool.refresh_from_db()
    assert spool.slot == slot
    assert spool.opened_at is not None
    assert Due.objects.get(task="jobs.match").due_at is not None
    line = Entry.objects.get(action="spool.load")
    assert (line.before, line.after) == ({"slot": None}, {"slot": str(slot)})


def test_pages_that_show_the_printer_hear_of_it_once_it_is_committed(
    acme, django_capture_on_commit_callbacks
):
    spool, printer = make_spool(), make_printer()
    before = live.version_of(acme.pk)

    with django_capture_on_commit_callbacks(execute=True):
        load(spool, printer.slots.get())

    assert live.changes_since(acme.pk, before)[1] == {printer.pk}


def test_loading_into_a_taken_slot_unloads_the_other_spool(acme):
    slot, first, second = make_printer().slots.get(), make_spool(), make_spool()
    load(first, slot)

    assert load(second, slot) == first

    first.refresh_from_db()
    assert first.slot is None
    assert lines() == ["spool.load", "spool.unload", "spool.load"]


def test_a_spool_leaves_its_slot_when_it_is_loaded_elsewhere(acme):
    spool, one, other = make_spool(), make_printer().slots.get(), make_printer().slots.get()
    load(spool, one)

    load(spool, other)

    assert list(Spool.objects.filter(slot=one)) == []
    assert Spool.objects.get(slot=other) == spool


def test_loading_where_it_already_is_changes_nothing(acme):
    spool, slot = make_spool(), make_printer().slots.get()
    load(spool, slot)

    assert load(spool, slot) is None

    assert lines() == ["spool.load"]


def test_unloading_what_is_not_loaded_changes_nothing(acme):
    assert unload(make_spool()) is False

    assert lines() == []


def test_an_archived_spool_is_unloaded_and_not_loaded_again_before_it_is_restored(acme):
    spool, slot = make_spool(), make_printer().slots.get()
    load(spool, slot)
    archive(spool)

    with pytest.raises(Refused, match="archived"):
        load(spool, slot)
    restore(spool)
    load(spool, slot)

    assert Spool.objects.get(slot=slot) == spool


def test_two_spools_loaded_into_one_slot_at_once_end_with_one_in_it(for_real, at_once):
    slot, spools = make_printer().slots.get(), [make_spool() for _ in range(4)]

    outcomes = at_once(*(partial(load, spool, slot) for spool in spools))

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert Spool.objects.filter(slot__isnull=False).count() == 1


def test_one_spool_loaded_into_two_slots_at_once_ends_in_one(for_real, at_once):
    spool, slots = make_spool(), [make_printer().slots.get() for _ in range(4)]

    outcomes = at_once(*(partial(load, spool, slot) for slot in slots))

    assert outcomes == [None] * 4
    assert Spool.objects.get(pk=spool.pk).slot in slots
