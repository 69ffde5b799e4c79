"""A gate that remembers its answers by what it reads, so that each is worked out once."""

from collections.abc import Callable
from typing import Any

from .gates import Gate, Machine, Needs, Verdict


class _Watched:
    """Stands for needs or a machine, and notes which of its fields a gate reads."""

    def __init__(self, subject: object) -> None:
        self._subject = subject
        self._read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._subject, name)


class Remembering:
    """Whether a gate passes, remembered by the fields that it has ever read.

    A gate is pure: where all these fields are as they were, it would read the same ones again and say the
    same. When it reads a field for the first time, what was remembered without that field is forgotten.
    """

    def __init__(self, gate: Callable[[Needs, Machine], Gate]) -> None:
        self.gate = gate
        self._of_needs: tuple[str, ...] = ()
        self._of_machine: tuple[str, ...] = ()
        self._passes: dict[tuple[object, ...], bool] = {}

    def passes(self, needs: Needs, machine: Machine) -> bool:
        known = self._passes.get(self._key(needs, machine))
        return self._ask(needs, machine) if known is None else known

    def _key(self, needs: Needs, machine: Machine) -> tuple[object, ...]:
        return (
            *[getattr(needs, name) for name in self._of_needs],
            *[getattr(machine, name) for name in self._of_machine],
        )

    def _ask(self, needs: Needs, machine: Machine) -> bool:
        wanted, built = _Watched(needs), _Watched(machine)
        asked: Any = self.gate
        passes = bool(asked(wanted, built).verdict is Verdict.PASS)
        if not (wanted._read <= set(self._of_needs) and built._read <= set(self._of_machine)):
            self._of_needs = tuple(sorted(wanted._read.union(self._of_needs)))
            self._of_machine = tuple(sorted(built._read.union(self._of_machine)))
            self._passes.clear()
        self._passes[self._key(needs, machine)] = passes
        return passes
