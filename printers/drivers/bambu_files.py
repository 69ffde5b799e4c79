"""A Bambu printer's storage over implicit FTPS (facts 1.10).

TLS stays at 1.2: with 1.3 some printers cut the file when the data line is closed. The data line resumes
the TLS session of the control line, and is closed without TLS's farewell, which printers never answer.
"""

import contextlib
import ftplib
import socket
import ssl
from collections.abc import Iterator

from printers.drivers.bambu_errors import WRONG_CODE
from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.sending import PIECE_BYTES, Outgoing
from printers.drivers.tls import check_certificate, printer_context

CONNECT_S = 10.0
REPLY_S = 60.0
STALL_S = 60.0
USER = "bblp"
_MOST_LINES = 500


class _NoProtectedLine(Exception):
    """The data line could not be encrypted."""


class _ImplicitFtps(ftplib.FTP_TLS):
    """FTP inside TLS from the first byte."""

    def __init__(self, endpoint: Endpoint, context: ssl.SSLContext) -> None:
        super().__init__(context=context, timeout=CONNECT_S)
        self._endpoint = endpoint
        self._secure: ssl.SSLSocket | None = None
        self._lines = 0
        self._protects = False

    def open(self, port: int) -> None:
        plain = socket.create_connection((self._endpoint.host, port), CONNECT_S)
        try:
            self._secure = self.context.wrap_socket(plain, server_hostname=self._endpoint.serial or None)
            check_certificate(self._secure, self._endpoint)
        except (OSError, DriverError):
            plain.close()
            raise
        self.host, self.port, self.sock, self.af = self._endpoint.host, port, self._secure, plain.family
        self.file = self._secure.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def enter(self, protected: bool) -> None:
        """Log in, which the parent would begin with AUTH TLS."""
        ftplib.FTP.login(self, USER, self._endpoint.secret)  # noqa: S321
        self._protects = protected
        if protected:
            self.prot_p()
        else:
            self.prot_c()
        self.voidcmd("TYPE I")

    def leave(self) -> None:
        """Say goodbye, so that the printer frees the session at once; it need not answer."""
        with contextlib.suppress(ftplib.Error, OSError, EOFError):
            self.putcmd("QUIT")

    def wait_reply(self, patience_s: float) -> None:
        """Wait for the answer to a transfer; raises what it says."""
        if self._secure:
            self._secure.settimeout(patience_s)
        self.voidresp()

    def getline(self) -> str:
        self._lines += 1
        if self._lines > _MOST_LINES:
            raise ftplib.error_proto("endless answer")  # noqa: S321
        return super().getline()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        line, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        if self._protects and self._secure:
            try:
                line = self.context.wrap_socket(
                    line, server_hostname=self._endpoint.serial or None, session=self._secure.session
                )
            except OSError as error:
                line.close()
                raise _NoProtectedLine from error
        return line, size


class Storage:
    """What a Bambu driver does with files; every call is a session of its own, one at a time."""

    def __init__(self, endpoint: Endpoint, port: int) -> None:
        self._endpoint = endpoint
        self._port = port
        # One context for control and data lines, or there is no session to resume.
        self._context = printer_context(ssl.TLSVersion.TLSv1_2)

    def try_login(self) -> None:
        """See that the storage can be reached and entered."""
        with self._session():
            pass

    def store(self, outgoing: Outgoing, remote_name: str) -> None:
        """Send a file and see that its size there is right; the printer's own "done" proves nothing."""
        try:
            self._send(outgoing, remote_name, protected=True)
        except _NoProtectedLine:
            # Some A1 firmware fails on protected data lines; nothing has been read or sent so far.
            self._send(outgoing, remote_name, protected=False)
        with self._session() as session:
            stored = session.size(remote_name) or 0
        if stored != outgoing.size:
            raise DriverError(
                Trouble.DAMAGED,
                f"Only {stored} of {outgoing.size} bytes arrived on the printer. Send the file again.",
            )

    def remove(self, remote_name: str) -> None:
        """Delete a file and see that it is gone; one that is not there is no error."""
        with self._session() as session:
            if not _there(session, remote_name):
                return
            session.delete(remote_name)
            if _there(session, remote_name):
                words = "The printer says it deleted the file, yet it is still there."
                raise DriverError(Trouble.STORAGE, words)

    def _send(self, outgoing: Outgoing, remote_name: str, *, protected: bool) -> None:
        with self._session(protected=protected) as session:
            line = session.transfercmd(f"STOR {remote_name}")
            # Slow storage may take nothing for a while.
            line.settimeout(STALL_S)
            try:
                while piece := outgoing.read(PIECE_BYTES):
                    line.sendall(piece)
            except OSError:
                # The printer may say on the other line why it hung up.
                session.wait_reply(CONNECT_S)
                raise
            finally:
                line.close()
            # A late or temporary answer says nothing about the file: its size does.
            with contextlib.suppress(TimeoutError, EOFError, ConnectionError, ftplib.error_temp):
                session.wait_reply(REPLY_S)

    @contextlib.contextmanager
    def _session(self, *, protected: bool = True) -> Iterator[_ImplicitFtps]:
        session = _ImplicitFtps(self._endpoint, self._context)
        try:
            session.open(self._port)
            session.enter(protected)
            yield session
            session.leave()
        except (ftplib.Error, OSError, EOFError, ValueError) as error:
            raise self._trouble(error) from error
        finally:
            session.close()

    def _trouble(self, error: Exception) -> DriverError:
        place = f"{self._endpoint.host}:{self._port}"
        if isinstance(error, ftplib.error_perm | ftplib.error_temp):
            return _refusal(str(error))
        if isinstance(error, ConnectionRefusedError):
            words = (
                f"{self._endpoint.host} is there, but its file port {self._port} is closed. Is LAN mode on?"
            )
            return DriverError(Trouble.UNREACHABLE, words)
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return DriverError(
                Trouble.WRONG_PROTOCOL, f"{place} answers, but not as a Bambu printer's storage."
            )
        if isinstance(error, OSError | EOFError):
            return DriverError(Trouble.UNREACHABLE, f"The printer's storage at {place} does not answer.")
        return DriverError(
            Trouble.NONSENSE, f"{place} answers with something that is no file server's answer."
        )


def _there(session: _ImplicitFtps, remote_name: str) -> bool:
    try:
        return session.size(remote_name) is not None
    except ftplib.error_perm as error:
        if str(error).startswith("550"):
            return False
        raise


def _refusal(said: str) -> DriverError:
    """A reply of the file server in words, after its number."""
    number, reason = said[:3], "".join(char for char in said[3:120] if char.isprintable()).strip()
    if number == "530":
        return DriverError(Trouble.CREDENTIALS, WRONG_CODE)
    if number == "552":
        return DriverError(Trouble.STORAGE, "The printer's storage is full. Delete old files on it.")
    if number in ("550", "553"):
        words = "The printer cannot store files. Is there a USB stick or memory card in it, and is it sound?"
        return DriverError(Trouble.STORAGE, words)
    if number in ("421", "425"):
        return DriverError(Trouble.NOT_READY, "The printer's storage is busy with another transfer.")
    return DriverError(Trouble.REFUSED, f"The printer's storage refused: {reason or number}.")
