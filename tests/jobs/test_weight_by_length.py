"""Files that tell a length of filament and no weight."""

from dataclasses import replace
from decimal import Decimal

from inventory.models import Filament, Spool, Usage
from jobs.loading import FilamentNeed, LoadedSlot, assign
from printers.drivers.driver import MachineState

from .conftest import revision_of


def test_print_without_a_weight_takes_its_length_off_the_spool(shop):
    Filament.objects.update(density=Decimal("1.04"))
    shop.revision = revision_of(shop.by, grams=0.0)
    job = shop.job()
    # Without a spool yet: PLA of 1.24 g/cm³.
    assert job.grams == Decimal("2.98")

    shop.started()
    shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    assert Usage.objects.get().grams == Decimal("2.50")
    assert Spool.objects.get().used_g == Decimal("502.50")
    job.refresh_from_db()
    assert job.grams == Decimal("2.50")


def test_length_is_weighed_by_what_is_loaded():
    need = FilamentNeed(0, "PLA", 0.0, length_mm=100_000)
    light = LoadedSlot(0, "PLA", grams_left=300.0, g_per_mm=0.0025)

    assert assign([need], [light]).enough is True
    assert assign([need], [replace(light, g_per_mm=0.0030)]).enough is False


def test_neither_weight_nor_length_leaves_it_unknown_whether_there_is_enough():
    loading = assign([FilamentNeed(0, "PLA", 0.0)], [LoadedSlot(0, "PLA", grams_left=300.0)])

    assert (loading.enough, loading.short_text) == (None, "unknown how much it takes")
