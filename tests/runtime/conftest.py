import subprocess
from pathlib import Path

import pytest

from odin_site.embedded import EmbeddedPostgres, EmbeddedValkey
from odin_site.processes import Supervisor


@pytest.fixture
def running():
    """Calls `start` of embedded servers, and stops them at the end of the test."""
    started = []

    def start(server: EmbeddedPostgres | EmbeddedValkey) -> EmbeddedPostgres | EmbeddedValkey:
        started.append(server)
        server.start(subprocess.DEVNULL)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]):
    supervisor = Supervisor(tmp_path / "log", said.append)
    yield supervisor
    supervisor.stop([(supervisor.processes, 5.0)])
