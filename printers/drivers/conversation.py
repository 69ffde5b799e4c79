"""The talk with a pushing printer: what the process that owns its one link needs, without any I/O."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from printers.drivers.driver import StartOrder, Status


@dataclass(frozen=True, slots=True)
class Answer:
    """A printer's reply to an order, found by the order's `sequence`."""

    sequence: str
    accepted: bool
    words: str = ""


class Conversation(ABC):
    """One pushing printer's side of the talk, without I/O: reports in, a Status out; orders in, messages out.

    `feed` merges a report into what is known and returns the new Status, or None when the message
    changes nothing that is shown. Every order is a list of messages to send, each as bytes.
    """

    subscribe_to: str
    publish_to: str
    qos: ClassVar[int] = 0

    @abstractmethod
    def hello(self) -> list[bytes]:
        """What to send when the link opens, to be told everything once; `full` is False until that came."""

    def nudge(self) -> list[bytes]:
        """What to send after a minute of silence, to see whether anybody is still there."""
        return self.hello()

    @abstractmethod
    def feed(self, payload: bytes) -> Status | None: ...

    @abstractmethod
    def answers(self) -> Iterable[Answer]:
        """Replies to orders seen since the last call."""

    @abstractmethod
    def status(self) -> Status:
        """The picture so far; `full` is False before the first full report."""

    @abstractmethod
    def start(self, order: StartOrder) -> tuple[str, list[bytes]]:
        """Sequence and messages that start a print; DriverError if it must not be sent in this state."""

    @abstractmethod
    def command(self, name: str) -> tuple[str, list[bytes]]:
        """Sequence and messages for pause, resume, cancel, stop or clear_errors."""

    @abstractmethod
    def adjust(self, name: str, value: str) -> tuple[str, list[bytes]]:
        """Sequence and messages that set one of the driver's `adjustable`; DriverError if it can't be set."""
