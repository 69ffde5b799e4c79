import subprocess

import pytest
import redis

from odin_site.embedded import EmbeddedValkey
from odin_site.embedded.children import ServerFailed


@pytest.fixture
def valkey(running, tmp_path) -> EmbeddedValkey:
    return running(EmbeddedValkey(tmp_path))


def client(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def test_what_was_told_is_known_after_a_restart(valkey):
    client(valkey).set("plate", "full")

    valkey.stop()
    valkey.start(subprocess.DEVNULL)

    assert client(valkey).get("plate") == "full"


def test_what_was_told_more_than_a_second_ago_survives_a_kill(valkey):
    client(valkey).set("plate", "full")
    # WAITAOF answers when the file is on the disk: this server, no replica, within 5 s.
    client(valkey).execute_command("WAITAOF", 1, 0, 5000)

    valkey.child.kill()
    valkey.child.wait()
    valkey.start(subprocess.DEVNULL)

    assert client(valkey).get("plate") == "full"


def test_only_our_user_reaches_the_socket_and_nothing_is_thrown_away(valkey):
    settings = client(valkey).config_get("port", "maxmemory-policy", "appendfsync", "save")

    assert settings == {"port": "0", "maxmemory-policy": "noeviction", "appendfsync": "everysec", "save": ""}
    assert (valkey.data.stat().st_mode & 0o777) == 0o700


def test_a_folder_of_broken_data_is_told(tmp_path):
    broken = tmp_path / "valkey" / "appendonlydir"
    broken.mkdir(parents=True)
    (broken / "appendonly.aof.manifest").write_text("nonsense")

    with pytest.raises(ServerFailed, match="does not start"):
        EmbeddedValkey(tmp_path).start(subprocess.DEVNULL)
