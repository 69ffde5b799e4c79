"""The one password rule."""

import pytest
from django.core.exceptions import ValidationError

from accounts.password_rule import CLAUSES, PasswordRule


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        pytest.param("Correct7horse", [], id="sound"),
        pytest.param("Übergröße8", [], id="letters of any script"),
        pytest.param("Sh0rt!a", ["length"], id="seven characters"),
        pytest.param("lower7only", ["upper"], id="no upper-case letter"),
        pytest.param("UPPER7ONLY", ["lower"], id="no lower-case letter"),
        pytest.param("NoDigitHere", ["digit"], id="no digit"),
        pytest.param("Password1", ["uncommon"], id="common but for its capitals"),
        pytest.param("", ["length", "upper", "lower", "digit"], id="nothing"),
    ],
)
def test_password_breaks_exactly_these_clauses(password: str, broken: list[str]) -> None:
    assert [clause.name for clause in PasswordRule().broken(password)] == broken


def test_refusal_names_what_the_password_still_needs() -> None:
    with pytest.raises(ValidationError, match="at least 8 characters, an upper-case letter"):
        PasswordRule().validate("short7")


def test_browser_tests_every_clause_but_the_list_of_common_ones() -> None:
    assert [clause.name for clause in CLAUSES if not clause.pattern] == ["uncommon"]
