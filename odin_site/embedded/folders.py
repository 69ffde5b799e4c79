"""Folders for servers: who owns them, and where a socket's path is short enough."""

import contextlib
import hashlib
import os
import stat
from pathlib import Path

from .children import ServerFailed

# A Unix socket's address holds 108 bytes on Linux and 104 on macOS; the file's name takes up to 15.
LONGEST_SOCKET_FOLDER = 85


def own_folder(path: Path, owner: int | None = None) -> Path:
    """Make `path`, or take it as it is if it is `owner`'s (ours by default), with mode 700."""
    owner = os.geteuid() if owner is None else owner
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if found.st_uid not in (owner, os.geteuid()) or not stat.S_ISDIR(found.st_mode):
        raise ServerFailed(
            f"{path} belongs to user {found.st_uid}, and this is user {os.geteuid()}. "
            "Start O.D.I.N. as that user, or choose another folder with ODIN_HOME."
        )
    if found.st_uid != owner:
        os.chown(path, owner, owner)
    path.chmod(0o700)
    return path


def socket_folder(wanted: Path, owner: int | None = None) -> Path:
    """`wanted`, made for `owner`; or a folder under /tmp that stands for it.

    The latter when the path is too long for a socket, or `owner` cannot get there.
    """
    wanted = wanted.resolve()
    usable = len(os.fsencode(wanted)) <= LONGEST_SOCKET_FOLDER and (owner is None or reachable(wanted))
    if not usable:
        key = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
        wanted = Path("/tmp", f"odin-{os.geteuid()}-{key}")  # noqa: S108
    return own_folder(wanted, owner)


def remove_socket_folder(folder: Path) -> None:
    """Remove what `socket_folder` made, unless something still listens in it."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def reachable(path: Path) -> bool:
    """Whether any user can get into the folders that lead to `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents if parent.exists())
