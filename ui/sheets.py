"""Tables as CSV that spreadsheets open safely."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

# What a spreadsheet takes for a formula, also behind the spaces that it drops.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> Any:
    """`value` so that a spreadsheet shows it and never works it out; numbers stay numbers."""
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.lstrip(" \N{NO-BREAK SPACE}").startswith(FORMULA) else value


def written(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([cell(str(head)) for head in heads])
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download called `name`. Written before it is sent: a stream would read on in another schema."""
    # Spreadsheets know UTF-8 by its mark alone.
    content = "\N{ZERO WIDTH NO-BREAK SPACE}" + written(heads, rows)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
