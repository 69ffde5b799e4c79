"""Starts PostgreSQL and Valkey before Django reads its settings, unless DATABASE_URL and REDIS_URL are set.

The servers live in .cache/test-servers (ODIN_TEST_HOME), one numbered folder for each run at the same time,
and stop with the run. Workers of pytest-xdist use their controller's, each with a Redis database of its own.
"""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from odin_site.embedded import EmbeddedPostgres, EmbeddedValkey
from odin_site.embedded.children import ServerFailed

# What a test run loses by a power cut is made again; waiting for the disk would double its time.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "log_min_messages": "fatal"}
LAST_OF_A_RUN = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    _set_surroundings()
    try:
        if "PYTEST_XDIST_WORKER" in os.environ:
            _take_own_redis_database(os.environ["PYTEST_XDIST_WORKER"])
        elif not early_config.known_args_namespace.help:
            _start_servers(
                Path(os.environ.get("ODIN_TEST_HOME", early_config.rootpath / ".cache" / "test-servers"))
            )
    except ServerFailed as failure:
        raise pytest.UsageError(str(failure)) from failure
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    LAST_OF_A_RUN.close()


def _set_surroundings() -> None:
    """A home of its own for each process, gone with it, and a key that is no secret."""
    home = tempfile.mkdtemp(prefix="odin-test-home-")
    LAST_OF_A_RUN.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ["ODIN_HOME"] = home
    os.environ["ODIN_SECRET_KEY"] = "for-tests-only-and-known-to-everybody-who-reads-this"
    os.environ["ODIN_ALLOW_LOOPBACK_PRINTERS"] = "true"
    os.environ["DJANGO_SETTINGS_MODULE"] = "odin_site.settings"
    for name in ("ODIN_HTTPS", "ODIN_DEBUG", "ODIN_ALLOWED_HOSTS", "ODIN_PUBLIC_URL", "EMAIL_URL"):
        os.environ.pop(name, None)


def _start_servers(home: Path) -> None:
    needed = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not needed:
        return
    place = _free_place(home)
    with (place / "servers.log").open("wb") as log:
        if "DATABASE_URL" in needed:
            postgres = EmbeddedPostgres(place, FAST)
            LAST_OF_A_RUN.callback(postgres.stop)
            try:
                postgres.start(log)
            except ServerFailed:
                # Spoilt by a power cut, as FAST allows; there is nothing in it to be kept.
                shutil.rmtree(postgres.data)
                postgres.start(log)
            os.environ["DATABASE_URL"] = postgres.url
        if "REDIS_URL" in needed:
            valkey = EmbeddedValkey(place, keep=False)
            LAST_OF_A_RUN.callback(valkey.stop)
            valkey.start(log)
            os.environ["REDIS_URL"] = valkey.url
    LAST_OF_A_RUN.callback(lambda: [os.environ.pop(name) for name in needed])


def _free_place(home: Path) -> Path:
    """The first numbered folder that no other run holds; it is ours until this run ends."""
    for number in itertools.count(1):
        place = home / str(number)
        place.mkdir(parents=True, exist_ok=True)
        lock = LAST_OF_A_RUN.enter_context((place / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return place
    raise AssertionError


def _take_own_redis_database(worker: str) -> None:
    """Database 1 for worker gw0, and so on: one worker's flush must not empty another's."""
    url, _, database = os.environ["REDIS_URL"].rpartition("db=")
    if url.startswith("unix:") and database == "0":
        os.environ["REDIS_URL"] = f"{url}db={int(worker.removeprefix('gw')) + 1}"
