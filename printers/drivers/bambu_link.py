"""A short MQTT connection to a Bambu printer, to see whether it would be understood."""

import contextlib
import secrets
import socket
import ssl
import threading
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from printers.drivers.bambu_conversation import BambuConversation
from printers.drivers.bambu_errors import WRONG_CODE
from printers.drivers.bambu_files import USER
from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.tls import check_certificate, printer_context

CONNECT_S = 10.0
SILENCE_S = 15.0
SILENT = (
    "The printer let us in but told nothing of itself. The serial number is most likely wrong; "
    "capital letters matter."
)
# CONNACK 4 and 5 as paho 2 names them, after MQTT 5.
_REFUSED_LOGINS = (134, 135)


class _Listener:
    """One connection that ends as soon as the printer has told everything."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.talk = BambuConversation(endpoint)
        self.done = threading.Event()
        self.trouble: DriverError | None = None
        self.fingerprint = ""
        self.heard = False
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"odin-{secrets.token_hex(6)}")
        self.client.username_pw_set(USER, endpoint.secret)
        self.client.tls_set_context(printer_context())
        self.client.on_socket_open = self._opened
        self.client.on_connect = self._connected
        self.client.on_message = self._received
        self.client.connect_timeout = CONNECT_S

    def _opened(self, _client: mqtt.Client, _data: Any, peer: Any) -> None:
        """Look at the certificate: paho calls this between the handshake and sending the access code."""
        try:
            self.fingerprint = check_certificate(peer, self.endpoint)
        except DriverError as error:
            self._end(error)
            raise ConnectionAbortedError from error

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._end(login_trouble(reason.value))
            return
        client.subscribe(self.talk.subscribe_to, 0)
        for message in self.talk.hello():
            client.publish(self.talk.publish_to, message, self.talk.qos)

    def _received(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.heard = True
        self.talk.feed(bytes(message.payload))
        if self.talk.status().full and self.talk.firmware:
            self.done.set()

    def _end(self, trouble: DriverError) -> None:
        self.trouble = self.trouble or trouble
        self.done.set()


def listen_once(endpoint: Endpoint, port: int, silence_s: float) -> tuple[BambuConversation, str]:
    """Connect, ask everything and listen until it is told; gives the talk and the certificate's fingerprint.

    A wrong serial number connects as well as the right one, but is never answered.
    """
    listener = _Listener(endpoint)
    try:
        listener.client.connect(endpoint.host, port, keepalive=15)
        listener.client.loop_start()
        listener.done.wait(silence_s)
    except (OSError, ValueError) as error:
        raise listener.trouble or no_link(endpoint, port, error) from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            listener.client.disconnect()
        listener.client.loop_stop()
    if listener.trouble:
        raise listener.trouble
    if listener.talk.status().full:
        return listener.talk, listener.fingerprint
    if listener.heard:
        raise DriverError(Trouble.NONSENSE, "The printer answers, but nothing that can be understood.")
    raise DriverError(Trouble.WRONG_SERIAL, SILENT)


def login_trouble(reason: int) -> DriverError:
    """What a refused login means; `reason` as paho 2 numbers it."""
    if reason in _REFUSED_LOGINS:
        return DriverError(Trouble.CREDENTIALS, WRONG_CODE)
    return DriverError(Trouble.REFUSED, f"The printer refused the connection (reason {reason}). Restart it.")


def no_link(endpoint: Endpoint, port: int, error: Exception) -> DriverError:
    """What it means that no connection came about."""
    if isinstance(error, ssl.SSLError):
        words = f"{endpoint.host}:{port} answers, but not as a Bambu printer. Check the address."
        return DriverError(Trouble.WRONG_PROTOCOL, words)
    if isinstance(error, ConnectionRefusedError):
        words = f"{endpoint.host} is there, but its port {port} is closed. Is its LAN mode on?"
        return DriverError(Trouble.UNREACHABLE, words)
    if isinstance(error, socket.gaierror | ValueError):
        return DriverError(Trouble.UNREACHABLE, f"The name {endpoint.host} is not known in this network.")
    words = f"No answer from {endpoint.host}:{port}. Check the address and that the printer is on."
    return DriverError(Trouble.UNREACHABLE, words)
