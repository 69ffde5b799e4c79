"""The storage of a Bambu printer answering in every way that a file server can."""

import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printers.drivers import bambu_files
from printers.drivers.bambu import BambuDriver
from printers.drivers.driver import DriverError, Endpoint, Trouble
from simulator.certificate import carry, server_context
from tests.drivers.rig import make_3mf, sha256

WELCOME = {"USER": "331 Code", "PASS": "230 In", "PBSZ": "200", "PROT": "200", "TYPE": "200", "QUIT": "221"}


@contextmanager
def file_server(replies: dict[str, str], greeting: str = "220 Hello") -> Iterator[tuple[Endpoint, list[str]]]:
    """A file server with one answer for each verb; gives its endpoint and the lines it was sent.

    PASV opens a line in the clear that takes everything; STOR is answered by its reply, with "226" when the
    line ends, and SIZE "stored" tells how much came.
    """
    context = server_context(ssl.TLSVersion.TLSv1_2)
    with tempfile.TemporaryDirectory() as folder:
        carry((context,), "serial", Path(folder) / "serial.pem")
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[str] = []

    def talk(line: ssl.SSLSocket) -> None:
        stored, data = 0, None
        source = line.makefile("r", encoding="utf-8")
        line.sendall(f"{greeting}\r\n".encode())
        while said := source.readline().strip():
            heard.append(said)
            verb = said.split(" ")[0]
            reply = {**WELCOME, **replies}.get(verb, "502 No")
            if verb == "PASV" and reply == "open":
                data = socket.create_server(("127.0.0.1", 0))
                port = data.getsockname()[1]
                reply = f"227 Passive (127,0,0,1,{port >> 8},{port & 255})"
            line.sendall(f"{reply}\r\n".encode())
            if verb == "STOR" and reply.startswith("150") and data:
                peer, _ = data.accept()
                while piece := peer.recv(65536):
                    stored += len(piece)
                line.sendall(b"226 Done\r\n")

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
                talk(context.wrap_socket(plain, server_side=True))
            except OSError:
                if listener.fileno() < 0:
                    return

    threading.Thread(target=serve, daemon=True).start()
    yield Endpoint("127.0.0.1", file_port=listener.getsockname()[1], serial="serial", secret="1"), heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def trouble_of(call: Callable[[], None]) -> Trouble:
    with pytest.raises(DriverError) as caught:
        call()
    return caught.value.trouble


@pytest.mark.parametrize(
    ("replies", "trouble"),
    [
        ({"PASS": "530 Login incorrect"}, Trouble.CREDENTIALS),
        ({"PASS": "421 Too many users"}, Trouble.NOT_READY),
        ({"SIZE": "213 many"}, Trouble.NONSENSE),
        ({"SIZE": "500 What"}, Trouble.REFUSED),
        ({"SIZE": "213 5", "DELE": "250 Gone"}, Trouble.STORAGE),
        ({"SIZE": "213 5", "DELE": "553 No"}, Trouble.STORAGE),
        ({"TYPE": "x" * 20_000}, Trouble.NONSENSE),
        ({"TYPE": "200-\r\n" + "200-more\r\n" * 2000}, Trouble.NONSENSE),
    ],
)
def test_every_refusal_to_delete_has_its_trouble(replies: dict[str, str], trouble: Trouble) -> None:
    with file_server(replies) as (endpoint, _):
        assert trouble_of(lambda: BambuDriver(endpoint).remove("a.gcode.3mf")) is trouble


def test_a_server_that_greets_with_nonsense_is_no_storage() -> None:
    with file_server({}, greeting="\x00\x01") as (endpoint, _):
        assert trouble_of(lambda: BambuDriver(endpoint).remove("a.gcode.3mf")) is Trouble.NONSENSE


def test_a_printer_that_cannot_encrypt_data_gets_the_file_in_the_clear(tmp_path: Path) -> None:
    file = make_3mf(tmp_path / "a.gcode.3mf")
    size = f"213 {file.stat().st_size}"

    with file_server({"PASV": "open", "STOR": "150 Go", "SIZE": size}) as (endpoint, heard):
        BambuDriver(endpoint).upload(file, "a.gcode.3mf", sha256(file))

    assert [said for said in heard if said.startswith("PROT")] == ["PROT P", "PROT C", "PROT P"]


def test_an_upload_that_ends_with_full_storage_says_so(tmp_path: Path) -> None:
    file = make_3mf(tmp_path / "a.gcode.3mf")

    with file_server({"PASV": "open", "STOR": "552 Full"}) as (endpoint, _):
        trouble = trouble_of(lambda: BambuDriver(endpoint).upload(file, "a.gcode.3mf", sha256(file)))

    assert trouble is Trouble.STORAGE


def test_no_tls_is_not_a_printers_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bambu_files, "CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            line, _ = listener.accept()
            line.sendall(b"220 plain FTP\r\n")

        threading.Thread(target=greet, daemon=True).start()
        endpoint = Endpoint("127.0.0.1", file_port=listener.getsockname()[1])

        assert trouble_of(lambda: BambuDriver(endpoint).remove("a.gcode.3mf")) is Trouble.WRONG_PROTOCOL
