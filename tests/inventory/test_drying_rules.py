"""Which material is dried how, and when a spool is due."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from audit.models import Entry
from inventory.drying import setting
from inventory.drying.due import Dryness, standing
from inventory.drying.materials import USUAL, Rule, advice, names_for, rule_for
from inventory.drying.models import check_days, check_hours, check_temperature
from inventory.drying.reckoning import Rules, due_spools, needs_drying, with_dry_until
from inventory.models import DryingRule, Location, Spool
from tests.factories.inventory import make_filament, make_spool

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("material", "rule"),
    [
        ("PLA", "PLA"), ("pla+", "PLA"), ("PLA Basic", "PLA"), ("PLA-CF", "PLA-CF"), ("PLA CF", "PLA-CF"),
        ("PETG HF", "PETG"), ("PET-CF", "PET"), ("PA-CF", "PA"), ("PA6-CF", "PA"), ("PA12", "PA"),
        ("PAHT-CF", "PA"), ("Nylon", "PA"), ("TPU95A", "TPU"), ("TPU 95A", "TPU"), ("PC/ABS", "PC"),
        ("PPA-CF", "PPA"), ("Unobtainium", None), ("", None), ("🧵", None),
    ],
)  # fmt: skip
def test_a_material_has_the_rule_of_its_nearest_kin(material, rule):
    found = rule_for(material)

    assert (found.material if found else None) == rule


def test_a_variety_of_your_own_wins_over_its_family():
    rules = {**USUAL, "PA-CF": Rule("PA-CF", 100, 8, 2)}

    assert rule_for("PA6-CF", rules).temperature_c == 100
    assert rule_for("PA6", rules).temperature_c == USUAL["PA"].temperature_c
    assert names_for("PA6-CF") == ["PA6-CF", "PA-CF", "PA6", "PA"]


@pytest.mark.parametrize("rule", USUAL.values(), ids=lambda rule: rule.material)
def test_usual_rules_are_such_as_people_may_set_themselves(rule):
    check_temperature(rule.temperature_c)
    check_hours(rule.hours)
    if rule.valid_days is not None:
        check_days(rule.valid_days)
    assert rule_for(rule.material) is rule


def test_together_spools_are_dried_as_the_most_delicate_bears():
    assert advice([USUAL["PA"], None, USUAL["PETG"]]) == {"temperature_c": 70, "hours": 12}
    assert advice([None]) == {}


@pytest.mark.parametrize(
    ("opened", "dried", "wanted"),
    [
        (None, None, Dryness.SEALED),
        (2, None, Dryness.DRY),
        (3, None, Dryness.DUE),
        (90, 2, Dryness.DRY),
        (90, 3, Dryness.DUE),
        (1, 4, Dryness.DUE),
        (None, 4, Dryness.DUE),
    ],
)
def test_days_count_from_the_last_drying_else_from_when_it_was_opened(opened, dried, wanted):
    at = {name: None if days is None else NOW - days * DAY for name, days in (("o", opened), ("d", dried))}

    found = standing(USUAL["PA"], at["o"], at["d"], NOW)

    assert found.dryness is wanted
    assert found.is_due == (wanted is Dryness.DUE)


@pytest.mark.parametrize("rule", [None, Rule("PLA", 50, 8)])
def test_nobody_is_reminded_of_a_material_without_limit(rule):
    assert standing(rule, NOW - 900 * DAY, None, NOW).dryness is Dryness.UNLIMITED


def test_the_database_and_the_rule_agree(acme):
    setting.set_rule("PA6-CF", {"temperature_c": 90, "hours": 10, "valid_days": 10})
    moments = [None, NOW - 2 * DAY, NOW - 3 * DAY, NOW - 8 * DAY, NOW - 40 * DAY]
    for material in ("PA", "PA6-CF", "PETG HF", "PLA", "Unobtainium"):
        filament = make_filament(material)
        for opened in moments:
            for dried in moments:
                make_spool(filament, opened_at=opened, dried_at=dried)
                make_spool(filament, opened_at=opened, dried_at=dried, location="Box")
    Location.objects.filter(name="Box").update(is_dry_box=True)
    rules = Rules()
    told = {one.pk: rules.standing(one, NOW) for one in Spool.objects.select_related("filament")}

    due = set(Spool.objects.filter(needs_drying(NOW)).values_list("pk", flat=True))
    rest = set(Spool.objects.exclude(needs_drying(NOW)).values_list("pk", flat=True))
    until = dict(with_dry_until(Spool.objects.all()).values_list("pk", "dry_until"))

    assert due == {pk for pk, one in told.items() if one.is_due}
    assert len(due) > 20
    assert rest == set(told) - due
    boxed = {one.pk for one in Spool.objects.filter(location="Box")}
    assert not due & boxed
    assert {pk: at for pk, at in until.items() if pk not in boxed} == {
        pk: one.until for pk, one in told.items() if pk not in boxed
    }


def test_an_archived_spool_is_never_due(acme):
    make_spool(make_filament("PA"), opened_at=NOW, archived_at=NOW)

    assert not due_spools()


def test_the_longest_due_comes_first(acme):
    late = make_spool(make_filament("PA"), opened_at=NOW - 9 * DAY)
    later = make_spool(make_filament("PVA"), opened_at=NOW - 9 * DAY)

    assert list(due_spools()) == [later, late]


def test_an_own_rule_is_set_changed_and_forgotten_and_told(acme):
    said = {"temperature_c": 65, "hours": 6, "valid_days": 14}
    setting.set_rule("petg", said)
    row = setting.set_rule("PETG ", {**said, "valid_days": None})

    assert Rules().of("PETG HF") == Rule("PETG", 65, 6, None)
    assert [one.pk for one in setting.listed() if one.rule.material == "PETG"] == [row.pk]
    setting.forget(row)
    assert Rules().of("PETG") == USUAL["PETG"]
    told = Entry.objects.filter(target_type="inventory.dryingrule").order_by("pk")
    assert [entry.action for entry in told] == ["drying_rule.set"] * 2 + ["drying_rule.forget"]
    assert told[1].before == {"valid_days": 14}


@pytest.mark.parametrize(
    ("material", "changed", "field"),
    [("+", {}, "material"), ("PA", {"temperature_c": 900}, "temperature_c"), ("PA", {"hours": -1}, "hours"),
     ("PA", {"valid_days": 0}, "valid_days"), ("PA", {"valid_days": 100_000}, "valid_days")],
)  # fmt: skip
def test_an_absurd_rule_is_refused_in_words(acme, material, changed, field):
    with pytest.raises(ValidationError) as caught:
        setting.set_rule(material, {"temperature_c": 80, "hours": 8, "valid_days": 7, **changed})

    assert list(caught.value.message_dict) == [field]
    assert not DryingRule.objects.exists()
