"""An Elegoo printer's storage (facts 5.4): files go in over HTTP, and are listed over the WebSocket."""

from collections.abc import Iterator
from contextlib import suppress

from printers.drivers.driver import DriverError, Trouble
from printers.drivers.elegoo_link import SdcpLink
from printers.drivers.elegoo_transfer import Transfer
from printers.drivers.readings import base_name, items, mapping, whole
from printers.drivers.sending import Outgoing

ABORT, LIST, DELETE = 255, 258, 259
FOLDER = "/local/"
PIECE_BYTES = 1 << 20
# Within this time after the last piece the printer may say that it throws the file away.
VERDICT_S = 2.0
ORDER_S = 15.0
# Firmware differs in which of the two names of the folder it lists.
_FOLDERS = (FOLDER, FOLDER.rstrip("/"))
_MOST_FILES = 5000
_MD5_WRONG, _FORMAT_WRONG = 1, 2


class Storage:
    """What the driver does with files, over the link's connection and an HTTP session for each upload."""

    def __init__(self, host: str, link: SdcpLink) -> None:
        self._link = link
        self._base = f"http://{f'[{host}]' if ':' in host else host}:{link.port}"

    def store(self, outgoing: Outgoing, md5: str, remote_name: str) -> None:
        """Send a file and see that it is there whole; `md5` is that of all of it."""
        if not outgoing.size:
            raise DriverError(Trouble.REFUSED, "The file is empty.")
        with Transfer(self._base, remote_name, outgoing.size, md5) as transfer:
            for offset, piece in _pieces(outgoing):
                if offset + len(piece) < outgoing.size:
                    self._send(transfer, offset, piece)
                    continue
                # Open before the last piece: the verdict is told to whoever is connected then.
                with self._link.held():
                    self._link.failed_transfers = []
                    self._send(transfer, offset, piece)
                    self._link.listen(VERDICT_S)
                    self._judge(outgoing.size, remote_name)

    def size_of(self, remote_name: str) -> int | None:
        """The size of a file on the printer, 0 where that is not told; None if it is not there."""
        answers = 0
        for folder in _FOLDERS:
            listed = self._link.look_up(LIST, {"Url": folder}, "FileList")
            answers += isinstance(listed, list)
            for entry in map(mapping, items(listed, _MOST_FILES)):
                if base_name(entry.get("name")) == remote_name:
                    told = (whole(entry.get(field), 0, 1 << 50) for field in ("FileSize", "usedSize"))
                    return next(filter(None, told), 0)
        if not answers:
            raise DriverError(Trouble.NONSENSE, "The printer does not list its files.")
        return None

    def delete(self, remote_name: str) -> None:
        """Delete a file that is there, and see it gone."""
        ack = self._link.order(DELETE, {"FileList": [FOLDER + remote_name], "FolderList": []}, ORDER_S)
        if self.size_of(remote_name) is None:
            return
        if ack:
            raise DriverError(Trouble.REFUSED, "The printer did not delete the file; it may be using it.")
        raise DriverError(Trouble.STORAGE, "The printer says it deleted the file, yet it is still there.")

    def _send(self, transfer: Transfer, offset: int, piece: bytes) -> None:
        try:
            transfer.send(offset, piece)
        except DriverError:
            # Or the printer would wait for the rest, and do nothing else meanwhile.
            with suppress(DriverError):
                aborted = {"Uuid": transfer.uuid, "FileName": transfer.remote_name}
                self._link.order(ABORT, aborted, ORDER_S)
            raise

    def _judge(self, size: int, remote_name: str) -> None:
        """DriverError unless the printer kept the file, in its full size."""
        if _MD5_WRONG in self._link.failed_transfers:
            words = "The file arrived damaged and the printer dropped it. Send it again."
            raise DriverError(Trouble.DAMAGED, words)
        if _FORMAT_WRONG in self._link.failed_transfers:
            raise DriverError(Trouble.REFUSED, "The printer does not know the file's format and dropped it.")
        stored = self.size_of(remote_name)
        if stored is None:
            raise DriverError(
                Trouble.STORAGE, "The printer took the file, yet does not list it. Its storage may be full."
            )
        if stored != size:
            words = f"Only {stored} of {size} bytes arrived on the printer. Send the file again."
            raise DriverError(Trouble.DAMAGED, words)


def _pieces(outgoing: Outgoing) -> Iterator[tuple[int, bytes]]:
    """The file's pieces in order, each with its place; what was read is judged before the last goes out."""
    offset = 0
    while piece := outgoing.read(PIECE_BYTES):
        if offset + len(piece) >= outgoing.size:
            outgoing.judge()
        yield offset, piece
        offset += len(piece)
