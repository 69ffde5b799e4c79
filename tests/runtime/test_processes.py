import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from odin_site import processes
from odin_site.embedded.children import ServerFailed, spawn
from odin_site.processes import Process, StepFailed, Supervisor

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


@pytest.fixture(autouse=True)
def no_long_wait(monkeypatch):
    monkeypatch.setattr(processes, "FIRST_DELAY_S", 0.01)


def python(script: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", script, *map(str, arguments)]


def child(name: str, script: str, *arguments: object, needs: Path | None = None) -> Process:
    return Process(name, lambda output: spawn(python(script, *arguments), output=output), needs=needs)


def watch_until(supervisor: Supervisor, reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < ends, "waited for 10 s"
        supervisor.watch(0.05)


def lines_of(supervisor: Supervisor, name: str) -> list[str]:
    return list(supervisor.logs[name].last)


def test_a_killed_child_is_started_again(supervisor, said):
    process = child("worker", SLEEPS)
    supervisor.add(process)
    watch_until(supervisor, lambda: lines_of(supervisor, "worker") == ["up"])
    first = process.child.pid

    os.kill(first, signal.SIGKILL)
    watch_until(supervisor, lambda: lines_of(supervisor, "worker") == ["up", "up"])

    assert process.child.pid != first
    assert said == ["worker ended (status -9). Starting it again in 0.0 s."]


def test_what_a_dead_child_had_started_is_gone_before_it_starts_again(supervisor):
    script = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', sys.argv[1]]).pid, flush=True)"
    )
    supervisor.add(child("web", script, DEAF))
    watch_until(supervisor, lambda: len(lines_of(supervisor, "web")) >= 2)

    left = [line for line in lines_of(supervisor, "web") if line.isdecimal()][0]

    watch_until(supervisor, lambda: not Path("/proc", left).exists() or "State:\tZ" in status_of(left))


def status_of(number: str) -> str:
    return Path("/proc", number, "status").read_text()


def test_each_failed_start_waits_twice_as_long_up_to_a_limit():
    process = child("worker", SLEEPS)

    delays = []
    for _ in range(14):
        process.put_off(0.0)
        delays.append(process.due)

    assert delays[:4] == [0.01, 0.02, 0.04, 0.08]
    assert delays[-1] == processes.LONGEST_DELAY_S


def test_a_child_that_lived_long_is_started_at_once():
    process = child("worker", SLEEPS)
    process.failures = 5

    process.put_off(processes.STEADY_AFTER_S + 1)

    assert process.failures == 0
    assert process.due - processes.STEADY_AFTER_S - 1 == pytest.approx(0.01)


def test_stopping_ends_the_deaf_too(supervisor):
    good, deaf = child("good", SLEEPS), child("deaf", DEAF)
    for process in (good, deaf):
        supervisor.add(process)
    watch_until(supervisor, lambda: lines_of(supervisor, "good") == lines_of(supervisor, "deaf") == ["up"])

    supervisor.stop([([deaf, good], 0.3)])

    assert (good.child.returncode, deaf.child.returncode) == (-signal.SIGTERM, -signal.SIGKILL)


def test_groups_stop_one_after_the_other(supervisor, tmp_path):
    note = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(60)"
    )
    database, web = (child(name, note, tmp_path / "order", name[0]) for name in ("database", "web"))
    for process in (database, web):
        supervisor.add(process)
    watch_until(supervisor, lambda: lines_of(supervisor, "database") == lines_of(supervisor, "web") == ["up"])

    supervisor.stop([([web], 5), ([database], 5)])

    assert (tmp_path / "order").read_text() == "wd"


def test_a_child_that_needs_a_file_starts_when_it_appears(supervisor, tmp_path):
    process = child("simulator", SLEEPS, needs=tmp_path / "farm.json")
    supervisor.add(process)
    supervisor.watch(0)
    assert process.child is None

    (tmp_path / "farm.json").touch()
    supervisor.watch(0)

    assert process.child is not None


def test_lines_are_kept_in_a_file_and_shown_with_the_name(supervisor, said, tmp_path):
    supervisor.echoing = True

    supervisor.run_step("prepare", python("print('100 % done'); print('end', end='')"), dict(os.environ))

    assert said == ["prepare    | 100 % done", "prepare    | end"]
    assert (tmp_path / "log" / "prepare.log").read_text() == "100 % done\nend\n"


def test_a_child_that_says_more_than_a_pipe_holds_is_heard_out(supervisor, tmp_path):
    supervisor.run_step("talker", python("print('word ' * 100_000)"), dict(os.environ))

    assert (tmp_path / "log" / "talker.log").stat().st_size == 500_000


def test_a_failed_step_tells_its_last_words(supervisor):
    with pytest.raises(StepFailed, match=r"prepare failed \(status 3\):\nno such table"):
        supervisor.run_step("prepare", python("print('no such table'); exit(3)"), dict(os.environ))


def test_a_server_that_cannot_come_back_is_tried_again(supervisor, said):
    answers = iter(["down", "down"])

    def start(output: int) -> "subprocess.Popen[bytes]":
        if next(answers, None):
            raise ServerFailed("PostgreSQL does not answer")
        return spawn(python(SLEEPS), output=output)

    process = Process("postgresql", start)
    process.due = time.monotonic() + 0.01
    supervisor.add(process)
    watch_until(supervisor, lambda: process.child is not None)

    assert said == ["PostgreSQL does not answer"] * 2
