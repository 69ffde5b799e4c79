"""The catalogue of common models and how names are compared."""

import pytest

from printers.catalogue import aliases, find, known, normalised, same_model


def test_no_name_belongs_to_two_models():
    names = [name for model in known() for name in model.names]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Bambu Lab P1S 0.4 nozzle", "Bambu Lab P1S"),
        ("Bambu Lab A1 mini", "Bambu Lab A1 mini"),
        ("N1", "Bambu Lab A1 mini"),
        ("BL-P001", "Bambu Lab X1 Carbon"),
        ("Voron_v2_250_afterburner", "Voron 2.4 250"),
        ("Voron 2.4 250", "Voron 2.4 250"),
        ("ENDER3V2", "Creality Ender-3 V2"),
        ("creality  ender_3 v2", "Creality Ender-3 V2"),
        ("Original Prusa MK4S HF0.4 nozzle", "Prusa MK4S"),
        ("MK4IS", "Prusa MK4"),
        ("MINI+", "Prusa MINI"),
    ],
)
def test_a_model_is_found_by_any_of_its_names(written, name):
    assert find(written).name == name


def test_an_unknown_model_is_known_by_its_own_name_only():
    assert find("Garage One") is None
    assert aliases("Garage One") == {"garageone"}
    assert same_model("garage-one", "Garage One") is True


def test_files_of_the_x1_family_run_on_each_other():
    family = ["Bambu Lab X1", "Bambu Lab X1 Carbon", "Bambu Lab X1E", "Bambu Lab P1P", "Bambu Lab P1S"]

    assert all(same_model(one, other) for one in family for other in family)


@pytest.mark.parametrize("other", ["Bambu Lab A1", "Bambu Lab A1 mini", "Bambu Lab P2S", "Bambu Lab H2D"])
def test_no_other_bambu_takes_a_p1s_file(other):
    assert same_model("Bambu Lab P1S", other) is False
    assert same_model(other, "Bambu Lab P1S") is False


def test_a_file_without_a_model_is_neither_right_nor_wrong():
    assert same_model("", "Bambu Lab P1S") is None
    assert same_model("Bambu Lab P1S", "") is None


def test_vendor_and_nozzle_are_not_part_of_a_name():
    assert normalised("Bambu Lab A1 0.4 nozzle") == normalised("BambuLab A1") == "a1"


def test_the_corner_of_the_cutter_is_known():
    assert find("P1S").excluded_mm == (0, 0, 18, 28)
    assert find("A1").excluded_mm is None
