"""From the bytes of a CSV file to the lines of a table of spools."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from . import cells, columns

MOST_BYTES = 8 * 1024 * 1024
MOST_LINES = 25_000
LONGEST_HEAD = 200
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x80-\x9f]")
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip


class Unreadable(Exception):
    """The file can't be read as a table of spools; the message tells the person why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in the columns that are known, by their names; `number` is where in the file."""

    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class Sheet:
    """`heads` are the columns that the file has, `unknown` the heads of those that mean nothing here.

    `mark` is the decimal mark of its numbers where that is known, `notes` are sentences on how it was read.
    """

    heads: tuple[str, ...]
    lines: list[Line]
    unknown: tuple[str, ...] = ()
    mark: str = ""
    notes: list[str] = field(default_factory=list)


def read_csv(data: bytes) -> Sheet:
    """The lines of a CSV file, in any encoding, delimiter and notation of numbers that programs use."""
    text, is_sure = decoded(data)
    heads, rows = _table(text)
    names = _names(heads)
    lines = _lines(rows, names)
    sheet = Sheet(
        heads=tuple(filter(None, names)),
        lines=lines,
        unknown=tuple(
            head for head, name in zip(heads, names, strict=True)
            if not name and head.strip() and not columns.is_only_out(head)
        ),
        mark=_mark(lines),
    )  # fmt: skip
    if not is_sure:
        sheet.notes.append(
            _("The file does not tell its encoding; it was read as Windows-1252. Look at letters like ä.")
        )
    return sheet


def check_size(size: int) -> None:
    """Unreadable for a file that is too large to be looked at."""
    if size > MOST_BYTES:
        words = _("The file is larger than %(most)d MB. Split it into several.")
        raise Unreadable(words % {"most": MOST_BYTES // 1024**2})


def too_many_lines() -> Unreadable:
    most = number_format(MOST_LINES, force_grouping=True)
    return Unreadable(_("The file has more than %(most)s lines. Split it into several.") % {"most": most})


def decoded(data: bytes) -> tuple[str, bool]:
    """The file's text, and whether its encoding is known for certain."""
    check_size(len(data))
    if data.startswith(_EXCEL):
        raise Unreadable(_("This is a workbook, not a CSV file. Save it as “CSV UTF-8” and send that."))
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "") or _wide(data)
    for name in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(text):
            break
        return text, name != "cp1252"
    raise Unreadable(
        _("It can't be told in which encoding this file is. Save it as “CSV UTF-8” and send it again.")
    )


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: every other byte of plain letters is zero."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) or min(even, odd) * 20 > len(sample):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


Rows = Iterator[tuple[int, list[str]]]


def _table(text: str) -> tuple[list[str], Rows]:
    first, _newline, rest = text.partition("\n")
    if re.fullmatch(r"sep=[;,\t]\r?", first):
        text = rest
    head = next((line for line in io.StringIO(text) if line.strip()), "")
    if not head:
        raise Unreadable(_("The file is empty."))
    delimiter = max(";,\t", key=lambda one: _score(head, one))
    if not _score(head, delimiter):
        known = ", ".join(column.name for column in columns.COLUMNS)
        words = _("The first line names no column that is known here. It can name: %(known)s.")
        raise Unreadable(words % {"known": known})
    rows = _rows(text, delimiter)
    return next(row for _number, row in rows), rows


def _score(head: str, delimiter: str) -> int:
    try:
        heads = next(csv.reader([head[:20_000]], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return 0
    return sum(1 for one in heads if columns.known_as(one[:LONGEST_HEAD]))


def _rows(text: str, delimiter: str) -> Rows:
    """Each row that is not empty, with the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        words = _("Line %(line)d can't be read: %(error)s.")
        raise Unreadable(words % {"line": begins, "error": error}) from error


def _names(heads: Sequence[str]) -> list[str]:
    names = [columns.known_as(head[:LONGEST_HEAD]) for head in heads]
    for name in filter(None, names):
        if names.count(name) > 1:
            twice = " · ".join(head for head, one in zip(heads, names, strict=True) if one == name)
            words = _("Two columns mean the same: %(heads)s. Take one of them out.")
            raise Unreadable(words % {"heads": twice})
    return names


def _lines(rows: Rows, names: Sequence[str]) -> list[Line]:
    lines: list[Line] = []
    for number, row in rows:
        if len(lines) == MOST_LINES:
            raise too_many_lines()
        if any(cell.strip() for cell in row[len(names) :]):
            words = _(
                "Line %(line)d has more cells than the first line. Quote text that has the delimiter in it."
            )
            raise Unreadable(words % {"line": number})
        said = zip(names, row, strict=False)
        lines.append(Line(number, {name: cells.bare(cell) for name, cell in said if name}))
    return lines


def _mark(lines: Iterable[Line]) -> str:
    """The decimal mark that the numbers of the file show, if they agree."""
    numeric = ("density", "diameter_mm", "price_per_kg", "cost", "initial_g", columns.LEFT)
    found: set[str] = set()
    for line in lines:
        found.update(cells.decimal_mark(line.cells.get(name, "")) for name in numeric)
        if len(found - {""}) > 1:
            return ""
    return "".join(found)
