"""The file server of a Bambu printer: FTP in TLS from the first byte, data only in a resumed TLS session."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import cast

from simulator.printer import Machine

_DATA_WAIT_S = 10.0
_PIECE = 65536
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class FileServer:
    def __init__(self, machine: Machine, tls: ssl.SSLContext) -> None:
        self._machine, self.tls = machine, tls
        self._server: asyncio.Server | None = None
        self._sessions: set[_FileSession] = set()

    async def open(self, host: str, port: int) -> int:
        self._server = await asyncio.start_server(self._serve, host, port, ssl=self.tls, backlog=20)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        for session in list(self._sessions):
            session.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _FileSession(self._machine, self.tls, reader, writer)
        self._sessions.add(session)
        try:
            await session.talk()
        except asyncio.CancelledError:
            # Only at the end of the simulation; asyncio's streams would log it as an error.
            session.cut()
        except (OSError, ValueError, asyncio.IncompleteReadError):
            session.cut()
        finally:
            self._sessions.discard(session)
            session.end()
            with suppress(OSError):
                await writer.wait_closed()


class _FileSession:
    def __init__(
        self,
        machine: Machine,
        tls: ssl.SSLContext,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._machine, self._tls = machine, tls
        self._reader, self._writer = reader, writer
        self._user = ""
        self._entered = False
        self._protected = False
        self._passive: asyncio.Server | None = None
        self._data: asyncio.Future[Line] = asyncio.get_running_loop().create_future()

    def cut(self) -> None:
        self._writer.transport.abort()

    def end(self) -> None:
        if self._passive:
            self._passive.close()
        self._writer.close()

    async def talk(self) -> None:
        self._say("220 Service ready")
        while line := await self._reader.readline():
            verb, _, argument = line.decode("utf-8", "replace").strip().partition(" ")
            if self._machine.faults.delay_s:
                await asyncio.sleep(self._machine.faults.delay_s)
            if self._machine.faults.nonsense:
                self._writer.write(b"\x00\xff lorem ipsum\r\n")
            elif verb.upper() == "QUIT":
                self._say("221 Goodbye")
                return
            elif not self._machine.faults.mute:
                await self._obey(verb.upper(), argument)

    def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")

    async def _obey(self, verb: str, argument: str) -> None:
        if verb == "USER":
            self._user = argument
            self._say("331 Password please")
        elif verb == "PASS":
            self._entered = self._user == "bblp" and argument == self._machine.secret
            self._say("230 Logged in" if self._entered else "530 Login incorrect")
        elif not self._entered:
            self._say("530 Please log in")
        elif verb == "PASV":
            await self._listen()
        elif verb == "STOR":
            await self._store(argument)
        elif verb == "NLST":
            await self._list()
        else:
            self._say(self._simple(verb, argument))

    def _simple(self, verb: str, argument: str) -> str:
        if verb in ("SIZE", "DELE"):
            return self._of_file(verb, self._path(argument))
        if verb == "PROT":
            self._protected = argument.upper() == "P"
            return "200 PROT set"
        known = {
            "PBSZ": "200 PBSZ=0",
            "TYPE": "200 Type set",
            "PWD": '257 "/"',
            "NOOP": "200 OK",
            "CWD": "250 OK",
        }
        return known.get(verb, "502 Not implemented")

    def _of_file(self, verb: str, path: Path | None) -> str:
        if path is None or not path.is_file():
            return "550 No such file"
        if verb == "SIZE":
            return f"213 {path.stat().st_size}"
        path.unlink()
        return "250 Deleted"

    def _path(self, argument: str) -> Path | None:
        name = argument.lstrip("/")
        return None if "/" in name or name.startswith(".") or not name else self._machine.folder / name

    async def _listen(self) -> None:
        if self._passive:
            self._passive.close()
        self._data = asyncio.get_running_loop().create_future()
        host = str(self._writer.get_extra_info("sockname")[0])
        self._passive = await asyncio.start_server(
            self._connected, host, 0, ssl=self._tls if self._protected else None
        )
        port = self._passive.sockets[0].getsockname()[1]
        self._say(f"227 Entering Passive Mode ({host.replace('.', ',')},{port >> 8},{port & 255})")

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._data.done():
            writer.close()
        else:
            self._data.set_result((reader, writer))

    async def _line(self) -> Line | None:
        """The data connection, once it is protected as this server wants it; None after saying why not."""
        if not self._protected:
            self._say("522 Data connections must be encrypted")
            return None
        self._say("150 Ok to send data")
        try:
            reader, writer = await asyncio.wait_for(asyncio.shield(self._data), _DATA_WAIT_S)
        except TimeoutError:
            self._say("425 No data connection")
            return None
        if not cast(ssl.SSLObject, writer.get_extra_info("ssl_object")).session_reused:
            writer.transport.abort()
            self._say("522 SSL connection failed: session reuse required")
            return None
        return reader, writer

    async def _store(self, argument: str) -> None:
        faults, path = self._machine.faults, self._path(argument)
        if faults.storage or path is None:
            self._say("552 Storage full" if faults.storage == "full" else "553 Could not create file")
            return
        line = await self._line()
        if line is None:
            return
        reader, writer = line
        room = faults.short_upload if faults.short_upload >= 0 else 1 << 62
        with path.open("wb") as target:
            while piece := await reader.read(_PIECE):
                target.write(piece[: max(0, room)])
                room -= len(piece)
        writer.transport.abort()
        if faults.late_reply:
            self.cut()
        else:
            self._say("226 Transfer complete")

    async def _list(self) -> None:
        line = await self._line()
        if line is None:
            return
        _, writer = line
        lead = "/" if self._machine.profile.full_reports else ""
        names = sorted(path.name for path in self._machine.folder.iterdir())
        writer.write("".join(f"{lead}{name}\r\n" for name in names).encode())
        with suppress(OSError):
            await writer.drain()
        writer.close()
        self._say("226 Directory send OK")
