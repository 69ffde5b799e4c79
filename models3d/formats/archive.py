"""Opens ZIP files of strangers: every limit holds while reading, whatever the directory claims."""

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from models3d.formats.metadata import UnreadableFile

MOST_ENTRIES = 2000
MOST_BYTES = 2 * 1024**3
MOST_TEXT_BYTES = 20 * 1024 * 1024
MOST_DIRECTORY_BYTES = 4 * 1024 * 1024
MOST_RATIO = 200
# Small members of zeros are ordinary; only above this is the ratio looked at.
RATIO_FROM_BYTES = 4 * 1024 * 1024
UNSAFE_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|\\|\x00|(?:^|/)\.\.(?:/|$)")
DAMAGED = "The archive is damaged or cut off. Export or upload it again."
HOSTILE = "The archive unpacks to far more than a print file needs, so it was not opened."
CROWDED = "The archive has too many members: no print file has so many, so it was not opened."
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


class Member:
    """One member as a stream that stops at the archive's limits."""

    def __init__(self, archive: "Archive", info: zipfile.ZipInfo, stream: Any) -> None:
        self._archive, self._info, self._stream = archive, info, stream
        self._read = 0

    def read(self, size: int, /) -> bytes:
        try:
            data: bytes = self._stream.read(size)
        except BROKEN as error:
            raise UnreadableFile(DAMAGED) from error
        self._read += len(data)
        self._archive.count(len(data))
        if self._read > RATIO_FROM_BYTES and self._read > MOST_RATIO * max(1, self._info.compress_size):
            raise UnreadableFile(HOSTILE)
        return data


class Archive:
    """A ZIP file opened for reading; raises UnreadableFile for all that is wrong with it."""

    def __init__(self, path: Path) -> None:
        self._unpacked = 0
        try:
            _check_directory(path)
            self._zip = zipfile.ZipFile(path)
        except BROKEN as error:
            raise UnreadableFile(DAMAGED) from error
        try:
            self._members = self._checked(self._zip.infolist())
        except UnreadableFile:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def count(self, size: int) -> None:
        """Add to what was unpacked in all; raises UnreadableFile beyond 2 GB."""
        self._unpacked += size
        if self._unpacked > MOST_BYTES:
            raise UnreadableFile(HOSTILE)

    @contextmanager
    def open(self, name: str) -> Iterator[Member]:
        """A member as a stream; raises UnreadableFile if there is none of that name."""
        info = self._members.get(name)
        if info is None:
            raise UnreadableFile(f"The archive has no {name}.")
        try:
            stream = self._zip.open(info)
        except BROKEN as error:
            raise UnreadableFile(DAMAGED) from error
        with stream:
            yield Member(self, info, stream)

    def content(self, name: str, most: int = MOST_TEXT_BYTES) -> bytes:
        """A whole small member; b"" if it isn't there."""
        if name not in self._members:
            return b""
        with self.open(name) as member:
            parts, size = [], 0
            while data := member.read(64 * 1024):
                size += len(data)
                if size > most:
                    raise UnreadableFile(f"{name} in the archive is larger than any slicer writes.")
                parts.append(data)
        return b"".join(parts)

    def xml(self, name: str) -> Element | None:
        """A member's root element, None if it isn't there; no DTD, no entities."""
        content = self.content(name)
        if not content:
            return None
        try:
            root: Element = fromstring(content, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise UnreadableFile(f"{name} in the archive is not sound XML.") from error
        return root

    def json(self, name: str) -> dict[str, Any]:
        """A member's JSON object, {} if it isn't there."""
        content = self.content(name)
        if not content:
            return {}
        try:
            value = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(f"{name} in the archive is not sound JSON.") from error
        return value if isinstance(value, dict) else {}

    def _checked(self, infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(infos) > MOST_ENTRIES:
            raise UnreadableFile(CROWDED)
        if sum(info.file_size for info in infos) > MOST_BYTES:
            raise UnreadableFile(HOSTILE)
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            if UNSAFE_NAME.search(info.orig_filename):
                raise UnreadableFile("The archive has a member whose name leads outside of it.")
            if info.filename in members:
                raise UnreadableFile(f"The archive has two members named {info.filename[:80]}.")
            if info.flag_bits & 1:
                raise UnreadableFile("The archive is locked with a password.")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnreadableFile("The archive is packed in a way that no slicer uses.")
            if info.file_size > max(RATIO_FROM_BYTES, MOST_RATIO * info.compress_size):
                raise UnreadableFile(HOSTILE)
            members[info.filename] = info
        return members


def _check_directory(path: Path) -> None:
    """Refuse a directory that would fill the memory while it is only being listed."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        end = file.read()
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) - place < 22:
        raise UnreadableFile(DAMAGED)
    (directory,) = struct.unpack_from("<I", end, place + 12)
    # All ones: the size stands in the ZIP64 record. The reading process' own memory limit covers that.
    if MOST_DIRECTORY_BYTES < directory < 0xFFFFFFFF:
        raise UnreadableFile(CROWDED)
