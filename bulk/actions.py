"""What can be done to many rows at once. Each app says so in its own `bulk.py`, as KINDS."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from orgs.models import Membership
from orgs.roles import ACTIONS

Values = Mapping[str, Any]
Memory = dict[str, Any]
# A row with what became of it.
Outcome = tuple[Any, Memory | None | Exception]
# The URL name of the page of a run.
USUAL_PLACE = "bulk:run"


class Refused(Exception):
    """The action can't be done to this row, or not at all; the message tells the person why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A thing that an action asks for. `field` makes the form field that cleans it, for pages and the API
    alike; `known` are values to choose from while typing. One that may be left out is `optional`."""

    field: Callable[[], forms.Field]
    known: Callable[[], Iterable[str]] = tuple
    optional: bool = False


def never_to_undo(row: Any, memory: Memory) -> None:
    raise Refused(_("This can't be taken back."))


def nothing_seen(row: Any) -> Memory:
    return {}


def nothing_to_look_up(rows: Sequence[Any]) -> None:
    return


def for_every_row(row: Any) -> bool:
    return True


def alone(together: Callable[[Sequence[Any], Values], Iterator[Outcome]]) -> Callable[[Any, Values], Any]:
    """The `run` of an action whose rows are done `together`."""

    def run(row: Any, values: Values) -> Memory | None:
        ((_row, outcome),) = together([row], values)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return run


def always() -> bool:
    return True


def never(values: Values) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """What one action asks for and does.

    `required` is the action of orgs.roles that a person needs to do it to any row. `why_not` tells why it
    does not apply to a row, in words, "" if it does; values are None while they are not known yet. It asks
    the database nothing that `Kind.rows` did not fetch. `run` does it to one row and returns what `undo` has
    to know, None if there is nothing to take back; both may raise Refused.

    `is_for` tells rows for which it is meant at all, as restoring is for what was archived: where a page has
    none, it is not offered. What it is meant for and does not apply to has a `why_not`. `is_offered` tells
    whether the organisation has any use for it; it may ask the database.

    Words: `label` stands on the button, `ask` heads the confirmation and names %(rows)s, `consequence` says
    what follows, `done` is what was done ("archived").

    Rows are worked on from the oldest to the newest, or the other way round where `is_backwards` says so for
    the values of the run.

    One that `touches_machines` is never done twice: it runs outside transactions, and when it isn't known
    whether it was done, a person has to look.

    With `together` as well it is given many rows at once, and yields each with what `run` would have
    returned, or the exception, as soon as its machine has answered; none waits for another.

    `seen` tells what of a row the person goes by, such as which print is on a printer. It is noted as the
    list or the question showed it, and `why_not` and `run` find it as `row.seen`.

    One with a `rush` waits for nobody's turn: it is given all rows at once, and yields each with what `run`
    would have returned, or the exception. It may be done twice. `place` is the URL name of the page of its
    runs, where that is not the usual one.
    """

    label: str | Promise
    ask: str | Promise
    done: str | Promise
    icon: str
    required: str
    run: Callable[[Any, Values], Memory | None]
    why_not: Callable[[Any, Values | None], str]
    is_for: Callable[[Any], bool] = for_every_row
    is_offered: Callable[[], bool] = always
    consequence: str | Promise = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    undo: Callable[[Any, Memory], None] = never_to_undo
    destructive: bool = False
    is_backwards: Callable[[Values], bool] = never
    touches_machines: bool = False
    seen: Callable[[Any], Memory] = nothing_seen
    together: Callable[[Sequence[Any], Values], "Iterator[Outcome]"] | None = None
    rush: Callable[[Sequence[Any]], "Iterator[Outcome]"] | None = None
    place: str = USUAL_PLACE

    def __post_init__(self) -> None:
        ACTIONS[self.required]

    @property
    def can_undo(self) -> bool:
        return self.undo is not never_to_undo

    @property
    def goes_by_what_was_seen(self) -> bool:
        return self.seen is not nothing_seen

    def note(self, row: Any, told: Mapping[str, Any] | None = None) -> Memory:
        """What is noted as seen of `row`: as a page `told`, where it did, else as it is now."""
        noted = self.seen(row)
        return noted | {
            name: said for name, said in (told or {}).items() if type(said) is type(noted.get(name))
        }

    @property
    def asks_first(self) -> bool:
        """Whether it needs values, or can't simply be taken back."""
        return self.destructive or bool(self.values) or not self.can_undo


def anybody_may(membership: Membership, row: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The rows of one model, as bulk actions see them.

    `rows` are those that a person may see, with what `why_not` looks at; `look_up` adds to many of them at
    once what no query can. `view` is the action of orgs.roles
    for reading them. `why_not_theirs` tells why a person may not change a row, "" if they may. `refusals` are
    the domain's exceptions whose message is for people. `counted` says "3 models"; `place` is the list's URL
    name.
    """

    model: type[Model]
    view: str
    place: str
    counted: Callable[[int], str]
    rows: Callable[[Membership], "QuerySet[Any]"]
    actions: Mapping[str, BulkAction]
    look_up: Callable[[Sequence[Any]], None] = nothing_to_look_up
    why_not_theirs: Callable[[Membership, Any], str] = anybody_may
    refusals: tuple[type[Exception], ...] = ()

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def for_people(self) -> tuple[type[Exception], ...]:
        """The exceptions whose message is the reason of a row."""
        return (Refused, ValidationError, *self.refusals)

    def why_not(self, action: BulkAction, membership: Membership, row: Any, values: Values | None) -> str:
        """Why `membership` can't do `action` to `row` now; "" if they can."""
        return self.why_not_at_all(action, membership, row) or action.why_not(row, values)

    def why_not_at_all(self, action: BulkAction, membership: Membership, row: Any) -> str:
        """Why a person may not, whatever the state of the row."""
        if not membership.may(action.required):
            return _("Your role does not allow this.")
        return self.why_not_theirs(membership, row)


def kind_of(label: str) -> Kind:
    """The kind of a model by its label, "models3d.model3d"."""
    app, name = label.split(".")
    kinds: Mapping[str, Kind] = import_module(f"{app}.bulk").KINDS
    return kinds[name]
