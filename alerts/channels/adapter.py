"""What every channel does: hand one message to one address."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class NotSent(Exception):
    """The message did not go out, with the reason in a person's words.

    `is_final`: trying again can't help (an address that is gone). `retry_after_s`: the other side's wish.
    """

    def __init__(self, reason: str, *, is_final: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Line:
    """An alert as a message tells it. `at` is aware, in the reader's zone; `url` is whole."""

    kind: str
    severity: str
    title: str
    detail: str
    at: datetime
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is told at once: one alert, or a digest of many. Its `id` stays when it is sent again."""

    id: str
    subject: str
    org_name: str
    org_slug: str
    lines: Sequence[Line]
    url: str
    """The page that shows them all."""
    language: str = "en"
    is_digest: bool = False
    accent: str = ""
    logo: str = ""
    """What a mail shows of the organisation: a colour, and the path of a stored PNG."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to: `address` as stored, `secret` opened. `headers` are more for a mail (List-Unsubscribe)."""

    address: str
    secret: str = ""
    headers: dict[str, Any] = field(default_factory=dict)


class Adapter(ABC):
    """One way out of the house. It knows no model and no setting of an organisation, and holds no database
    connection while it talks.
    """

    @abstractmethod
    def send(self, to: Address, message: Message) -> str:
        """Hand `message` over, blocking, within 30 s; return what the other side said (300 characters).

        NotSent in every other case.
        """
