"""One MQTT connection to a printer, driven from outside: no thread of its own, nothing is sent twice."""

import contextlib
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from django.utils.translation import gettext as _
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from printers.drivers.bambu_conversation import LARGEST_REPORT
from printers.drivers.bambu_files import USER
from printers.drivers.bambu_link import CONNECT_S, login_trouble, no_link
from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.tls import check_certificate, printer_context

KEEPALIVE_S = 15
# What one printer may say before the others get their turn.
PACKETS_AT_ONCE = 200
BYTES_AT_ONCE = 1 << 20
# A printer that takes nothing for so many looks, a second apart, will not take it later either.
MOST_STUCK = 10


class Wire:
    """A connection. `open` blocks and may run in any thread; all else belongs to the loop.

    `received` holds payloads not yet taken; `let_in` is True once the printer accepted the login, `trouble`
    says why it did not. `closing` is called with the socket just before it is closed.
    """

    def __init__(self, endpoint: Endpoint, port: int) -> None:
        self.endpoint, self.port = endpoint, port
        self.received: deque[bytes] = deque()
        self.let_in = False
        self.trouble: DriverError | None = None
        self.fingerprint = ""
        self.closing: Callable[[Any], None] | None = None
        self._taken = 0
        self._stuck = 0
        # A name of its own for each connection: a printer throws out whoever had the same one.
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"odin-{secrets.token_hex(6)}",
            reconnect_on_failure=False,
        )
        self._client.username_pw_set(USER, endpoint.secret)
        self._client.tls_set_context(printer_context())
        self._client.connect_timeout = CONNECT_S
        self._client.on_socket_open = self._opened
        self._client.on_socket_close = self._closing
        self._client.on_connect = self._connected
        self._client.on_message = self._took

    def open(self) -> None:
        """Connect and begin the login; DriverError if nobody, or somebody else, is there."""
        try:
            self._client.connect(self.endpoint.host, self.port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            self.close()
            raise self.trouble or no_link(self.endpoint, self.port, error) from error

    @property
    def socket(self) -> Any:
        """The open ssl.SSLSocket; None once the connection is lost."""
        return self._client.socket()

    @property
    def wants_write(self) -> bool:
        return self._client.want_write()

    def read(self) -> bool:
        """Take in what has arrived; True if there may be more, of which the selector knows nothing."""
        self._taken = 0
        for _packet in range(PACKETS_AT_ONCE):
            if self._client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self.close()
                return False
            # paho knows how long a packet will be that is still under way: no printer says so much.
            if self._client._in_packet["remaining_length"] > 2 * LARGEST_REPORT:
                self._refuse_length()
            if self.trouble:
                self.close()
                return False
            if self.socket is None or not self.socket.pending():
                return False
            if self._taken > BYTES_AT_ONCE:
                break
        return True

    def write(self) -> None:
        if self._client.loop_write() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.close()

    def keep_alive(self) -> None:
        """To be called about once a second."""
        self._stuck = self._stuck + 1 if self.wants_write else 0
        if self._stuck > MOST_STUCK:
            self._give_up()
        elif self._client.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.close()

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, 0)

    def send(self, topic: str, message: bytes, qos: int = 0) -> bool:
        """Write once and now; False only if the printer certainly gets nothing of it to obey.

        A printer that reads nothing lets our side fill up, and what waited there would be obeyed whenever it
        reads again: nothing is put behind what waits, and a connection that took only a part is given up.
        """
        if self.socket is None or self.wants_write:
            return False
        sent = self._client.publish(topic, message, qos).rc != MQTTErrorCode.MQTT_ERR_NO_CONN
        if self.wants_write:
            self._give_up()
            return False
        return sent

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._client.disconnect()
        # paho closes by itself only once a farewell has been written, which a dead peer prevents.
        self._client._sock_close()

    def _give_up(self) -> None:
        """Close, and write nothing any more of what waits."""
        self.trouble = DriverError(Trouble.UNREACHABLE, _("The printer does not take what is sent to it."))
        self._client._out_packet.clear()
        self.close()

    def _refuse_length(self) -> None:
        self.trouble = DriverError(Trouble.NONSENSE, _("The printer sends more data than any printer does."))

    def _opened(self, _client: mqtt.Client, _data: Any, peer: Any) -> None:
        """Look at the certificate: paho calls this between the handshake and sending the access code."""
        try:
            self.fingerprint = check_certificate(peer, self.endpoint)
        except DriverError as error:
            self.trouble = error
            raise ConnectionAbortedError from error

    def _closing(self, _client: mqtt.Client, _data: Any, peer: Any) -> None:
        if self.closing:
            self.closing(peer)

    def _connected(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            self.trouble = login_trouble(reason.value)
        else:
            self.let_in = True

    def _took(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._taken += len(message.payload)
        if len(message.payload) > LARGEST_REPORT:
            self._refuse_length()
        else:
            self.received.append(bytes(message.payload))
