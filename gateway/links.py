"""The state of one link to a pushing printer. No database, no Redis; the time (monotonic) is given."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from gateway.ingest import facts_of
from gateway.pauses import Pause
from gateway.wire import Wire
from orgs.models import Org
from printers.commands import Target
from printers.drivers import conversation_for
from printers.drivers.bambu_link import SILENT
from printers.drivers.conversation import Answer, Conversation
from printers.drivers.driver import DriverError, MachineState, Status, Trouble
from printers.link_requests import LinkRequest

# Facts 1.3 and 1.5.
LOGIN_S = 15.0
FIRST_REPORT_S = 15.0
NUDGE_S = 60.0
LOST_S = 90.0
ANSWER_S = 10.0
START_SETTLES_S = 180.0
HEALTHY_S = 60.0
# A status that only looks different is passed on once a second, one that does not differ every ten.
DIFFERENT_S, SAME_S = 1.0, 10.0


@dataclass(slots=True)
class Order:
    """What was sent and is to be answered: a person's request, or the start of a dispatch."""

    until: float
    request: LinkRequest | None = None
    dispatch_id: UUID | None = None


@dataclass(slots=True)
class Link:
    """A printer, its conversation and, while there is one, its connection."""

    org: Org
    target: Target
    mark: str
    epoch: int
    conversation: Conversation = field(init=False)
    pause: Pause = field(default_factory=lambda: Pause(""))
    epoch_used: bool = False
    connecting: "Future[Wire] | None" = None
    unreached: bool = False
    wire: Wire | None = None
    begun_at: float = 0.0
    opened_at: float | None = None
    heard_at: float | None = None
    nudged: bool = False
    asked_at: float | None = None
    orders: dict[str, Order] = field(default_factory=dict)
    news: bool = False
    told: Status | None = None
    told_at: float = 0.0
    untold_problem: str = ""
    rests_until: float = 0.0

    def __post_init__(self) -> None:
        self.conversation = conversation_for(self.target.protocol, self.target.endpoint)

    @property
    def is_up(self) -> bool:
        """Whether the printer has let us in and has told everything once on this link."""
        return self.opened_at is not None and self.heard_at is not None and self.conversation.status().full

    def wants_connection(self, now: float) -> bool:
        return self.wire is None and self.connecting is None and not self.pause.holds(self.mark, now)

    def begin(self, wire: Wire, now: float) -> None:
        """Take a connection whose login is under way.

        The conversation goes on, for it remembers what a report alone does not tell (that a failure was our
        cancel); its `hello` makes it disbelieve the rest until the next full report.
        """
        self.wire, self.begun_at = wire, now
        self.opened_at = self.heard_at = self.asked_at = None
        self.nudged = False

    def take_in(self, now: float) -> None:
        """Read what the wire has received, after `Wire.read`."""
        wire = self.wire
        if wire is None:
            return
        if wire.let_in and self.opened_at is None:
            self.opened_at = now
            wire.subscribe(self.conversation.subscribe_to)
            self.say(self.conversation.hello())
        while wire.received:
            self.conversation.feed(wire.received.popleft())
            self.heard_at, self.nudged, self.news = now, False, True

    def say(self, messages: list[bytes]) -> bool:
        """Write messages once; False only if certainly none was written."""
        wire = self.wire
        if wire is None:
            return False
        sent = [
            wire.send(self.conversation.publish_to, message, self.conversation.qos) for message in messages
        ]
        return any(sent)

    def answered(self) -> Iterator[tuple[Order, Answer]]:
        """The orders that the printer has answered since the last call."""
        for answer in self.conversation.answers():
            if order := self.orders.pop(answer.sequence, None):
                yield order, answer

    def overdue(self, now: float) -> list[Order]:
        """The orders that were not answered in time; they are no longer waited for."""
        late = [sequence for sequence, order in self.orders.items() if now > order.until]
        return [self.orders.pop(sequence) for sequence in late]

    def has_start_under_way(self) -> bool:
        return any(order.dispatch_id for order in self.orders.values())

    def trouble(self, now: float) -> DriverError | None:
        """Why this link must be given up now, if it must; may ask a silent printer whether it is there."""
        wire = self.wire
        if wire is None:
            return None
        if wire.trouble or wire.socket is None:
            return wire.trouble or DriverError(
                Trouble.UNREACHABLE, _("The connection to the printer was lost.")
            )
        if self.opened_at is None:
            late = now - self.begun_at > LOGIN_S
            return (
                DriverError(Trouble.UNREACHABLE, _("The printer does not answer the login."))
                if late
                else None
            )
        if self.heard_at is None:
            late = now - self.opened_at > FIRST_REPORT_S
            return DriverError(Trouble.WRONG_SERIAL, SILENT) if late else None
        silence = now - self.heard_at
        if silence > LOST_S:
            return DriverError(Trouble.UNREACHABLE, _("The printer has fallen silent."))
        if silence > NUDGE_S and not self.nudged:
            self.nudged = True
            self.say(self.conversation.nudge())
        if self.pause.failures and now - self.opened_at > HEALTHY_S:
            self.pause = Pause("")
        return None

    def fail(self, error: DriverError, now: float, chance: Callable[[], float] = random.random) -> None:
        """Give the connection up; after enough failures the printer is to be shown offline."""
        self.unreached = self.wire is None
        if self.wire:
            self.wire.close()
        self.wire = self.opened_at = self.heard_at = None
        self.news = False
        self.pause = self.pause.after(error.trouble, self.mark, now, chance)
        if self.pause.is_offline:
            self.untold_problem = str(error)

    def to_tell(self, now: float) -> tuple[Status, str] | None:
        """The status to pass on now, with the problem's words, or None. Repeats until `was_told`."""
        if self.untold_problem:
            return Status(MachineState.OFFLINE, full=False), self.untold_problem
        if not self.news:
            return None
        status, age = self.conversation.status(), now - self.told_at
        if not status.full and self.opened_at is not None and now - self.opened_at < FIRST_REPORT_S:
            return None
        if self.told is None or facts_of(self.told) != facts_of(status):
            return status, ""
        if age >= (SAME_S if self.told == status else DIFFERENT_S):
            return status, ""
        return None

    def close(self) -> None:
        """Close what is open or about to be; the link is not used any more."""
        if self.wire:
            self.wire.close()
        if self.connecting and not self.connecting.cancel():
            self.connecting.add_done_callback(_close_unwanted)

    def was_told(self, status: Status, now: float) -> None:
        self.told, self.told_at, self.news, self.untold_problem = status, now, False, ""


def _close_unwanted(done: "Future[Wire]") -> None:
    if not done.cancelled() and done.exception() is None:
        done.result().close()
