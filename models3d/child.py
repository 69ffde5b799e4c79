"""The reader of files as a child process: a hostile file can harm nothing but that."""

import json
import logging
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from .formats.metadata import Metadata, UnreadableFile
from .formats.serialising import from_json

logger = logging.getLogger(__name__)

TELL_S = 0.5
# A name the reader needs is kept; keys, passwords and addresses in the environment are not its business.
KEPT_NAMES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


def ask_reader(
    path: Path,
    name: str,
    limit_s: float,
    *,
    preview: IO[bytes] | None = None,
    tell: Callable[[float], object] | None = None,
) -> Metadata:
    """What the file says. UnreadableFile, in words for the person, also where the child was stopped or died.

    The child writes its layers to `preview`, which stays empty if there are none. `tell` is called every half
    second with how much of the file has been read, 0 to 1.
    """
    if not path.is_file():
        raise UnreadableFile(_("The stored file is missing from the server."))
    environment = {key: os.environ[key] for key in KEPT_NAMES if key in os.environ}
    # One thread: more are no faster here and each reserves memory.
    environment |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "models3d.formats", str(path), name]
    kept = (preview.fileno(),) if preview else ()
    command += [f"/dev/fd/{number}" for number in kept]
    with subprocess.Popen(  # noqa: S603  # our own program
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        pass_fds=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        _limit_cpu(child.pid, limit_s)
        said, complaint = _wait(child, path, time.monotonic() + limit_s, tell)
    return _understood(child.returncode, said, complaint)


def _wait(
    child: "subprocess.Popen[bytes]", path: Path, until: float, tell: Callable[[float], object] | None
) -> tuple[bytes, bytes]:
    """What the child wrote to both its outputs by its end; UnreadableFile where that comes too late."""
    while True:
        try:
            return child.communicate(timeout=min(TELL_S, max(0.0, until - time.monotonic())))
        except subprocess.TimeoutExpired as error:
            if time.monotonic() >= until:
                child.kill()
                raise UnreadableFile(_("Reading the file took too long, so it was stopped.")) from error
            share = _share_read(child.pid, path)
            if tell and share is not None:
                tell(share)


def _share_read(pid: int, path: Path) -> float | None:
    """How far a process has come in a file that it has open, 0 to 1; None where it has not, or none can say.

    The kernel knows, so that no reader has to count: each goes through its file, and never far back.
    """
    try:
        size, wanted = path.stat().st_size, path.resolve()
        number = next(one.name for one in Path(f"/proc/{pid}/fd").iterdir() if one.readlink() == wanted)
        lines = Path(f"/proc/{pid}/fdinfo/{number}").read_text().splitlines()
    except (OSError, StopIteration):
        return None
    position = next((int(line.split()[1]) for line in lines if line.startswith("pos:")), 0)
    return min(1.0, position / size) if size else None


def _understood(status: int, said: bytes, complaint: bytes) -> Metadata:
    try:
        answer = json.loads(said) if status == 0 else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        logger.error(
            "the reader of files ended with %s: %s", status, complaint.decode(errors="replace")[-2000:]
        )
        raise UnreadableFile(_("The file could not be read: reading it broke off."))
    if "unreadable" in answer:
        raise UnreadableFile(str(answer["unreadable"]))
    return from_json(answer)


def _limit_cpu(pid: int, limit_s: float) -> None:
    """The child ends by itself even if we are killed while it works."""
    try:
        resource.prlimit(pid, resource.RLIMIT_CPU, (round(limit_s), round(limit_s) + 5))
    except ProcessLookupError:
        logger.debug("the reader %s was done before it was limited", pid)
