"""Starting a child that cannot outlive us, and ending it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
# Loaded here, as nothing may be imported between fork and exec.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServerFailed(RuntimeError):
    """A server did not come up; says why, and what to do, to whoever started it."""


def spawn(
    argv: Sequence[str | Path],
    *,
    output: IO[bytes] | int | None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `argv` with both its outputs in `output`, in a session of its own.

    A session of its own, so that Ctrl-C reaches only us and we choose the order of stopping.
    Where we die ourselves, Linux sends it `death_signal`.
    """
    return subprocess.Popen(  # noqa: S603
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=env,
        cwd=cwd,
        user=user,
        group=user_group(user),
        extra_groups=None if user is None else [],
        start_new_session=True,
        preexec_fn=_dies_with_us(death_signal),
    )


def user_group(user: int | None) -> int | None:
    """Group to run `user` in: one of the same number, which needs no entry in the group file."""
    return user


def _dies_with_us(death_signal: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        # We may have died before the kernel was asked.
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def end(child: subprocess.Popen[bytes], stop_signal: signal.Signals, patience_s: float) -> None:
    """Ask `child` to stop; after `patience_s` kill it and all it started."""
    if child.poll() is None:
        child.send_signal(stop_signal)
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            kill_group(child)
            child.wait()


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and whatever it started itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
