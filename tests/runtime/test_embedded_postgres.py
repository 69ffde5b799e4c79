import os
import select
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from odin_site.embedded import EmbeddedPostgres
from odin_site.embedded.children import ServerFailed
from odin_site.embedded.folders import socket_folder

FAST_TO_MAKE = {"shared_buffers": "1MB"}


@pytest.fixture
def postgres(running, tmp_path) -> EmbeddedPostgres:
    return running(EmbeddedPostgres(tmp_path, FAST_TO_MAKE))


def ask(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.url) as connection:
        return connection.execute(question).fetchone()[0]


def test_what_was_written_is_there_after_a_restart_and_after_a_kill(postgres):
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE spool (name text); INSERT INTO spool VALUES ('first')")
    postgres.stop()
    postgres.start(subprocess.DEVNULL)
    with psycopg.connect(postgres.url) as connection:
        connection.execute("INSERT INTO spool VALUES ('second')")

    postgres.child.kill()
    postgres.child.wait()
    postgres.start(subprocess.DEVNULL)

    assert ask(postgres, "SELECT string_agg(name, ' ' ORDER BY name) FROM spool") == "first second"


def test_case_is_ignored_beyond_ascii_and_writes_are_durable(postgres):
    assert ask(postgres, "SELECT 'Éclair' ILIKE 'éCLAIR'")
    assert ask(postgres, "SELECT current_setting('fsync') || current_setting('synchronous_commit')") == "onon"


def test_only_our_user_reaches_data_and_socket_and_no_port_is_open(postgres):
    socket = Path(postgres.url.partition("host=")[2])

    assert ask(postgres, "SELECT current_setting('listen_addresses')") == ""
    assert [folder.stat().st_mode & 0o777 for folder in (postgres.data, socket)] == [0o700, 0o700]


def test_a_lock_that_names_a_living_stranger_does_not_keep_us_out(postgres):
    postgres.stop()
    lock = postgres.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{postgres.data}\n1\n5432\n\n\n")
    os.chown(lock, postgres.data.stat().st_uid, -1)

    postgres.start(subprocess.DEVNULL)

    assert ask(postgres, "SELECT 1") == 1


def test_a_server_that_outlived_its_parent_is_ended_first(postgres):
    orphan = postgres.child
    again = EmbeddedPostgres(postgres.data.parent, FAST_TO_MAKE)

    again.start(subprocess.DEVNULL)

    try:
        assert orphan.wait(5) == 0
        assert ask(again, "SELECT 1") == 1
    finally:
        again.stop()


def test_a_half_made_cluster_is_made_anew(running, tmp_path):
    unfinished = tmp_path / "postgres-18.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")

    server = running(EmbeddedPostgres(tmp_path, FAST_TO_MAKE))

    assert ask(server, "SELECT 1") == 1
    assert not unfinished.exists()


def test_a_home_with_a_long_path_gets_a_socket_elsewhere(running, tmp_path):
    server = running(EmbeddedPostgres(tmp_path / ("long" * 30), FAST_TO_MAKE))

    assert ask(server, "SELECT 1") == 1
    assert "host=/tmp/odin-" in server.url


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may walk there and PostgreSQL not")
def test_root_may_keep_data_where_postgresql_cannot_walk(running, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    server = running(EmbeddedPostgres(closed / "home", FAST_TO_MAKE))

    assert ask(server, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700
    assert server.data.stat().st_uid != 0


def test_a_setting_it_refuses_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("odin_site.embedded.postgres.LEFTOVERS_GONE_WITHIN_S", 0)
    server = EmbeddedPostgres(tmp_path, {"shared_buffers": "not a size"})

    with pytest.raises(ServerFailed, match="does not start"):
        server.start(subprocess.DEVNULL)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help")
def test_the_server_ends_with_a_killed_parent(tmp_path):
    script = (
        "import subprocess, sys; from pathlib import Path; from odin_site.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); child = server.start(subprocess.DEVNULL)\n"
        "print(child.pid, flush=True); child.wait()"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True)
    server = os.pidfd_open(int(parent.stdout.readline()))

    parent.kill()

    ended, _, _ = select.select([server], [], [], 20)
    os.close(server)
    parent.communicate()
    socket_folder(tmp_path / "socket", (tmp_path / "postgres-18").stat().st_uid).rmdir()
    assert ended
    assert not (tmp_path / "postgres-18" / "postmaster.pid").exists()
