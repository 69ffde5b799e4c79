"""When to try a printer again that did not answer: later each time, and rarely with a wrong secret. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from printers.drivers.driver import Trouble

# Facts 6.2: reconnect after 1, 2, 4 … 30 s, each a fifth more or less, so that a farm does not knock in step.
STEPS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
SPREAD = 0.2
REFUSED_S = 600.0
OFFLINE_AFTER = 3
# Asking again helps nothing until a person has changed something.
HOPELESS = frozenset({Trouble.CREDENTIALS, Trouble.CERTIFICATE, Trouble.WRONG_SERIAL})


@dataclass(frozen=True, slots=True)
class Pause:
    """`settings` names the settings tried: others are tried at once. `until` is on the caller's clock.

    `hopeless` means that only a person can mend it.
    """

    settings: str
    failures: int = 0
    until: float = 0.0
    hopeless: bool = False

    def holds(self, settings: str, now: float) -> bool:
        """Whether a printer with these settings is to be left alone now."""
        # A time further off was set before the clock was set back.
        return self.settings == settings and 0 < self.until - now <= REFUSED_S

    @property
    def is_offline(self) -> bool:
        """Whether the printer has failed often enough to be called offline."""
        return self.hopeless or self.failures >= OFFLINE_AFTER

    def after(self, trouble: Trouble, settings: str, now: float, chance: Callable[[], float]) -> "Pause":
        """The pause after one more failure; `chance` gives 0 to 1."""
        before = self if self.settings == settings else Pause(settings)
        failures = before.failures + 1
        if trouble in HOPELESS:
            return replace(before, failures=failures, until=now + REFUSED_S, hopeless=True)
        step = STEPS_S[min(failures, len(STEPS_S)) - 1]
        wait = step * (1 - SPREAD + 2 * SPREAD * chance())
        return replace(before, failures=failures, until=now + wait, hopeless=False)
