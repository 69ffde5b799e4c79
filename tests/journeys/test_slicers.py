"""What slicers send, byte for byte, to a running server; and curl itself."""

import gzip
import json
import shutil
import socket
import subprocess
import threading
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from tests.factories.models3d import CUBE
from tests.running import Running, eventually

RECORDINGS = sorted((Path(__file__).parent.parent / "recordings" / "inbox").glob("*.json"))
CURL = shutil.which("curl")


class Inbox:
    """An inbox of the demo's first organisation, with a key of its operator."""

    def __init__(self, demo: Running) -> None:
        self.api, self.key = demo.api(), demo.person("operator")["token"]
        self.base = f"/o/{demo.slug()}/inbox/any/"
        self.url, self.address = demo.url + self.base, urlsplit(demo.url)

    def replay(self, lines: list[str], name: str, file: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a recorded request over a socket of its own; what the server answers to it."""
        head, body = self._filled(lines, name, file)
        with socket.create_connection((self.address.hostname, self.address.port), timeout=30) as link:
            link.sendall(head)
            if b"\r\nExpect: 100-continue" in head:
                assert link.recv(25, socket.MSG_WAITALL) == b"HTTP/1.1 100 Continue\r\n\r\n"
            link.sendall(body)
            answer = HTTPResponse(link)
            answer.begin()
            said = answer.read()
            if answer.headers["Content-Encoding"] == "gzip":
                said = gzip.decompress(said)
            return answer.status, dict(answer.headers), said

    def _filled(self, lines: list[str], name: str, file: bytes) -> tuple[bytes, bytes]:
        head, body = ("\r\n".join(part) for part in (lines[: lines.index("")], lines[lines.index("") + 1 :]))
        content = body.replace("{name}", name).encode().replace(b"{file}", file)
        host = self.address.netloc
        values = {"base": self.base, "host": host, "key": self.key, "length": str(len(content))}
        for word, value in values.items():
            head = head.replace(f"{{{word}}}", value)
        return f"{head}\r\n\r\n".encode(), content

    def ready(self, model: str) -> dict[str, Any]:
        def seen() -> dict[str, Any] | None:
            found: dict[str, Any] = self.api.get(f"/models/{model}").json()
            return found if found["current_revision"]["status"] != "reading" else None

        found: dict[str, Any] = eventually(seen)
        return found


@pytest.fixture
def inbox(demo_server: Running) -> Inbox:
    return Inbox(demo_server)


def sliced(times: int = 1) -> bytes:
    """G-code that nobody has sent yet, with a remark so many times over in its middle."""
    begin, mark, end = CUBE.read_bytes().partition(b";LAYER_CHANGE\n")
    return begin + f"; {uuid4()}\n".encode() * times + mark + end


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_recorded_slicer_gets_its_file_into_library_and_queue(recording, inbox):
    told, name = json.loads(recording.read_text()), f"piece {uuid4().hex[:8]}"
    file = sliced(40_000 if "Expect: 100-continue" in str(told) else 1)

    answers = [inbox.replay(lines, name, file) for lines in told["requests"]]

    assert [status for status, _, _ in answers] == [200] * (len(answers) - 1) + [201]
    _, headers, body = answers[-1]
    said = json.loads(body)
    assert said["effectivePrint"] is ("print" in recording.stem)
    assert "/api/files/local/" in headers["Location"]
    model = inbox.ready(said["model_id"])
    assert model["name"].removeprefix("Würfel ").removesuffix("_PLA") == name
    assert model["current_revision"]["status"] == "ready", model["current_revision"]["problem"]
    assert model["current_revision"]["size"] == len(file)
    if said["job_id"]:
        job = inbox.api.get(f"/jobs/{said['job_id']}").json()
        assert job["model_id"] == said["model_id"]
        assert eventually(lambda: inbox.api.get(f"/jobs/{said['job_id']}").json()["estimate_s"])
        inbox.api.post(f"/jobs/{said['job_id']}/cancel")


@pytest.mark.skipif(CURL is None, reason="curl is not installed.")
def test_curl_sends_as_the_page_says(inbox, tmp_path):
    path = tmp_path / f"curl-{uuid4().hex[:8]}.gcode"
    path.write_bytes(sliced(40_000))
    command = [str(CURL), "--silent", "--show-error", "--header", f"X-Api-Key: {inbox.key}"]
    form = ["--form", "print=true", "--form", f"file=@{path}", f"{inbox.url}api/files/local"]

    said = json.loads(subprocess.run([*command, *form], check=True, capture_output=True, timeout=60).stdout)

    assert (said["revision"], said["effectivePrint"]) == (1, True)
    inbox.api.post(f"/jobs/{said['job_id']}/cancel")


def test_file_sent_twice_at_the_same_moment_is_one_model_and_one_job(inbox):
    """Over two web processes with eight threads each."""
    file, name, said = sliced(), f"twin {uuid4().hex[:8]}.gcode", []
    at_once = threading.Barrier(6)

    def send() -> None:
        at_once.wait(20)
        form = {"files": {"file": (name, file)}, "data": {"print": "true"}}
        answer = requests.post(
            f"{inbox.url}api/files/local", headers={"X-Api-Key": inbox.key}, timeout=60, **form
        )
        said.append((answer.status_code, answer.json()["revision"], answer.json()["job_id"]))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(said) == 6
    assert len(set(said)) == 1
    assert said[0][:2] == (201, 1)
    inbox.api.post(f"/jobs/{said[0][2]}/cancel")


def test_upload_that_breaks_off_leaves_nothing(inbox):
    lines = json.loads(RECORDINGS[-1].read_text())["requests"][-1]
    name = f"broken {uuid4().hex[:8]}"
    head, body = inbox._filled(lines, name, sliced())

    with socket.create_connection((inbox.address.hostname, inbox.address.port), timeout=30) as link:
        link.sendall(head + body[: len(body) // 2])
        link.shutdown(socket.SHUT_WR)
        answer = HTTPResponse(link)
        answer.begin()

    assert answer.status == 400
    assert inbox.api.all("/models", search=name) == []


def test_wrong_key_is_refused_in_words_whatever_comes_with_it(inbox):
    (path,) = (path for path in RECORDINGS if path.stem.startswith("curl"))
    inbox.key = "odin_wrong"

    status, _, body = inbox.replay(json.loads(path.read_text())["requests"][0], "x", sliced())

    assert status == 403
    assert "odin_" in json.loads(body)["error"]
