"""Closes connections that nobody uses any more: a printer has few places and frees a forgotten one late."""

import threading
import time
import weakref
from typing import Protocol

# Two polls: of many processes that take turns, a third one comes only after the first has let go.
LINGER_S = 4.0


class Lingering(Protocol):
    """Something that may hold a connection open."""

    @property
    def is_open(self) -> bool: ...

    def close_if_idle(self) -> None: ...


class Sweeper:
    """One thread for all connections of the process, there only while one is open."""

    def __init__(self) -> None:
        self._watched: weakref.WeakSet[Lingering] = weakref.WeakSet()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, link: Lingering) -> None:
        """See to it that `link` is closed when it has been idle for long enough."""
        with self._changing:
            self._watched.add(link)
            # A forked process has this object, but not its thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._sweep, name="idle connections", daemon=True)
                self._thread.start()

    def _sweep(self) -> None:
        while True:
            time.sleep(min(1.0, LINGER_S / 4))
            with self._changing:
                links = list(self._watched)
            for link in links:
                link.close_if_idle()
            with self._changing:
                for link in links:
                    if not link.is_open:
                        self._watched.discard(link)
                if not self._watched:
                    self._thread = None
                    return


sweeper = Sweeper()
