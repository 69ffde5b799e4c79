"""One guarded POST: the name looked up once, that very address called, nothing followed, all limited."""

import http.client
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.reaching import TARGET, AddressRefused, allows_private, check_address

from .adapter import NotSent

CONNECT_S, WHOLE_S = 8.0, 20.0
ANSWER_BYTES, SHOWN = 64 * 1024, 200
LONGEST_WAIT_S = 24 * 3600.0
AGENT = "O.D.I.N."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; `text` is the beginning of it, on one line."""

    status: int
    text: str
    retry_after_s: float | None = None

    @property
    def words(self) -> str:
        """The status and what was said, as people are shown it."""
        named = http.client.responses.get(self.status, "")
        return " ".join(part for part in (str(self.status), named, self.text) if part)[:300]


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send `body` to `url` and give the answer, whatever its status; redirects are answers too.

    NotSent if the address must not be called (final), does not answer, or not within WHOLE_S seconds. Only
    https, but where the deployment allows private addresses, where http is usual.
    """
    target = checked(url)
    host, port = target.hostname or "", port_of(target)
    try:
        address = check_address(host, port, TARGET)
    except AddressRefused as refused:
        # A name server may be down for a while.
        raise NotSent(str(refused), is_final=False) from None
    connection = _Connection(target, address)
    try:
        return _talk(connection, target, body, headers)
    except TimeoutError:
        raise NotSent(_("%(host)s did not answer in time.") % {"host": host}) from None
    except ssl.SSLError as error:
        words = _("%(host)s has no certificate that can be trusted: %(why)s")
        raise NotSent(words % {"host": host, "why": error.reason or error}) from None
    except (OSError, http.client.HTTPException) as error:
        if connection.is_overdue:
            raise NotSent(_("%(host)s did not answer in time.") % {"host": host}) from None
        words = _("%(host)s can't be reached: %(why)s")
        raise NotSent(words % {"host": host, "why": error or type(error).__name__}) from None
    finally:
        connection.end()


def checked(url: str) -> SplitResult:
    """The parts of an address that may be posted to; NotSent, final, says what is wrong with it."""
    try:
        target = urlsplit(url)
        port_of(target)
    except ValueError:
        raise NotSent(_("This is no address: check how it is written."), is_final=True) from None
    if target.scheme not in {"https", "http"} or not target.hostname:
        raise NotSent(_("The address has to begin with https://."), is_final=True)
    if target.scheme == "http" and not allows_private(TARGET):
        words = _("The address has to begin with https://: what goes by http:// can be read on the way.")
        raise NotSent(words, is_final=True)
    if target.username or target.password:
        raise NotSent(_("The address must not hold a user or password."), is_final=True)
    if not url.isascii() or any(ord(letter) <= 32 for letter in url):
        raise NotSent(_("The address has letters that no address can have."), is_final=True)
    return target


def port_of(target: SplitResult) -> int:
    """ValueError for a port that is none."""
    return target.port or (443 if target.scheme == "https" else 80)


class _Connection(http.client.HTTPConnection):
    """To an address that was looked up before; name and certificate are asked of the host as it was given.

    Closed from outside once it takes WHOLE_S seconds, however slowly the other side drips.
    """

    def __init__(self, target: SplitResult, address: str) -> None:
        super().__init__(target.hostname or "", port_of(target), timeout=CONNECT_S)
        self.is_tls, self.address = target.scheme == "https", address
        self.default_port = 443 if self.is_tls else 80
        self.is_overdue = False
        self._line: socket.socket | None = None
        self._watch = threading.Timer(WHOLE_S, self._cut)
        self._watch.daemon = True

    def connect(self) -> None:
        self._watch.start()
        self.sock = socket.create_connection((self.address, self.port), CONNECT_S)
        if self.is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self.sock.settimeout(WHOLE_S)
        # Ours too: http.client forgets its own when it hands it to an answer that ends with the line.
        self._line = self.sock

    def end(self) -> None:
        self._watch.cancel()
        self.close()
        if self._line is not None:
            self._line.close()

    def _cut(self) -> None:
        self.is_overdue = True
        if self._line is not None:
            # The plain socket's: TLS would want to say good-bye first.
            with suppress(OSError):
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)


def _talk(connection: _Connection, target: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    connection.request("POST", path, body, {"User-Agent": AGENT, "Accept": "*/*", **headers})
    response = connection.getresponse()
    said = response.read(ANSWER_BYTES)
    if connection.is_overdue:
        raise TimeoutError
    text = " ".join(said.decode("utf-8", "replace").split())
    return Answer(response.status, text[:SHOWN], wait_of(response.headers.get("Retry-After", "")))


def wait_of(text: str) -> float | None:
    """Seconds that a Retry-After asks for, a number or a date; None if it says neither."""
    try:
        wait = float(text)
    except ValueError:
        try:
            at: datetime = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (at - timezone.now()).total_seconds() if at.tzinfo else 0.0
    return min(max(0.0, wait), LONGEST_WAIT_S) if wait == wait else None


def refused(host: str, answer: Answer, gone: Collection[int] = (410,)) -> NotSent:
    """The reading of an answer that is no success; one of `gone` is final."""
    if answer.status in gone:
        words = _("%(host)s says that nobody is there any more: %(said)s")
    elif 300 <= answer.status < 400:
        words = _("%(host)s sends elsewhere, which is not followed: %(said)s")
    elif answer.status in {429, 503}:
        words = _("%(host)s asks to wait: %(said)s")
    else:
        words = _("%(host)s refuses: %(said)s")
    said = words % {"host": host, "said": answer.words}
    return NotSent(said[:300], is_final=answer.status in gone, retry_after_s=answer.retry_after_s)
