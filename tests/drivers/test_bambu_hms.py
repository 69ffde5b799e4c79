"""Bambu's health messages are told in words; what is not known is told by module and number."""

import pytest

from printers.drivers import bambu_hms
from printers.drivers.bambu_errors import health


@pytest.mark.parametrize(
    ("attr", "code", "words", "severity"),
    [
        (0x03000D00, 0x00010003, "The build plate does not lie right. Put it straight.", "fatal"),
        (0x03001200, 0x00020001, "The front cover of the print head is off.", "error"),
        (0x07002000, 0x00020001, "Slot 1 of filament unit 1: the filament ran out.", "error"),
        (0x07012300, 0x00020002, "Slot 4 of filament unit 2: it is empty.", "error"),
        (0x07FF2000, 0x00020001, "The filament on the spool holder ran out.", "error"),
        (0x0C000300, 0x00030008, "The print may have come loose and turned into spaghetti.", "warning"),
        (0x07002700, 0x00020001, "Filament system (AMS) reports 0700-2700-0002-0001.", "error"),
        (0x0300FF00, 0x00010001, "Motion controller reports 0300-FF00-0001-0001.", "fatal"),
        (0x99000000, 0x00090001, "The printer reports 9900-0000-0009-0001.", "warning"),
    ],
)
def test_a_health_message_has_words_and_its_number(attr, code, words, severity):
    (fault,) = health([{"attr": attr, "code": code}])

    assert (fault.text, fault.severity) == (words, severity)
    assert fault.code.startswith("HMS_")
    assert len(fault.code) == 23


def test_every_number_of_the_table_is_one():
    for name, words in bambu_hms._WORDS.items():
        assert [len(group) for group in name.split("_")] == [4, 4, 4, 4]
        assert int(name.replace("_", ""), 16)
        assert words.endswith(".")
