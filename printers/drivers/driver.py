"""What every printer protocol offers: an address in, a Status or a DriverError out.

A driver knows no model, no setting and no clock of the farm. Two kinds exist, after how news arrives:

- a polled printer answers questions over HTTP: a `Driver` asks and commands, blocking, in a worker;
- a pushing printer holds one link open (Bambu bears exactly one): its `Driver` does what needs no link
  (probe, upload, remove) and its `Conversation` turns messages into a Status and orders into messages,
  without any I/O, for the process that owns the link.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar


class MachineState(StrEnum):
    """What the machine says of itself (facts, 0.1); the plate is not its business."""

    OFFLINE = "offline"
    IDLE = "idle"
    PREPARING = "preparing"
    PRINTING = "printing"
    PAUSED = "paused"
    FINISHED = "finished"
    ERROR = "error"
    BUSY = "busy"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Link(StrEnum):
    """How news of a printer arrives."""

    POLL = "poll"
    LISTEN = "listen"


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the printer tells it; `text` is for people, `code` for searching the vendor's pages."""

    code: str
    text: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Heat:
    """A heater, in degrees Celsius."""

    now_c: float
    target_c: float = 0.0


@dataclass(frozen=True, slots=True)
class Tray:
    """Filament the printer says is loaded; `index` is the slot's number on our side, from 0.

    `color` is #RRGGBB or empty; `remain` a share of 0 to 1, None if the printer does not know;
    `tag` identifies the very spool (Bambu: tray_uuid) and is empty without a tag, `kind` the maker's filament
    (Bambu: tray_info_idx, such as GFA00). `is_filled` is None where the printer does not tell.
    """

    index: int
    material: str = ""
    color: str = ""
    remain: float | None = None
    tag: str = ""
    kind: str = ""
    is_filled: bool | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """One full picture of a printer. `full` is False until the printer has told everything once.

    `job_key` is the best identity of the current or last job that the protocol offers, in a form that
    is the same for as long as no other job starts (Bambu: subtask_id; Moonraker: history job id and
    file name); `seen_moving` is False where an end beside it may still be that of the job before.
    `file` is the remote file name without folders. `progress` is 0 to 1. `adjusted` is what of the driver's
    `adjustable` is set to what.
    """

    state: MachineState
    outcome: Outcome | None = None
    raw_state: str = ""
    progress: float | None = None
    remaining_s: int | None = None
    elapsed_s: int | None = None
    file: str = ""
    job_key: str = ""
    layer: int | None = None
    layers: int | None = None
    nozzles: tuple[Heat, ...] = ()
    bed: Heat | None = None
    chamber: Heat | None = None
    fans: dict[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    trays: tuple[Tray, ...] = ()
    filament_used_mm: float | None = None
    adjusted: dict[str, str] = field(default_factory=dict)
    full: bool = True
    seen_moving: bool = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a printer is and what opens it. `prefix` is the path of an address behind a proxy ("/k1").

    `fingerprint` is the SHA-256 (hex) of the TLS certificate accepted first, empty before that.
    """

    host: str
    port: int = 0
    file_port: int = 0
    prefix: str = ""
    tls: bool = False
    serial: str = ""
    user: str = ""
    secret: str = field(default="", repr=False)
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Detected:
    """What a connection test found out; empty where the printer did not say."""

    model: str = ""
    firmware: str = ""
    name: str = ""
    serial: str = ""
    machine_key: str = ""
    fingerprint: str = ""
    nozzle_mm: float | None = None
    bed_mm: tuple[float, float, float] | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartOrder:
    """Everything a start needs. `start_id` is a fresh number of at most 2147483647, as text.

    After `write_by` (this process's monotonic clock) nothing may be sent any more: StartRefused.
    `tray_map[i]` is the slot index for the file's filament i (from 0), or None where the plate does
    not use that filament; empty when the printer has no slots to choose from.
    """

    remote_name: str
    start_id: str
    plate: int = 1
    plate_md5: str = ""
    tray_map: tuple[int | None, ...] = ()
    title: str = ""
    write_by: float = math.inf


class Trouble(StrEnum):
    """What kind of trouble a DriverError is; decides what is tried again and what the page advises."""

    UNREACHABLE = "unreachable"
    CREDENTIALS = "credentials"
    WRONG_SERIAL = "wrong_serial"
    WRONG_PROTOCOL = "wrong_protocol"
    NOT_READY = "not_ready"
    REFUSED = "refused"
    STORAGE = "storage"
    DAMAGED = "damaged"
    NONSENSE = "nonsense"
    CERTIFICATE = "certificate"
    LOCKED = "locked"


class DriverError(Exception):
    """A printer did not do what was asked; the message is for the person at the page."""

    def __init__(self, trouble: Trouble, words: str) -> None:
        super().__init__(words)
        self.trouble = trouble


class StartRefused(DriverError):
    """The printer unmistakably said no to a start: nothing of ours prints or will."""


Progress = Callable[[int], None]


class Driver(ABC):
    """A printer behind one protocol. Every call has a time limit and raises DriverError.

    `stop_words` say what the stop did where the protocol knows no emergency stop; empty where it does.
    """

    protocol: ClassVar[str]
    label: ClassVar[str]
    link: ClassVar[Link]
    formats: ClassVar[frozenset[str]]
    default_port: ClassVar[int]
    default_file_port: ClassVar[int] = 0
    secret_label: ClassVar[str]
    takes_secret: ClassVar[bool] = True
    stop_words: ClassVar[str] = ""
    needs_serial: ClassVar[bool] = False
    adjustable: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    # False where a printer at rest may name no job because it has forgotten the last one.
    keeps_last_job: ClassVar[bool] = True
    # Whether `stop` cuts heaters and motors at once; else it is the nearest there is, a cancel.
    stops_at_once: ClassVar[bool] = False
    clears_errors: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    @classmethod
    def is_unique(cls, job_key: str) -> bool:
        """Whether no two jobs of a printer have this key: seen again, it proves that none came between."""
        return True

    @classmethod
    def formats_for(cls, model: str) -> frozenset[str]:
        """What a printer of this model prints: some that speak the protocol read less than others."""
        return cls.formats

    @abstractmethod
    def probe(self) -> Detected:
        """Connect as a job would and tell what is there; the error says what to mend."""

    @abstractmethod
    def upload(self, path: Path, remote_name: str, sha256: str, progress: Progress | None = None) -> None:
        """Store `path` as `remote_name` without starting it; return only when its size there is verified.

        The bytes read are hashed on the way; Trouble.DAMAGED if they are not `sha256`.
        """

    @abstractmethod
    def remove(self, remote_name: str) -> None:
        """Delete `remote_name` and see that it is gone; a missing file is no error."""

    @abstractmethod
    def close(self) -> None:
        """Close every socket; the driver may be used again afterwards."""


class PolledDriver(Driver):
    """A printer that answers questions."""

    link = Link.POLL

    @abstractmethod
    def status(self) -> Status:
        """The full state now, from the printer itself."""

    @abstractmethod
    def start(self, order: StartOrder) -> None:
        """Ask once to print. StartRefused is an unmistakable no; any other error leaves it open."""

    @abstractmethod
    def outcome_of(self, remote_name: str) -> Outcome | None:
        """How the last print of `remote_name` ended by the printer's own history; None if it cannot say."""

    @abstractmethod
    def pause(self) -> None: ...

    @abstractmethod
    def resume(self) -> None: ...

    @abstractmethod
    def cancel(self) -> None: ...

    @abstractmethod
    def stop(self) -> None:
        """Emergency stop: heaters and motors off at once, or the nearest to it (`stops_at_once`)."""

    @abstractmethod
    def clear_errors(self) -> None: ...
