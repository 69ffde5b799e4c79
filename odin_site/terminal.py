"""What the person at the terminal sees while O.D.I.N. starts and runs."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# The progress whose line is still to be ended.
_unfinished: list[str] = []


def say(line: str) -> None:
    """Show a line, below that of a `progress` that is not at its end."""
    if _unfinished:
        _show("\n")
        _unfinished.clear()
    _show(line + "\n")


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show what is being done, and how long it took."""
    begun = time.monotonic()
    _show(f"{what} … ")
    _unfinished[:] = [what]
    try:
        yield
    except BaseException:
        if _unfinished:
            _show("\n")
        _unfinished.clear()
        raise
    _show(f"{'' if _unfinished else f'{what}: '}{time.monotonic() - begun:.1f} s\n")
    _unfinished.clear()


def _show(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        # Nobody listens any more (`make demo | head`), which is no reason to stop.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
