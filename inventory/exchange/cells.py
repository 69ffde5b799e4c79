"""What a cell of a table of spools means. A value, or CellError with words for the person."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ui.sheets import FORMULA

# Plain, or grouped by threes with something that is not the decimal mark too.
NUMBER = re.compile(
    r"[+-]?(?:[0-9]+(?:[.,][0-9]+)?"
    r"|[0-9]{1,3}(?P<by>[ '.,\u00a0\u202f\u2019])[0-9]{3}(?:(?P=by)[0-9]{3})*(?:(?!(?P=by))[.,][0-9]+)?)"
)
GROUPED = re.compile(r"[ '\u00a0\u202f\u2019]")
HEX = re.compile(r"#?([0-9A-Fa-f]{6})(?:[0-9A-Fa-f]{2})?")
SHORT_HEX = re.compile(r"#[0-9A-Fa-f]{3}")
GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
YES, NO = (
    frozenset({"yes", "true", "1", "x", "ja", "wahr"}),
    frozenset({"no", "false", "0", "", "nein", "falsch"}),
)
LONGEST_NUMBER = 30


class CellError(ValueError):
    """What is wrong with a cell, in words."""


def bare(cell: str) -> str:
    """The cell as it was before it was kept from being a formula, without blanks around it."""
    text = cell.replace("\0", "").strip()
    return text[1:].strip() if text.startswith("'") and text[1:].lstrip().startswith(FORMULA) else text


def decimal_mark(text: str) -> str:
    """Which of , and . is the decimal mark of a number, as far as the number itself tells; else ""."""
    marks = [letter for letter in text if letter in ",."]
    if not NUMBER.fullmatch(text) or not marks:
        return ""
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return {",": ".", ".": ","}[marks[0]]
    return "" if re.search(r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$", text) else marks[0]


def decimal(text: str, mark: str = "") -> Decimal:
    """A number with a decimal comma or point; `mark` is that of the file, where it is known."""
    if not NUMBER.fullmatch(text) or len(text) > LONGEST_NUMBER:
        raise CellError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    own = decimal_mark(text) or mark
    if not own and re.search("[.,]", text):
        words = _("“%(text)s” could be a thousand or a fraction. Write it without grouping.")
        raise CellError(words % {"text": text})
    plain = GROUPED.sub("", text)
    other = {",": ".", ".": ","}.get(own, "")
    try:
        return Decimal(plain.replace(other, "").replace(own, ".") if own else plain)
    except InvalidOperation:
        raise CellError(_("“%(text)s” is not a number.") % {"text": text[:40]}) from None


def whole(text: str, mark: str = "") -> int:
    number = decimal(text, mark)
    if number != number.to_integral_value():
        raise CellError(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return int(number)


def color(text: str) -> str:
    """#RRGGBB; what makes it transparent is left out."""
    if SHORT_HEX.fullmatch(text):
        text = "".join(digit * 2 for digit in text[1:])
    found = HEX.fullmatch(text)
    if not found:
        raise CellError(_("“%(text)s” is no colour. Give it as #RRGGBB.") % {"text": text[:40]})
    return f"#{found[1].upper()}"


def moment(text: str) -> datetime:
    """2026-05-01, 2026-05-01T10:00:00Z or 01.05.2026; without a zone it is the organisation's."""
    german = GERMAN_DATE.fullmatch(text)
    iso = "{2}-{1:0>2}-{0:0>2}".format(*german.groups()) if german else text
    try:
        when = parse_datetime(iso if len(iso) > 10 else f"{iso}T00:00")
        if when is not None:
            return when if timezone.is_aware(when) else timezone.make_aware(when)
    except (ValueError, OverflowError):
        pass
    raise CellError(_("“%(text)s” is no date. Write it as 2026-05-31.") % {"text": text[:40]})


def yes_or_no(text: str) -> bool:
    said = text.casefold()
    if said in YES or said == _("yes").casefold():
        return True
    if said in NO or said == _("no").casefold():
        return False
    raise CellError(_("“%(text)s” is neither yes nor no.") % {"text": text[:40]})


def value_of(text: str, field: "models.Field[Any, Any]", mark: str) -> Any:
    """`text` as the value of a model's field, checked by it."""
    if isinstance(field, models.CharField | models.TextField):
        value: Any = text
    elif isinstance(field, models.DecimalField):
        value = _rounded(decimal(text, mark), field)
    elif isinstance(field, models.IntegerField):
        value = whole(text, mark)
    elif isinstance(field, models.DateTimeField):
        value = moment(text)
    else:
        raise TypeError(field)
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise CellError(" ".join(error.messages)) from error


def _rounded(number: Decimal, field: "models.DecimalField[Any, Any]") -> Decimal:
    if abs(number) >= 10**12:
        raise CellError(_("“%(number)s” is too large.") % {"number": number})
    return number.quantize(Decimal(1).scaleb(-field.decimal_places))
