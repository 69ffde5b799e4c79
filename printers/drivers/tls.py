"""Trust on first use: printers sign their own certificates, so the first one seen is the one kept."""

import hashlib
import hmac
import socket
import ssl

from printers.drivers.driver import DriverError, Endpoint, Trouble


def printer_context(newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> ssl.SSLContext:
    """A context that takes any certificate; every user of it compares the fingerprint afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = newest
    return context


def fingerprint_of(certificate: bytes) -> str:
    """SHA-256 of a certificate in DER form, as 64 lower-case hex digits."""
    return hashlib.sha256(certificate).hexdigest()


def check_certificate(peer: ssl.SSLSocket, endpoint: Endpoint) -> str:
    """The fingerprint of the peer; Trouble.CERTIFICATE if another one was accepted before."""
    found = fingerprint_of(peer.getpeercert(binary_form=True) or b"")
    if endpoint.fingerprint and not hmac.compare_digest(found, endpoint.fingerprint.lower()):
        raise DriverError(
            Trouble.CERTIFICATE,
            "The printer shows another certificate than before. If it was reset or replaced, accept the "
            "new one; if not, another device may be at its address.",
        )
    return found


def fetch_fingerprint(host: str, port: int, timeout_s: float) -> str:
    """The fingerprint of a server; ssl.SSLError if it speaks no TLS, else OSError if none is there."""
    with socket.create_connection((host, port), timeout_s) as plain:
        try:
            with printer_context().wrap_socket(plain, server_hostname=host) as peer:
                return fingerprint_of(peer.getpeercert(binary_form=True) or b"")
        except (TimeoutError, ConnectionError) as error:
            raise ssl.SSLError("connected, but no handshake") from error
