"""What the person at the terminal sees while O.D.I.N. starts and runs."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(line: str) -> None:
    """Show a line."""
    _show(line + "\n")


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show what is being done, and how long it took."""
    begun = time.monotonic()
    _show(f"{what} … ")
    try:
        yield
    except BaseException:
        _show("\n")
        raise
    _show(f"{time.monotonic() - begun:.1f} s\n")


def _show(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        # Nobody listens any more (`make demo | head`), which is no reason to stop.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
