"""Self-signed certificates with the serial number as name, as printers carry them."""

import datetime
import functools
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_VALID = datetime.timedelta(days=3650)


@functools.cache
def _key() -> ec.EllipticCurvePrivateKey:
    """One key for the whole process: hundreds of printers shall start quickly, and none keeps a secret."""
    return ec.generate_private_key(ec.SECP256R1())


def _pem(serial: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, serial)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _VALID)
        .sign(_key(), hashes.SHA256())
    )
    key = _key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key + certificate.public_bytes(serialization.Encoding.PEM)


def carry(contexts: tuple[ssl.SSLContext, ...], serial: str, kept: Path, *, fresh: bool = False) -> None:
    """Give all `contexts` the certificate in `kept`, made if needed: printers keep theirs over a reboot."""
    if fresh or not kept.exists():
        kept.write_bytes(_pem(serial))
    for context in contexts:
        context.load_cert_chain(kept)


def server_context(newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> ssl.SSLContext:
    """A server's context that speaks at least TLS 1.2; `carry` gives it a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = newest
    return context
