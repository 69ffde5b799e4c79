"""A real OctoPrint with its virtual printer: installed once, set up by files, run without a screen."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

VERSION = "1.11.8"
KEY = "0123456789ABCDEF0123456789ABCDEF"
WEAK_KEY = "FEDCBA9876543210FEDCBA9876543210"
INSTALL_S, READY_S = 600, 60
# The first-run wizard done, nothing asked of the internet, the virtual printer connected by itself.
CONFIG = """
server:
  firstRun: false
  onlineCheck: {enabled: false}
  pluginBlacklist: {enabled: false}
accessControl: {salt: none-is-needed-for-a-test-of-an-hour}
plugins:
  _disabled: [announcements, softwareupdate, pluginmanager, errortracking, tracking, pi_support, backup,
    gcodeviewer, action_command_notification, file_check, firmware_check, logging, health_check,
    upload_manager, achievements, eventmanager, custom_control_manager]
  virtual_printer: {enabled: true}
serial: {port: VIRTUAL, autoconnect: true}
"""
USERS = f"""
odin: {{active: true, apikey: {KEY}, groups: [admins, users], password: none, permissions: [], roles: [],
  settings: {{}}}}
looker: {{active: true, apikey: {WEAK_KEY}, groups: [readonly], password: none, permissions: [], roles: [],
  settings: {{}}}}
"""


class CannotInstall(Exception):
    """No OctoPrint came about; the message is the last pip said."""


def installed(home: Path) -> Path:
    """The program in a virtual environment of its own under `home`, made once. Raises CannotInstall."""
    home.mkdir(parents=True, exist_ok=True)
    program = home / VERSION / "bin" / "octoprint"
    done = home / VERSION / "complete"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _run([sys.executable, "-m", "venv", "--clear", str(home / VERSION)])
            pip = [str(home / VERSION / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
            _run([*pip, "--disable-pip-version-check", f"OctoPrint=={VERSION}"])
            done.touch()
    return program


def _run(words: list[str]) -> None:
    try:
        subprocess.run(words, check=True, capture_output=True, text=True, timeout=INSTALL_S)
    except subprocess.CalledProcessError as error:
        raise CannotInstall((error.stderr.strip().splitlines() or ["no reason given"])[-1]) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstall(str(error)) from error


@contextmanager
def running(program: Path, folder: Path) -> Iterator[int]:
    """An OctoPrint on a port of this machine, connected to its virtual printer."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "users.yaml").write_text(USERS)
    port = _free_port()
    words = [str(program), "serve", "--iknowwhatimdoing", "--host", "127.0.0.1", "--port", str(port),
             "--basedir", str(folder)]  # fmt: skip
    said = folder / "output.txt"
    with said.open("wb") as output:
        server = subprocess.Popen(words, stdout=output, stderr=output, env=_environment(folder))
        try:
            _wait_until_operational(port, server, said)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST"))}
    return kept | {"HOME": str(folder)}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _wait_until_operational(port: int, server: subprocess.Popen[bytes], said: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and server.poll() is None:
        try:
            url = f"http://127.0.0.1:{port}/api/printer"
            answer = requests.get(url, headers={"X-Api-Key": KEY}, timeout=2)
            if answer.status_code == 200 and answer.json()["temperature"]:
                return
        except (requests.RequestException, ValueError, KeyError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"OctoPrint did not come up:\n{said.read_text(errors='replace')[-2000:]}")
