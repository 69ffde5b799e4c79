"""Children that run together: their logs are kept, the dead are started again, all stop in order."""

import logging
import logging.handlers
import os
import selectors
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from signal import SIGTERM, Signals

from .embedded.children import ServerFailed, kill_group, spawn

LOG_BYTES, LOG_FILES = 5_000_000, 3
FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 30.0
# A child that lived longer than this did not fail at its start, so it is not made to wait.
STEADY_AFTER_S = 30.0
Start = Callable[[int], "subprocess.Popen[bytes]"]


class StepFailed(RuntimeError):
    """A step of the set-up failed; says which, with the end of its log."""


class Process:
    """A child that is to run for as long as we do.

    `start` gets the descriptor to write its log to, and may take its time. Where `needs` names a file, the
    child runs from the moment that it exists.
    """

    def __init__(
        self, name: str, start: Start, *, stop_signal: Signals = SIGTERM, needs: Path | None = None
    ) -> None:
        self.name, self.start, self.stop_signal, self.needs = name, start, stop_signal, needs
        self.child: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.begun = 0.0
        self.due = 0.0

    def died(self, now: float) -> int | None:
        """The exit status of a child that ended since we last asked, its next start being set; else None."""
        status = None if self.child is None else self.child.poll()
        if self.child is None or status is None:
            return None
        # What it had started itself must not hold its port or its files.
        kill_group(self.child)
        self.child = None
        self.put_off(now)
        return status

    def put_off(self, now: float) -> None:
        """Set when to start again: later with each start that failed soon."""
        self.failures = 0 if now - self.begun > STEADY_AFTER_S else self.failures + 1
        self.due = now + min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** max(0, self.failures - 1))

    def is_due(self, now: float) -> bool:
        """Whether it does not run and should."""
        return self.child is None and now >= self.due and (self.needs is None or self.needs.exists())


class Log:
    """The lines of one child, in a file that is rotated, the last ones at hand."""

    def __init__(self, folder: Path, name: str, echo: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name, self.echo = name, echo
        self.last: deque[str] = deque(maxlen=15)
        self._file = logging.handlers.RotatingFileHandler(
            folder / f"{name}.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
        )
        self._begun = b""

    def feed(self, part: bytes) -> None:
        """Take what was read; a line counts when it is whole, `b""` ends the last one."""
        *whole, self._begun = (self._begun + part).split(b"\n") if part else (self._begun, b"")
        for raw in whole:
            line = raw.decode(errors="replace").rstrip()
            if line:
                self.last.append(line)
                self._file.emit(logging.makeLogRecord({"msg": line, "args": None}))
                self.echo(f"{self.name:<10} | {line}")

    def close(self) -> None:
        self._file.close()


class Supervisor:
    """Runs processes. One thread; `watch` is called again and again, and does what is to be done."""

    def __init__(self, log_folder: Path, say: Callable[[str], None]) -> None:
        self.log_folder, self.say = log_folder, say
        self.processes: list[Process] = []
        self.logs: dict[str, Log] = {}
        # Set-up shows its own progress; the children's lines are shown once all is ready.
        self.echoing = False
        self._pipes = selectors.DefaultSelector()

    def add(self, process: Process) -> None:
        """Take a process in, and start it unless it waits for a file. Raises ServerFailed."""
        self.processes.append(process)
        try:
            if process.is_due(time.monotonic()):
                self._start(process)
        except ServerFailed as failure:
            self._read_logs(0)
            raise ServerFailed(f"{failure}\n{self.last_words(process.name)}".strip()) from failure

    def run_step(self, name: str, argv: Sequence[str], env: Mapping[str, str], *, echo: bool = False) -> None:
        """Run a command to its end, `echo` its lines if asked; raises StepFailed."""
        log = self._log(name)
        log.echo = self.say if echo else self._echo
        reading, writing = os.pipe()
        child = spawn(argv, output=writing, env=env)
        os.close(writing)
        self._pipes.register(reading, selectors.EVENT_READ, log)
        try:
            while child.poll() is None:
                self._read_logs(0.1)
        finally:
            if child.poll() is None:
                self._end([Process(name, lambda _: child)], [child], 5.0)
            self._read_logs(0)
        if child.returncode:
            raise StepFailed(f"{name} failed (status {child.returncode}):\n" + self.last_words(name))

    def watch(self, wait_s: float = 0.5) -> None:
        """Write down what the children say, for at most `wait_s` without news, and start the dead again."""
        self._read_logs(wait_s)
        now = time.monotonic()
        for process in self.processes:
            status = process.died(now)
            if status is not None:
                delay = process.due - now
                self.say(f"{process.name} ended (status {status}). Starting it again in {delay:.1f} s.")
            if process.is_due(now):
                self._restart(process)

    def last_words(self, name: str) -> str:
        """The last lines of a child's log."""
        return "\n".join(self._log(name).last)

    def stop(self, groups: Iterable[tuple[Sequence[Process], float]]) -> None:
        """Stop group after group, giving each its seconds before what remains of it is killed."""
        for processes, patience_s in groups:
            running = [process for process in processes if process.child is not None]
            self._end(
                running, [process.child for process in running if process.child is not None], patience_s
            )
        self._read_logs(0)
        for log in self.logs.values():
            log.close()

    def _end(
        self, processes: Sequence[Process], children: Sequence["subprocess.Popen[bytes]"], patience_s: float
    ) -> None:
        for process, child in zip(processes, children, strict=True):
            if child.poll() is None:
                child.send_signal(process.stop_signal)
        ends = time.monotonic() + patience_s
        while any(child.poll() is None for child in children) and time.monotonic() < ends:
            # They may be waiting for us to read their last words.
            self._read_logs(0.05)
        for child in children:
            kill_group(child)
            child.wait()

    def _start(self, process: Process) -> None:
        reading, writing = os.pipe()
        process.begun = time.monotonic()
        self._pipes.register(reading, selectors.EVENT_READ, self._log(process.name))
        try:
            process.child = process.start(writing)
        finally:
            os.close(writing)

    def _restart(self, process: Process) -> None:
        try:
            self._start(process)
        except ServerFailed as failure:
            process.put_off(time.monotonic())
            self.say(str(failure))

    def _log(self, name: str) -> Log:
        if name not in self.logs:
            self.logs[name] = Log(self.log_folder, name, self._echo)
        return self.logs[name]

    def _echo(self, line: str) -> None:
        if self.echoing:
            self.say(line)

    def _read_logs(self, wait_s: float) -> None:
        if not self._pipes.get_map():
            time.sleep(min(wait_s, 0.1))
            return
        for key, _ in self._pipes.select(wait_s):
            part = os.read(key.fd, 65536)
            key.data.feed(part)
            if not part:
                self._pipes.unregister(key.fd)
                os.close(key.fd)
