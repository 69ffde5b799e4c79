"""Misbehaviour that a test or the demo can order of a simulated printer."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Faults:
    """Every field is off by default; numbers named `..._next` count down with each use.

    `delay_s` waits before each answer. `drop_next` cuts the line
    instead of obeying the next commands, `cut_next` after obeying them, `lose_next`
    answers the next commands as accepted and does nothing, `nonsense` answers what is no answer, `half`
    sends half an answer and closes, `mute` takes requests and never answers, `no_history` hides the
    list of past prints. For Bambu's files: `short_upload` keeps only so many bytes and still says 226,
    `storage` is "" or "missing" or "full"; `locked` refuses unsigned commands; `no_ack` swallows PUBACKs.
    """

    delay_s: float = 0.0
    drop_next: int = 0
    cut_next: int = 0
    lose_next: int = 0
    nonsense: bool = False
    half: bool = False
    mute: bool = False
    no_history: bool = False
    short_upload: int = -1
    storage: str = ""
    locked: bool = False
    no_ack: bool = False
    late_reply: bool = False

    def order(self, **wanted: object) -> None:
        """Turn faults on or off; KeyError for one that does not exist, ValueError for an unfit value."""
        kinds = {field.name: type(getattr(Faults(), field.name)) for field in fields(Faults)}
        for name, value in wanted.items():
            setattr(self, name, kinds[name](value))

    def mend(self) -> None:
        """Turn every fault off."""
        for field in fields(self):
            setattr(self, field.name, field.default)

    def take(self, name: str) -> bool:
        """Whether the counted fault `name` strikes now; counts it down."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
