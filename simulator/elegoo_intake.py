"""Files coming in by pieces at a simulated Centauri Carbon (facts 5.4)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from simulator.http import Reply, Request, as_json
from simulator.multipart import BadForm, receive
from simulator.printer import Machine

_PIECE_BYTES = 1 << 20
MD5_WRONG, FORMAT_WRONG = 1, 2
_BAD_OFFSET, _OTHER_OFFSET, _NO_FILE, _UNKNOWN = -1, -2, -3, -4


@dataclass(slots=True)
class _Coming:
    """A file of which the first `got` bytes are at `path`."""

    path: Path
    name: str
    md5: str
    size: int
    got: int = 0


def _failure(number: int) -> Reply:
    messages = [{"field": "common_field", "message": number}]
    return as_json({"code": "111111", "messages": messages, "data": None, "success": False})


class Intake:
    """Takes pieces, in order and with one Uuid for each file; `pieces` are Uuid, place and size of each."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._coming: dict[str, _Coming] = {}
        self._parked = 0
        self.pieces: list[tuple[str, int, int]] = []
        self.verdicts: list[int] = []

    @property
    def is_receiving(self) -> bool:
        return bool(self._coming)

    def give_up(self, uuid: str) -> bool:
        """Forget a file that is coming in; False if none has this Uuid."""
        coming = self._coming.pop(uuid, None)
        if coming:
            coming.path.unlink(missing_ok=True)
        return coming is not None

    async def take(self, request: Request) -> Reply:
        self._parked += 1
        parked = self._machine.folder / f".piece-{self._parked}"
        try:
            form = await receive(request, parked)
            fields = form.fields
            uuid, offset, size = fields["Uuid"], int(fields["Offset"]), int(fields["TotalSize"])
            return self._add(uuid, offset, size, fields["S-File-MD5"], form.filename, parked)
        except (BadForm, KeyError, ValueError):
            return _failure(_UNKNOWN)
        finally:
            parked.unlink(missing_ok=True)

    def _add(self, uuid: str, offset: int, size: int, md5: str, name: str, piece: Path) -> Reply:
        if self._machine.faults.storage:
            return _failure(_NO_FILE)
        if not 0 <= offset < size:
            return _failure(_BAD_OFFSET)
        coming = self._coming.get(uuid)
        if coming is None:
            coming = _Coming(self._machine.folder / f".coming-{uuid}", name, md5, size)
        length = piece.stat().st_size
        if offset != coming.got or length > _PIECE_BYTES or offset + length > size:
            return _failure(_OTHER_OFFSET)
        self._coming[uuid] = coming
        self.pieces.append((uuid, offset, length))
        with coming.path.open("ab") as whole:
            whole.write(piece.read_bytes())
        coming.got += length
        if coming.got == size:
            del self._coming[uuid]
            self._finish(coming)
        return as_json({"code": "000000", "messages": None, "data": {}, "success": True})

    def _finish(self, coming: _Coming) -> None:
        """Keep the file, or throw it away and say so a moment later to whoever is connected."""
        content = coming.path.read_bytes()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != coming.md5:
            self.verdicts.append(MD5_WRONG)
        elif not coming.name.endswith(".gcode") or "/" in coming.name:
            self.verdicts.append(FORMAT_WRONG)
        else:
            kept = self._machine.faults.short_upload
            (self._machine.folder / coming.name).write_bytes(content[:kept] if kept >= 0 else content)
        coming.path.unlink(missing_ok=True)
