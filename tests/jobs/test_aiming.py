"""What the address of an inbox may say, and how the page writes it."""

import pytest

from jobs.aiming import Aim, NoSuchTarget, Targets
from jobs.models import Job
from printers.models import Printer, Tag
from tests.factories.printers import make_printer

PRINTER, TAG, MODEL = Job.Target.PRINTER, Job.Target.TAG, Job.Target.MODEL


@pytest.fixture
def farm(acme):
    """Two printers of a model, a tag, and names that stand in each other's way."""
    petg = Tag.objects.create(name="PETG Hülle")
    make_printer("K1 03", model="Voron 2.4", tags=[petg])
    make_printer("PETG", model="Voron 2.4")
    make_printer("any")
    Tag.objects.create(name="petg")


@pytest.mark.parametrize(
    ("word", "kind", "name"),
    [
        ("any", "any", None),
        ("ANY", "any", None),
        ("K1 03", PRINTER, "K1 03"),
        ("k1-03", PRINTER, "K1 03"),
        ("printer:k1 03", PRINTER, "K1 03"),
        ("Printer:K1-03", PRINTER, "K1 03"),
        ("printer:any", PRINTER, "any"),
        ("petg", PRINTER, "PETG"),
        ("tag:petg", TAG, "petg"),
        ("petg-hulle", TAG, "PETG Hülle"),
        ("tag:PETG hülle", TAG, "PETG Hülle"),
        ("voron 2.4", MODEL, "Voron 2.4"),
        ("model:voron-24", MODEL, "Voron 2.4"),
    ],
)
def test_word_finds(farm, word, kind, name):
    aim = Targets().find(word)

    assert aim.kind == kind
    assert name is None or str(aim) == name


def test_id_finds_its_printer_and_its_tag(farm):
    printer, tag = Printer.objects.get(name="K1 03"), Tag.objects.get(name="petg")
    targets = Targets()

    assert targets.find(str(printer.pk)).printer == printer
    assert targets.find(f"printer:{printer.pk}").printer == printer
    assert targets.find(f"tag:{tag.pk}").tag == tag


@pytest.mark.parametrize(
    "word",
    ["", "none", "printer:", "tag:", "model:none", "printer:petg-hulle", "K1", "x" * 5000, "a:b", "any:"],
)
def test_word_for_nothing_finds_nothing(farm, word):
    with pytest.raises(NoSuchTarget, match="Nothing here"):
        Targets().find(word)


def test_word_for_two_finds_neither_and_a_name_goes_before_what_looks_like_it(acme):
    make_printer("K1 03")
    make_printer("K1-03")
    make_printer("K1.03")
    make_printer("K103")
    targets = Targets()

    assert str(targets.find("k1-03")) == "K1-03"
    assert str(targets.find("k103")) == "K103"
    make_printer("K1  04")
    make_printer("K1 - 04")
    with pytest.raises(NoSuchTarget, match="More than one"):
        Targets().find("k1-04")


def test_every_target_has_a_word_that_finds_it(farm):
    make_printer("三号")
    make_printer("K1/03")
    make_printer("k1 03 ")
    make_printer("Ender & Co", model="三")
    targets = Targets()

    words = [targets.word_for(aim) for aim in targets.all()]

    assert [targets.find(word) for word in words] == targets.all()
    assert not [word for word in words if "/" in word]
    assert words[0] == "any"
    assert {"petg", "tag:petg", "petg-hulle", "voron-24", "printer:any"} <= set(words)


def test_words_tell_at_most_forty(acme):
    for number in range(60):
        make_printer(f"P{number}")

    assert Targets().told().endswith(", p43 and 21 more.")


def test_targets_cost_two_queries_whatever_their_number(acme, django_assert_num_queries):
    for number in range(20):
        make_printer(f"P{number}")

    with django_assert_num_queries(2):
        targets = Targets()
        targets.told()
        assert targets.find("p7") != Aim()
