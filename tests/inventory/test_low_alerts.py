"""A filament that runs low is told once, until there is enough of it again."""

from decimal import Decimal

import pytest

from alerts.models import Alert
from alerts.reading import acknowledge
from inventory import keeping, products, warning, weighing
from inventory.models import Filament, Spool
from tests.factories.inventory import make_filament, make_spool


@pytest.fixture
def pla(acme):
    filament = make_filament("PLA")
    Filament.objects.filter(pk=filament.pk).update(low_g=500)
    make_spool(filament, initial_g=Decimal(1000))
    filament.refresh_from_db()
    return filament


def use_up(filament, left):
    weighing.weigh(Spool.objects.get(filament=filament), Decimal(left))
    warning.tell()


def test_a_filament_is_told_when_less_than_its_least_is_left(pla):
    warning.tell()
    assert not Alert.objects.exists()

    use_up(pla, 499)

    alert = Alert.objects.get()
    assert (alert.kind, alert.target_id) == ("spool.low", pla.pk)
    assert "499" in alert.detail


def test_it_is_told_once_however_often_one_looks(pla):
    use_up(pla, 499)
    use_up(pla, 400)

    assert Alert.objects.get().count == 1


def test_acknowledged_it_is_not_told_again_while_it_stays_low(pla, person):
    use_up(pla, 499)
    acknowledge(Alert.objects.all(), person("operator").pk)

    use_up(pla, 300)

    assert Alert.objects.count() == 1


def test_buying_some_closes_it_and_running_low_again_is_news(pla):
    use_up(pla, 499)
    keeping.add(pla, initial_g=Decimal(1000))
    warning.tell()
    assert Alert.objects.get().resolved_at

    for spool in Spool.objects.filter(filament=pla):
        keeping.archive(spool)
    warning.tell()

    assert Alert.objects.filter(resolved_at=None).count() == 1


def test_a_filament_without_a_least_is_never_told(pla):
    products.edit_filament(pla, {"low_g": None})

    use_up(pla, 1)

    assert not Alert.objects.exists()


def test_whatever_changes_the_stock_makes_somebody_look(pla, monkeypatch):
    looked = []
    monkeypatch.setattr("inventory.news.agenda.due_without_waiting", looked.append)

    weighing.weigh(Spool.objects.get(filament=pla), Decimal(400))
    keeping.add(pla)
    keeping.archive(Spool.objects.filter(filament=pla).first())
    products.edit_filament(pla, {"low_g": Decimal(700)})

    assert looked == ["inventory.look"] * 4
