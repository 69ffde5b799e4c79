"""What a simulated Bambu printer does to clients that behave unlike ours."""

import ftplib
import io
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from printers.drivers.tls import printer_context
from simulator.bambu_orders import Rejected, start
from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle
from tests.drivers.rig import CODE, make_3mf


@pytest.fixture
def printer() -> Iterator[Handle]:
    with Farm([PrinterSpec("one", "p1s", secret=CODE, push_s=0.05)]) as farm:
        yield farm["one"]


class Client:
    """A bare MQTT client that keeps what it is told."""

    def __init__(self, printer: Handle, topic: str, name: str = "client", secret: str = CODE) -> None:
        self.messages: list[Any] = []
        self.news = threading.Condition()
        self.subscribed = threading.Event()
        self.gone = threading.Event()
        self.reason = 0
        self.mqtt = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, reconnect_on_failure=False)
        self.mqtt.username_pw_set("bblp", secret)
        self.mqtt.tls_set_context(printer_context())
        self.mqtt.on_message = self._message
        self.mqtt.on_connect = self._connect
        self.mqtt.on_subscribe = lambda *_: self.subscribed.set()
        self.mqtt.on_disconnect = lambda *_: self.gone.set()
        self.topic = topic
        self.mqtt.connect(printer.host, printer.port)
        self.mqtt.loop_start()

    def _connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.reason = reason.value
        if not reason.is_failure:
            client.subscribe(self.topic)

    def _message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        with self.news:
            self.messages.append(json.loads(message.payload))
            self.news.notify_all()

    def wait(self, count: int, patience_s: float = 5.0) -> bool:
        with self.news:
            return self.news.wait_for(lambda: len(self.messages) >= count, patience_s)


def ask(client: Client, printer: Handle, qos: int = 0) -> mqtt.MQTTMessageInfo:
    body = json.dumps({"pushing": {"sequence_id": "1", "command": "pushall"}})
    return client.mqtt.publish(f"device/{printer.serial}/request", body, qos)


def test_whoever_subscribes_to_requests_is_thrown_out(printer: Handle) -> None:
    client = Client(printer, f"device/{printer.serial}/request")

    assert client.gone.wait(5)


def test_a_second_client_of_the_same_name_throws_the_first_out(printer: Handle) -> None:
    first = Client(printer, f"device/{printer.serial}/report")
    assert first.subscribed.wait(5)

    Client(printer, f"device/{printer.serial}/report")

    assert first.gone.wait(5)


def test_a_wrong_code_is_refused_as_not_authorised(printer: Handle) -> None:
    client = Client(printer, "x", secret="no")

    assert client.gone.wait(5)
    assert client.reason == 135


def test_qos_1_is_acknowledged_unless_acknowledgements_are_lost(printer: Handle) -> None:
    client = Client(printer, f"device/{printer.serial}/report")
    assert client.subscribed.wait(5)

    sent = ask(client, printer, qos=1)
    sent.wait_for_publish(5)
    printer.fault(no_ack=True)
    lost = ask(client, printer, qos=1)
    assert client.wait(2)

    assert (sent.is_published(), lost.is_published()) == (True, False)


def test_a_p1_tells_only_what_changed(printer: Handle) -> None:
    client = Client(printer, f"device/{printer.serial}/report")
    assert client.subscribed.wait(5)
    ask(client, printer)
    assert client.wait(1)

    printer.act("load-spool", slot=1, material="ABS")
    assert client.wait(2)

    full, delta = client.messages[0]["print"], client.messages[1]["print"]
    assert (full["msg"], delta["msg"]) == (0, 1)
    assert "gcode_state" not in delta
    assert [tray["id"] for tray in delta["ams"]["ams"][0]["tray"]] == ["1"]


class Ftps(ftplib.FTP_TLS):
    """A client that may leave out what the printer insists on."""

    resumes = True

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        line, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        if self._prot_p:  # type: ignore[attr-defined]
            line = self.context.wrap_socket(line, session=self.sock.session if self.resumes else None)
        return line, size


def enter(printer: Handle) -> Ftps:
    client = Ftps(context=printer_context(ssl.TLSVersion.TLSv1_2), timeout=5)
    client.host, client.af = printer.host, socket.AF_INET
    client.sock = client.context.wrap_socket(socket.create_connection((printer.host, printer.file_port), 5))
    client.file = client.sock.makefile("r", encoding="utf-8")
    client.getresp()
    ftplib.FTP.login(client, "bblp", CODE)  # noqa: S321
    return client


def test_files_do_not_travel_in_the_clear(printer: Handle) -> None:
    client = enter(printer)

    with pytest.raises(ftplib.error_perm, match="522"):
        client.storbinary("STOR a.3mf", io.BytesIO(b"x"))


def test_a_data_line_must_resume_the_session(printer: Handle) -> None:
    client = enter(printer)
    client.prot_p()
    client.resumes = False

    with pytest.raises((ftplib.error_perm, OSError)):
        client.storbinary("STOR a.3mf", io.BytesIO(b"x" * 1000))

    assert printer.picture()["files"] == []


def test_files_are_listed_sized_and_deleted(printer: Handle) -> None:
    (printer.machine.folder / "a.3mf").write_bytes(b"abc")
    client = enter(printer)
    client.prot_p()

    assert client.nlst() == ["a.3mf"]
    assert client.sendcmd("SIZE a.3mf") == "213 3"
    client.delete("a.3mf")
    with pytest.raises(ftplib.error_perm, match="550"):
        client.sendcmd("SIZE a.3mf")
    with pytest.raises(ftplib.error_perm, match="550"):
        client.sendcmd("SIZE ../../etc/passwd")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({}, None),
        ({"url": "file:///sdcard/a.gcode.3mf"}, None),
        ({"url": "http://a.gcode.3mf"}, 0x05004003),
        ({"param": "Metadata/plate_2.gcode"}, 0x05004003),
        ({"ams_mapping": [0]}, 0x07008012),
        ({"ams_mapping": [0, 254]}, 0x07008012),
        ({"ams_mapping": [-1, -1]}, 0x07FF8012),
        ({"ams_mapping": [-1, -1], "use_ams": False}, None),
    ],
)
def test_a_start_is_checked_as_firmware_does(
    printer: Handle, change: dict[str, Any], error: int | None
) -> None:
    machine = printer.machine
    make_3mf(machine.folder / "a.gcode.3mf")
    order = {
        "url": "ftp://a.gcode.3mf",
        "param": "Metadata/plate_1.gcode",
        "use_ams": True,
        "ams_mapping": [0, 1],
    }

    if error is None:
        start(machine, {**order, **change})
    else:
        with pytest.raises(Rejected) as caught:
            start(machine, {**order, **change})
        assert caught.value.error == error

    assert len(machine.starts) == (error is None)
