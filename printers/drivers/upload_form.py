"""An upload form as a body that is read from disk while it is sent."""

import secrets
from collections.abc import Mapping

from printers.drivers.sending import Outgoing


class UploadForm:
    """multipart/form-data of constant memory; `fields` come first, so the server knows them early."""

    def __init__(self, outgoing: Outgoing, remote_name: str, fields: Mapping[str, str]) -> None:
        mark = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={mark}"
        small = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{remote_name}"\r\n'
        self._before = (small + head + "Content-Type: application/octet-stream\r\n\r\n").encode()
        self._after = f"\r\n--{mark}--\r\n".encode()
        self._outgoing = outgoing
        self._length = len(self._before) + outgoing.size + len(self._after)

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = -1) -> bytes:
        """The next piece; at the file's end its hash is judged before the last bytes go out."""
        if self._before:
            piece, self._before = self._before, b""
            return piece
        if piece := self._outgoing.read(size):
            return piece
        piece, self._after = self._after, b""
        return piece
