"""The one password rule, for set-up, invitations, changes, resets and the admin."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Clause:
    """One part of the rule. `pattern` is the same test for the browser, empty if it cannot tell."""

    name: str
    words: str
    pattern: str = ""


CLAUSES = (
    Clause("length", _("at least 8 characters"), r".{8,}"),  # type: ignore[arg-type]  # lazy text
    Clause("upper", _("an upper-case letter"), r"\p{Lu}"),  # type: ignore[arg-type]
    Clause("lower", _("a lower-case letter"), r"\p{Ll}"),  # type: ignore[arg-type]
    Clause("digit", _("a digit"), r"\p{Nd}"),  # type: ignore[arg-type]
    Clause("uncommon", _("not a common password")),  # type: ignore[arg-type]
)


class PasswordRule:
    """Django's validator interface over CLAUSES."""

    @cached_property
    def _common(self) -> set[str]:
        return set(CommonPasswordValidator().passwords)

    def broken(self, password: str) -> list[Clause]:
        """The clauses that `password` does not keep."""
        kept = {
            "length": len(password) >= 8,
            "upper": any(letter.isupper() for letter in password),
            "lower": any(letter.islower() for letter in password),
            "digit": any(letter.isdecimal() for letter in password),
            "uncommon": password.lower().strip() not in self._common,
        }
        return [clause for clause in CLAUSES if not kept[clause.name]]

    def validate(self, password: str, user: object = None) -> None:
        broken = self.broken(password)
        if broken:
            wanted = ", ".join(str(clause.words) for clause in broken)
            raise ValidationError(
                _("The password still needs: %(wanted)s.") % {"wanted": wanted}, code="password_rule"
            )

    def get_help_text(self) -> str:
        return ", ".join(str(clause.words) for clause in CLAUSES)
