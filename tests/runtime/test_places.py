import json
import socket

import pytest

from odin_site.embedded.children import ServerFailed
from odin_site.places import (
    Place,
    PlaceTaken,
    lock,
    place_from,
    require_free_port,
    wait_for_postgres,
    wait_for_redis,
)
from odin_site.programs import programs
from odin_site.run import how_to_sign_in


def test_by_default_data_is_in_var_and_only_this_machine_is_answered(tmp_path):
    assert place_from({}, tmp_path) == Place(tmp_path / "var", "127.0.0.1", 8000)


def test_folder_and_address_come_from_the_environment(tmp_path):
    given = {"ODIN_HOME": str(tmp_path), "PORT": "9000", "HOST": "0.0.0.0"}  # noqa: S104

    place = place_from(given, tmp_path)

    assert (place.home, place.url) == (tmp_path, "http://127.0.0.1:9000")
    assert "--bind=0.0.0.0:9000" in next(program for program in programs(place) if program.name == "web").argv


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_told(port, tmp_path):
    with pytest.raises(PlaceTaken, match="must be a number from 1 to 65535"):
        place_from({"PORT": port}, tmp_path)


def test_a_taken_port_is_told_with_another(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PlaceTaken, match=f"Port {port} is taken"):
            require_free_port(Place(tmp_path, "127.0.0.1", port))


def test_a_port_is_free_again_as_soon_as_it_is_left(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as left:
        port = left.getsockname()[1]

    require_free_port(Place(tmp_path, "127.0.0.1", port))


def test_one_folder_has_one_odin_at_a_time(tmp_path):
    with lock(tmp_path), pytest.raises(PlaceTaken, match="already runs"):
        lock(tmp_path)

    lock(tmp_path).close()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(PlaceTaken, match="Set ODIN_HOME"):
        lock(tmp_path / "file")


@pytest.mark.parametrize(
    ("wait", "url"),
    [
        (wait_for_postgres, "postgres://odin:hidden@127.0.0.1:1/odin"),
        (wait_for_redis, "redis://:hidden@127.0.0.1:1/0"),
        (wait_for_redis, "nonsense://:hidden@host"),
    ],
)
def test_a_server_that_does_not_answer_is_told_without_its_password(wait, url, monkeypatch):
    monkeypatch.setattr("odin_site.places.REACHED_WITHIN_S", 0)

    with pytest.raises(ServerFailed, match="cannot be used") as failure:
        wait(url)

    assert "hidden" not in str(failure.value)


def test_the_demo_tells_its_people(tmp_path):
    people = [{"email": "ada@school.test", "password": "plain words", "role": "viewer", "token": "t"}]
    demo = {
        "superadmin": {"email": "root@odin.test", "password": "p"},
        "orgs": [{"name": "School", "users": people}],
    }
    (tmp_path / "demo.json").write_text(json.dumps(demo))

    lines = how_to_sign_in(Place(tmp_path, "127.0.0.1", 1)).splitlines()

    assert [line.split() for line in lines[1:3]] == [
        ["root@odin.test", "p", "superadmin,", "all", "organisations"],
        ["ada@school.test", "plain", "words", "viewer,", "School"],
    ]
