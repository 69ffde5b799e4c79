"""The pieces of one upload to an Elegoo printer, as forms over HTTP (facts 5.4)."""

import io
import json
import secrets
import time
import uuid
from types import TracebackType
from typing import Self

import requests
import urllib3

from printers.drivers.driver import DriverError, Trouble
from printers.drivers.readings import items, mapping, text, whole

CONNECT_S = 5.0
STORED_S = 120.0
_ANSWER_BYTES = 65536
_GOOD = "000000"
_LOST = "The connection to the printer was lost in the middle of the file."
_REFUSALS: dict[int, tuple[Trouble, str]] = {
    -1: (Trouble.REFUSED, "The printer did not take a piece of the file at its place. Send the file again."),
    -2: (Trouble.REFUSED, "The printer missed a piece of the file. Send the file again."),
    -3: (Trouble.STORAGE, "The printer could not store the file. Its storage may be full."),
    -4: (Trouble.STORAGE, "The printer could not store the file and does not say why."),
}


class Transfer:
    """One file on its way: all its pieces bear the same `uuid`."""

    def __init__(self, base: str, remote_name: str, size: int, md5: str) -> None:
        self.uuid = str(uuid.uuid4())
        self.remote_name = remote_name
        self._size, self._md5 = size, md5
        self._url = f"{base}/uploadFile/upload"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "odin"

    def send(self, offset: int, piece: bytes) -> None:
        """Send the next piece; DriverError unless the printer has taken it."""
        mark = secrets.token_hex(16)
        # A file object, which is sent by small blocks: the limit on a wait then is for each, not for all.
        body = io.BytesIO(self._form(mark, offset, piece))
        try:
            answer = self._session.post(
                self._url, data=body, headers={"Content-Type": f"multipart/form-data; boundary={mark}"},
                timeout=(CONNECT_S, STORED_S), stream=True, allow_redirects=False,
            )  # fmt: skip
            try:
                said = _body(answer)
            finally:
                answer.close()
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise DriverError(Trouble.UNREACHABLE, _LOST) from error
        _judge(said)

    def _form(self, mark: str, offset: int, piece: bytes) -> bytes:
        fields = {
            "S-File-MD5": self._md5, "Check": "1", "Offset": str(offset), "Uuid": self.uuid,
            "TotalSize": str(self._size),
        }  # fmt: skip
        head = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{mark}\r\nContent-Disposition: form-data; name="File"; filename="{self.remote_name}"\r\n'
        head += "Content-Type: application/octet-stream\r\n\r\n"
        return head.encode() + piece + f"\r\n--{mark}--\r\n".encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self._session.close()


def _body(answer: requests.Response) -> bytes:
    until = time.monotonic() + STORED_S
    body = bytearray()
    while piece := answer.raw.read1(_ANSWER_BYTES, decode_content=True):
        body += piece
        if len(body) > _ANSWER_BYTES or time.monotonic() > until:
            raise DriverError(Trouble.NONSENSE, "The printer answers an upload with endless data.")
    # read1 does not notice a body that ends before its announced length.
    announced = answer.headers.get("Content-Length", "")
    if announced.isdigit() and len(body) < int(announced):
        raise DriverError(Trouble.UNREACHABLE, _LOST)
    return bytes(body)


def _judge(body: bytes) -> None:
    try:
        said = mapping(json.loads(body.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        said = {}
    if not said:
        raise DriverError(Trouble.WRONG_PROTOCOL, "The printer does not take files: its answer is no SDCP.")
    if text(said.get("code")) == _GOOD:
        return
    for message in map(mapping, items(said.get("messages"))):
        number = whole(message.get("message"), -(1 << 31), 1 << 31)
        if number in _REFUSALS:
            raise DriverError(*_REFUSALS[number])
    raise DriverError(
        Trouble.REFUSED, f"The printer did not take the file (code {text(said.get('code'), 20)})."
    )
