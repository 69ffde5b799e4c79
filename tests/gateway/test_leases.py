from datetime import timedelta

from django.utils import timezone

from gateway import leases
from orgs.models import Org
from stations.models import Station
from tests.factories.printers import make_printer

BAMBU = ["bambu"]


def a_bambu(number: int = 1):
    return make_printer(protocol="bambu", serial=f"01S{number}", address="10.3.0.1")


def let_expire(printer):
    Station.objects.filter(pk=printer.pk).update(link_until=timezone.now() - timedelta(hours=1))


def test_two_listeners_never_hold_one_station(acme):
    first, second = a_bambu(1), a_bambu(2)

    taken = leases.take("one", BAMBU)

    assert {lease.station_id for lease in taken} == {first.pk, second.pk}
    assert {lease.org_id for lease in taken} == {acme.pk}
    assert leases.take("two", BAMBU) == []


def test_a_lease_that_ended_goes_to_another_with_a_higher_epoch(acme):
    printer = a_bambu()
    (before,) = leases.take("one", BAMBU)
    let_expire(printer)

    (after,) = leases.take("two", BAMBU)

    assert after.epoch == before.epoch + 1
    assert leases.renew("one", [printer.pk], BAMBU) == set()
    assert leases.new_links("one", [printer.pk]) == {}
    assert leases.renew("two", [printer.pk], BAMBU) == {printer.pk}


def test_an_ended_lease_is_not_renewed_even_if_nobody_took_it(acme):
    printer = a_bambu()
    leases.take("one", BAMBU)
    let_expire(printer)

    assert leases.renew("one", [printer.pk], BAMBU) == set()


def test_every_new_link_has_a_higher_epoch(acme):
    printer = a_bambu()
    (lease,) = leases.take("one", BAMBU)

    assert leases.new_links("one", [printer.pk]) == {printer.pk: lease.epoch + 1}
    assert leases.new_links("one", [printer.pk]) == {printer.pk: lease.epoch + 2}


def test_a_released_station_is_free_at_once(acme):
    printer = a_bambu()
    leases.take("one", BAMBU)

    leases.release("one", [printer.pk])

    assert [lease.station_id for lease in leases.take("two", BAMBU)] == [printer.pk]


def test_only_enabled_pushing_printers_of_active_orgs_are_held(acme):
    make_printer()
    disabled = a_bambu()
    Station.objects.filter(pk=disabled.pk).update(enabled=False)
    assert leases.take("one", BAMBU) == []

    Station.objects.filter(pk=disabled.pk).update(enabled=True)
    leases.take("one", BAMBU)
    Org.objects.filter(pk=acme.pk).update(state=Org.State.SUSPENDED)
    assert leases.renew("one", [disabled.pk], BAMBU) == set()
