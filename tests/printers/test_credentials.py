import pytest
from cryptography.fernet import Fernet

from printers.credentials import CannotOpen, open_sealed, seal


def test_a_sealed_secret_opens_again_and_does_not_show_itself():
    sealed = seal("12345678")

    assert "12345678" not in sealed
    assert open_sealed(sealed) == "12345678"


def test_no_secret_stays_no_secret():
    assert seal("") == open_sealed("") == ""


def test_a_changed_key_is_told_in_words(settings):
    sealed = seal("12345678")

    settings.FIELD_KEY = Fernet.generate_key().decode()

    with pytest.raises(CannotOpen, match="Enter the printer's secret again"):
        open_sealed(sealed)
