"""What taking in a table of spools would add and change, and what stands in its way. Changes nothing."""

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from inventory.consumption import CENTIGRAM
from inventory.models import Filament, Spool
from inventory.weighing import TOLERANCE

from .cells import CellError
from .columns import ARCHIVED, BY_NAME, EXTERNAL_ID, LEFT, NUMBER, OF_FILAMENT, OF_SPOOL
from .kinds import Kinds, Wish
from .reading import Line, Sheet


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a line can't be taken in; `column` is "" where it is the line as a whole."""

    line: int
    column: str | Promise
    words: str


@dataclass(slots=True)
class Change:
    """What a line comes to. `spool` is None for a new one; `told` is what changes, in words to show.

    `left_g` is what is to be left on it, None to let it be. `there_g` is what the file says is left where
    that is another amount than here and stays so.
    """

    line: int
    spool: Spool | None
    fields: dict[str, Any]
    wish: Wish | None = None
    left_g: Decimal | None = None
    archived: bool | None = None
    there_g: Decimal | None = None
    told: list[tuple[str | Promise, Any, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """`same` is how many lines change nothing, `left_out` how many archived ones were not wanted."""

    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    new_filaments: list[Wish] = field(default_factory=list)
    changed_filaments: list[Wish] = field(default_factory=list)
    same: int = 0
    left_out: int = 0
    kept_left: int = 0

    @property
    def flawed_lines(self) -> int:
        return len({flaw.line for flaw in self.flaws})

    @property
    def does_something(self) -> bool:
        return bool(self.added or self.changed or self.changed_filaments)

    @property
    def digest(self) -> str:
        """Another one if anything would be done otherwise: what was looked through is what is done."""
        said = [
            (one.line, one.fields, one.left_g, one.archived, one.spool and one.spool.pk, str(one.wish))
            for one in (*self.added, *self.changed)
        ]
        wishes = [(one.filament and one.filament.pk, one.fields) for one in self.changed_filaments]
        return hashlib.sha256(repr((said, wishes, len(self.flaws))).encode()).hexdigest()


def plan_of(
    sheet: Sheet, *, sets_left: bool = False, with_archived: bool = True, holds: bool = False
) -> Plan:
    """What `sheet` comes to now. What is left on known spools is changed only where it `sets_left`.

    With `holds`, in a transaction, nobody prints from, weighs or edits the spools it is about meanwhile.
    """
    planner = _Planner(_Known(sheet, holds), sheet.mark, sets_left, with_archived)
    for line in sheet.lines:
        planner.take(line)
    return planner.finished()


class _Wrong(Exception):
    """What is wrong with a line, in words, and in which column."""

    def __init__(self, words: str, column: str = "") -> None:
        super().__init__(words)
        self.column = BY_NAME[column].label if column else ""


class _Known:
    """The spools that the sheet's lines name."""

    def __init__(self, sheet: Sheet, holds: bool) -> None:
        numbers = {line.cells.get(NUMBER, "") for line in sheet.lines} - {""}
        ids = {line.cells.get(EXTERNAL_ID, "") for line in sheet.lines} - {""}
        spools = Spool.objects.select_related("filament", "slot__printer").order_by("pk")
        self.filaments = Filament.objects.order_by("pk")
        if holds:
            spools = spools.select_for_update(of=("self",), no_key=True)
            self.filaments = self.filaments.select_for_update()
        wanted = [int(text) for text in numbers if text.isascii() and text.isdecimal() and len(text) < 10]
        self.by_number = {spool.number: spool for spool in spools.filter(number__in=wanted)}
        self.by_id = {spool.external_id: spool for spool in spools.filter(external_id__in=ids)}

    def spool_of(self, values: dict[str, Any]) -> Spool | None:
        """The spool of a line, None for a new one. _Wrong where it names one that is not there."""
        number, external_id = values.get(NUMBER), values.get(EXTERNAL_ID, "")
        named = self.by_id.get(external_id) if external_id else None
        if number is None:
            return named
        spool = self.by_number.get(number)
        if spool is None:
            words = _("There is no spool %(number)d. Leave the number empty to add a new one.")
            raise _Wrong(words % {"number": number}, NUMBER)
        if named is not None and named.pk != spool.pk:
            words = _("Spool #%(other)d already has the external id of this line.")
            raise _Wrong(words % {"other": named.number}, EXTERNAL_ID)
        return spool


class _Planner:
    """Goes through the lines one after another; what one wishes for may matter to the next."""

    def __init__(self, known: _Known, mark: str, sets_left: bool, with_archived: bool) -> None:
        self.plan = Plan()
        self.known, self.mark = known, mark
        self.sets_left, self.with_archived = sets_left, with_archived
        self.kinds = Kinds(known.filaments)
        self.seen: set[Any] = set()
        # The same words stand in thousands of lines, so each is worked out once.
        self.read: dict[tuple[str, str], Any] = {}

    def finished(self) -> Plan:
        wishes = [wish for wish in self.kinds.wishes if wish.is_used]
        self.plan.new_filaments = [wish for wish in wishes if wish.filament is None]
        self.plan.changed_filaments = [wish for wish in wishes if wish.filament and wish.changes]
        return self.plan

    def take(self, line: Line) -> None:
        """Put what a line comes to into the plan, or what is wrong with it."""
        values, flaws = self._values(line)
        if not flaws:
            try:
                self._plan(line, values)
            except _Wrong as wrong:
                flaws = [Flaw(line.number, wrong.column, str(wrong))]
        self.plan.flaws += flaws

    def _plan(self, line: Line, values: dict[str, Any]) -> None:
        spool = self.known.spool_of(values)
        name = spool.pk if spool else values.get(EXTERNAL_ID)
        if name and name in self.seen:
            raise _Wrong(_("An earlier line is about the same spool."))
        self.seen.add(name)
        if values.get(ARCHIVED) and not self.with_archived and (spool is None or spool.archived_at is None):
            self.plan.left_out += 1
            return
        if spool is None and not values.get("material"):
            raise _Wrong(_("A new spool needs a material."), "material")
        change = Change(line.number, spool, _fields(spool, values))
        _settle_left(change, values.get(LEFT), self.sets_left)
        self._wish(change, values)
        if spool is not None:
            change.told = _told(change, spool)
        self._file(change)

    def _values(self, line: Line) -> tuple[dict[str, Any], list[Flaw]]:
        values: dict[str, Any] = {}
        flaws = []
        for name, text in line.cells.items():
            if (name, text) not in self.read:
                try:
                    self.read[name, text] = BY_NAME[name].value(text, self.mark)
                except CellError as error:
                    self.read[name, text] = error
            found = self.read[name, text]
            if isinstance(found, CellError):
                flaws.append(Flaw(line.number, BY_NAME[name].label, str(found)))
            elif found is not None:
                values[name] = found
        return values, flaws

    def _wish(self, change: Change, values: dict[str, Any]) -> None:
        spool = change.spool
        if spool is None or any(column.name in values for column in OF_FILAMENT):
            change.wish = self.kinds.find(values, spool.filament if spool else None)
            if problem := self.kinds.ask(change.wish, values, change.line):
                raise _Wrong(problem)
            change.wish.is_used = True
        archived = values.get(ARCHIVED)
        if archived is not None and archived != bool(spool and spool.archived_at):
            change.archived = archived

    def _file(self, change: Change) -> None:
        self.plan.kept_left += change.there_g is not None
        if change.spool is None:
            self.plan.added.append(change)
        elif change.told:
            self.plan.changed.append(change)
        else:
            self.plan.same += 1


def _fields(spool: Spool | None, values: dict[str, Any]) -> dict[str, Any]:
    """What the line says of the spool itself that is not so already."""
    return {
        column.attribute: values[column.name]
        for column in OF_SPOOL
        if column.name in values
        and (spool is None or not _is_same(getattr(spool, column.attribute), values[column.name]))
    }


def _is_same(here: Any, there: Any) -> bool:
    """Cells lose the blanks around them, and that alone is no change."""
    return bool((here.strip() if isinstance(here, str) else here) == there)


def _told(change: Change, spool: Spool) -> list[tuple[str | Promise, Any, Any]]:
    told: list[tuple[str | Promise, Any, Any]] = []
    if change.wish and change.wish.filament != spool.filament:
        told.append((_("Filament"), spool.filament, change.wish))
    for column in OF_SPOOL:
        if column.attribute in change.fields:
            name = column.attribute
            told.append((column.label, getattr(spool, name), change.fields[name]))
    if change.left_g is not None:
        told.append((BY_NAME[LEFT].label, spool.left_g, change.left_g))
    if change.archived is not None:
        told.append((BY_NAME[ARCHIVED].label, _yes(not change.archived), _yes(change.archived)))
    return told


def _yes(is_so: bool) -> str:
    return _("yes") if is_so else _("no")


def _settle_left(change: Change, left: Decimal | None, sets_left: bool) -> None:
    """Note what is to be left on the spool."""
    if left is None:
        return
    spool = change.spool
    default = Decimal(Spool._meta.get_field("initial_g").get_default())
    initial = change.fields.get("initial_g", spool.initial_g if spool else default)
    most = (initial * (1 + TOLERANCE)).quantize(CENTIGRAM)
    if left > most:
        words = _("A spool of %(initial)s g can't have more than %(most)s g left.")
        raise _Wrong(words % {"initial": initial, "most": most}, LEFT)
    if spool is None:
        change.left_g = left
    elif left != spool.left_g:
        change.left_g, change.there_g = (left, None) if sets_left else (None, left)
