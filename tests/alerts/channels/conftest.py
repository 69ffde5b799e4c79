"""Another side to talk to: an HTTP server on this machine, behind names that look public."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from alerts.channels.adapter import Line, Message
from orgs import reaching

NAME = "hooks.example"


@dataclass
class Heard:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class OtherSide:
    """Answers `status` and `says`; `hangs` never answers, `drips` a letter at a time."""

    port: int = 0
    status: int = 200
    says: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    drips: bool = False
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}/in"


class Handler(BaseHTTPRequestHandler):
    side: OtherSide

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.side.heard.append(Heard(self.path, dict(self.headers), body))
        if self.side.hangs:
            self.side.over.wait(60)
            return
        if self.side.drips:
            self._drip()
            return
        self.send_response(self.side.status)
        for name, value in self.side.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.side.says)))
        self.end_headers()
        self.wfile.write(self.side.says)

    do_PUT = do_GET = do_POST

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.side.over.wait(0.05):
            try:
                self.wfile.write(b".")
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, *_args: Any) -> None:
        """Silence."""


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of NAME in one file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return path


@pytest.fixture
def serve(certificate: Path) -> Iterator[Callable[..., OtherSide]]:
    """serve(tls=True) starts a server and tells where it is; stopped afterwards."""
    running = []

    def start(*, tls: bool = True) -> OtherSide:
        side = OtherSide()
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Handler,), {"side": side}))
        server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        side.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        running.append((server, side))
        return side

    yield start
    for server, side in running:
        side.over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our server's certificate is one that is trusted."""
    ours = ssl.create_default_context

    def context(*_args: Any, **_options: Any) -> ssl.SSLContext:
        return ours(cafile=str(certificate))

    monkeypatch.setattr(ssl, "create_default_context", context)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What names mean, and how often they were asked for (`asked`); others are unknown."""
    known = {NAME: "127.0.0.1"}
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host in known:
            family = socket.AF_INET6 if ":" in known[host] else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (known[host], port or 0))]
        if str(host).replace(".", "").isdigit() or ":" in str(host):
            return real(host, port, *rest, **options)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def public(names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 passes for a public address, and this test's servers for somebody else's."""
    real = reaching._allows_loopback
    monkeypatch.setattr(
        reaching, "_allows_loopback", lambda purpose, at: str(at) == "127.0.0.1" or real(purpose, at)
    )


@pytest.fixture
def message() -> Message:
    return a_message()


def a_message(**changes: Any) -> Message:
    line = Line(
        kind="printer.offline", severity="critical", title="Printer 1 is offline",
        detail="No answer since 14:05", at=datetime(2026, 5, 2, 14, 5, tzinfo=UTC), count=3, url="https://odin.test/o/acme/printers/1/",
    )  # fmt: skip
    said = {
        "id": "019d0000-0000-7000-8000-000000000001", "subject": "Printer 1 is offline", "org_name": "Acme",
        "org_slug": "acme", "lines": [line], "url": "https://odin.test/o/acme/alerts/",
    }  # fmt: skip
    return Message(**{**said, **changes})
