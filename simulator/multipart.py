"""Streaming multipart/form-data: small fields kept, the file part written to disk as it comes."""

import asyncio
import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from simulator.http import Request

_FIELD_LIMIT = 4096


class BadForm(Exception):
    """The body is not the form it claims to be."""


class Upload:
    """A received form: `fields`, and the file's name, size, SHA-256 and bytes at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fields: dict[str, str] = {}
        self.filename = ""
        self.size = 0
        self.sha256 = ""


async def receive(request: Request, path: Path) -> Upload:
    """Take in the form of `request`, its file into `path`; BadForm if it ends early or is none."""
    found = re.search(r'boundary="?([^";]+)', request.headers.get("content-type", ""))
    if not found:
        raise BadForm("no multipart form")
    source = _Source(request, b"\r\n--" + found.group(1).encode())
    upload = Upload(path)
    try:
        await source.skip_preamble()
        while (head := await source.part_head()) is not None:
            await _receive_part(source, head, upload)
    except asyncio.IncompleteReadError as end:
        path.unlink(missing_ok=True)
        raise BadForm("the form ends early") from end
    return upload


async def _receive_part(source: "_Source", head: str, upload: Upload) -> None:
    name = re.search(r'[; ]name="([^"]*)"', head)
    filename = re.search(r'filename="([^"]*)"', head)
    if filename:
        upload.filename = filename.group(1)
        digest = hashlib.sha256()
        with upload.path.open("wb") as target:
            upload.size = await source.copy(target, digest)
        upload.sha256 = digest.hexdigest()
    elif name:
        upload.fields[name.group(1)] = await source.text()


class _Source:
    def __init__(self, request: Request, mark: bytes) -> None:
        self._request = request
        self._mark = mark
        self._held = b"\r\n"

    async def skip_preamble(self) -> None:
        while (at := self._held.find(self._mark)) < 0:
            await self._more()
        self._held = self._held[at + len(self._mark) :]

    async def part_head(self) -> str | None:
        """The header lines of the next part; None behind the last."""
        while len(self._held) < 2:
            await self._more()
        if self._held.startswith(b"--"):
            while await self._request.chunk():
                pass
            return None
        while (at := self._held.find(b"\r\n\r\n")) < 0:
            await self._more()
        head, self._held = self._held[:at].decode("utf-8", "replace"), self._held[at + 4 :]
        return head

    async def text(self) -> str:
        while (at := self._held.find(self._mark)) < 0:
            if len(self._held) > _FIELD_LIMIT + len(self._mark):
                raise BadForm("a field is too long")
            await self._more()
        value, self._held = self._held[:at], self._held[at + len(self._mark) :]
        return value.decode("utf-8", "replace")

    async def copy(self, target: BinaryIO, digest: "hashlib._Hash") -> int:
        size = 0
        while True:
            at = self._held.find(self._mark)
            # Without the mark all but its possible beginning at the end is content.
            sure = at if at >= 0 else max(0, len(self._held) - len(self._mark))
            target.write(self._held[:sure])
            digest.update(self._held[:sure])
            size += sure
            if at >= 0:
                self._held = self._held[at + len(self._mark) :]
                return size
            self._held = self._held[sure:]
            await self._more()

    async def _more(self) -> None:
        piece = await self._request.chunk()
        if not piece:
            raise asyncio.IncompleteReadError(b"", 1)
        self._held += piece
