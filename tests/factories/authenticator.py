"""A WebAuthn authenticator in software, which can also misbehave."""

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """One key of one person; `count` goes up with each use, unless a test turns it back."""

    def __init__(self, name: str = "testserver", origin: str = "http://testserver") -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.name, self.origin = name, origin
        self.count = 0
        self.flags = PRESENT | VERIFIED
        self.user = b""

    def create(self, options: dict[str, Any]) -> str:
        """The answer to navigator.credentials.create(), as passkeys.js writes it."""
        self.user = options["user"]["id"].encode()
        numbers = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._written(
            {"clientDataJSON": self._client("webauthn.create", options), "attestationObject": made}
        )

    def get(self, options: dict[str, Any]) -> str:
        """The answer to navigator.credentials.get()."""
        self.count += 1
        data, client = self._data(), self._client("webauthn.get", options)
        signed = data + hashlib.sha256(client).digest()
        signature = self.private.sign(signed, ec.ECDSA(SHA256()))
        return self._written({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _data(self, more: int = 0) -> bytes:
        where = hashlib.sha256(self.name.encode()).digest()
        return where + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _written(self, parts: dict[str, bytes]) -> str:
        text = bytes_to_base64url(self.id)
        response = {name: bytes_to_base64url(part) for name, part in parts.items()}
        return json.dumps({"id": text, "rawId": text, "type": "public-key", "response": response})
