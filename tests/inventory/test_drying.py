"""Sessions of drying."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tenants.utils import tenant_context

from audit.models import Entry
from inventory.drying import sessions
from inventory.models import Drying, Spool
from inventory.refusing import Refused
from tests.factories.inventory import make_filament, make_spool

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAID = {"at": NOW, "temperature_c": 65, "hours": Decimal(8)}


def dried_at(spool):
    return Spool.objects.get(pk=spool.pk).dried_at


def test_a_session_of_several_spools_is_one_row_each(acme, person):
    spools = [make_spool(make_filament("PETG")), make_spool(make_filament("PA"))]

    made = sessions.add(spools, {**SAID, "device": "S4", "humidity_before": 40}, person("operator"))

    assert {one.spool_id for one in made} == {spool.pk for spool in spools}
    assert {(one.device, one.humidity_before, one.by.name) for one in made} == {
        ("S4", 40, person("operator").name)
    }
    assert [dried_at(spool) for spool in spools] == [NOW, NOW]
    assert Entry.objects.filter(action="drying.add").count() == 2


def test_a_spool_is_dry_since_the_latest_session_whatever_is_written_down_later(acme):
    spool = make_spool()
    first, second = (sessions.add([spool], {**SAID, "at": NOW - d * HOUR}, None)[0] for d in (0, 48))

    assert dried_at(spool) == NOW
    sessions.edit(first, {"at": NOW - 99 * HOUR})
    assert dried_at(spool) == second.at
    sessions.delete(second)
    assert dried_at(spool) == NOW - 99 * HOUR
    sessions.delete(first)
    sessions.delete(first)
    assert dried_at(spool) is None
    told = Entry.objects.filter(action__in=["drying.edit", "drying.delete"]).order_by("pk")
    assert [one.action for one in told] == ["drying.edit", "drying.delete", "drying.delete"]
    assert told[0].before == {"at": NOW.isoformat()}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"hours": Decimal(-3)}, "more than 0"),
        ({"hours": Decimal(0)}, "more than 0"),
        ({"hours": Decimal(241)}, "at most 240"),
        ({"temperature_c": 900}, "not at 900"),
        ({"temperature_c": -5}, "not at -5"),
        ({"humidity_before": 101}, "0 to 100 %"),
        ({"humidity_after": -1}, "0 to 100 %"),
        ({"at": timezone.now() + 2 * HOUR}, "still to come"),
        ({"at": datetime(1999, 1, 1, tzinfo=UTC)}, "ten years"),
        ({"note": "x" * 501}, "500"),
    ],
)
def test_what_cannot_be_true_is_refused_in_words_by_its_field(acme, changed, words):
    spool = make_spool()

    with pytest.raises(ValidationError, match=words) as caught:
        sessions.add([spool], {**SAID, **changed}, None)

    assert list(caught.value.message_dict) == list(changed)
    assert not Drying.objects.exists()
    assert dried_at(spool) is None


def test_a_spool_is_in_one_dryer_at_a_time_so_a_second_click_is_refused(acme):
    spool = make_spool()
    sessions.add([spool], SAID, None)

    for hours in (-7, 0, 7):
        with pytest.raises(Refused, match=f"#{spool.number} was in a dryer"):
            sessions.add([spool], {**SAID, "at": NOW + hours * HOUR}, None)
    sessions.add([spool], {**SAID, "at": NOW + 8 * HOUR}, None)
    sessions.add([spool], {**SAID, "at": NOW - 8 * HOUR}, None)

    assert spool.dryings.count() == 3


def test_a_session_is_kept_for_all_its_spools_or_for_none(acme):
    spool, gone = make_spool(), make_spool(archived_at=NOW)

    with pytest.raises(Refused, match=f"#{gone.number} is archived"):
        sessions.add([spool, gone], SAID, None)

    assert not Drying.objects.exists()


def test_a_session_is_not_moved_over_another(acme):
    spool = make_spool()
    first, second = (sessions.add([spool], {**SAID, "at": NOW - d * HOUR}, None)[0] for d in (0, 48))

    with pytest.raises(Refused, match="at that time already"):
        sessions.edit(second, {"at": first.at - HOUR})
    sessions.edit(first, {"note": "label says 65"})

    assert Drying.objects.get(pk=second.pk).at == second.at


def test_a_session_that_somebody_deleted_is_not_changed(acme):
    (one,) = sessions.add([make_spool()], SAID, None)
    Drying.objects.all().delete()

    with pytest.raises(Refused, match="deleted this session"):
        sessions.edit(one, {"note": "late"})


def test_of_two_clicks_at_once_one_is_kept(for_real, at_once):
    with tenant_context(for_real):
        spools = [make_spool(), make_spool()]

    def click(order):
        return lambda: sessions.add(order, SAID, None)

    outcomes = at_once(click(spools), click(spools[::-1]))

    with tenant_context(for_real):
        assert [type(one) for one in outcomes].count(Refused) == 1
        assert Drying.objects.count() == 2
