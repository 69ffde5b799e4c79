"""What filament weighs."""

from decimal import Decimal

import pytest

from inventory.filament import mass_of


@pytest.mark.parametrize(
    ("length_mm", "diameter_mm", "density", "grams"),
    [
        # A metre of 1.75 mm is 2.4053 cm³, of 2.85 mm 6.3794 cm³.
        (1000, "1.75", "1.24", "2.983"),
        (1000, "1.75", "1.04", "2.501"),
        (1000, "2.85", "1.24", "7.910"),
        (0, "1.75", "1.24", "0"),
    ],
)
def test_length_weighs_by_thickness_and_density(length_mm, diameter_mm, density, grams):
    found = mass_of(Decimal(length_mm), Decimal(diameter_mm), Decimal(density))

    assert found == pytest.approx(Decimal(grams), abs=Decimal("0.001"))


def test_without_a_spool_it_is_the_usual_pla():
    assert mass_of(Decimal(1000)) == mass_of(Decimal(1000), Decimal("1.75"), Decimal("1.24"))
