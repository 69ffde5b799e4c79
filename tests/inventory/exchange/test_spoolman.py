"""Spools from Spoolman: its export, and a server that is asked page after page."""

import json
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from inventory.exchange import drafts, spoolman_server
from inventory.exchange.applying import plan_for, take_in
from inventory.exchange.reading import Unreadable
from inventory.exchange.spoolman import read_export
from inventory.models import Spool, SpoolImport
from inventory.weighing import weigh


def spool(number, **more):
    """As Spoolman 0.22 answers one."""
    return {
        "id": number, "registered": "2024-05-01T10:00:00Z", "first_used": "2024-06-01T10:00:00Z",
        "filament": {
            "id": 1, "registered": "2024-05-01T10:00:00Z", "name": "Galaxy Black",
            "vendor": {"id": 1, "registered": "2024-05-01T10:00:00Z", "name": "Prusament", "extra": {}},
            "material": "PLA", "price": 25.0, "density": 1.24, "diameter": 1.75, "weight": 1000.0,
            "spool_weight": 186.0, "settings_extruder_temp": 215, "settings_bed_temp": 60,
            "color_hex": "1b1b1bff", "extra": {},
        },
        "remaining_weight": 812.345, "initial_weight": 1000.0, "used_weight": 187.655, "used_length": 62914.1,
        "location": "Dry box", "lot_nr": "L7", "comment": "=x", "archived": False, "extra": {}, **more,
    }  # fmt: skip


class Fake(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urlsplit(self.path)
        status, body = self.server.answer(asked.path, {k: v[0] for k, v in parse_qs(asked.query).items()})
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """A Spoolman with 1,203 spools, at an address of this machine, which no person may name."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Fake) as http:
        spools = [spool(number) for number in range(1, 1204)] + [spool(9000, archived=True)]

        def answer(path, query):
            if path != "/sub/api/v1/spool":
                return 404, {"message": "no"}
            found = [one for one in spools if not one["archived"] or query.get("allow_archived") == "true"]
            start = int(query["offset"])
            return 200, found[start : start + int(query["limit"])]

        http.answer, http.spools = answer, spools
        http.url = f"http://127.0.0.1:{http.server_port}/sub"
        monkeypatch.setattr(spoolman_server, "checked_address", lambda host, port: host)
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield http
        http.shutdown()
        thread.join(5)


def test_all_pages_of_a_server_are_fetched(server):
    assert len(spoolman_server.fetch(server.url, with_archived=False)) == 1203
    assert len(spoolman_server.fetch(f"{server.url}/spool", with_archived=True)) == 1204


def test_an_old_server_without_pages_is_read_once(server):
    server.answer = lambda path, query: (200, server.spools)

    assert len(spoolman_server.fetch(server.url, with_archived=True)) == 1204


def test_a_server_that_answers_the_same_page_for_ever_is_left(server):
    server.answer = lambda path, query: (200, server.spools[:500])

    assert len(spoolman_server.fetch(server.url, with_archived=True)) == 500


@pytest.mark.parametrize(
    ("answer", "words"),
    [((200, b"<html>"), "no Spoolman"), ((200, {"a": 1}), "no Spoolman"), ((200, [1, 2]), "no Spoolman"),
     ((500, b""), "HTTP 500"), ((302, b""), "HTTP 302"), ((401, b""), "password"),
     ((200, b"[" * 90000), "no Spoolman")],
)  # fmt: skip
def test_what_is_no_spoolman_is_said_in_words(server, answer, words):
    server.answer = lambda path, query: answer

    with pytest.raises(Unreadable, match=words):
        spoolman_server.fetch(server.url, with_archived=False)


def test_a_closed_port_is_said_in_words(monkeypatch):
    monkeypatch.setattr(spoolman_server, "checked_address", lambda host, port: host)

    with pytest.raises(Unreadable, match="Nothing answers"):
        spoolman_server.fetch("http://127.0.0.1:9", with_archived=False)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "[fe80::1]", "0.0.0.0",  # noqa: S104
     "100.100.100.200", "[fd00:ec2::254]", "224.0.0.1", "[64:ff9b::7f00:1]", "2130706433"],
)  # fmt: skip
def test_this_machine_and_what_is_no_machine_is_never_asked(host):
    with pytest.raises(Unreadable):
        spoolman_server.fetch(f"http://{host}:7912", with_archived=False)


@pytest.mark.parametrize("host", ["192.168.1.20", "10.0.0.7", "fd12::7"])
def test_private_networks_may_be_asked(host):
    assert spoolman_server.checked_address(host, 7912) == host


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://", "http://a:b@host", "http://host:99999", "javascript:x"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(Unreadable):
        spoolman_server.place_of(url)


def export_csv():
    """As spoolman/export.py flattens a spool."""
    told = {
        "archived": "False", "comment": "", "filament.color_hex": "FF0000", "filament.density": "1.24",
        "filament.diameter": "1.75", "filament.id": "1", "filament.material": "PETG", "filament.name": "Red",
        "filament.price": "20", "filament.vendor.name": "eSun", "filament.weight": "750",
        "first_used": "2024-05-01 10:00:00", "id": "12", "initial_weight": "", "location": "Shelf",
        "lot_nr": "L1", "price": "", "used_weight": "100.125",
    }  # fmt: skip
    return f"{','.join(told)}\r\n{','.join(told.values())}\r\n".encode()


@pytest.fixture
def taken(acme, person, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def take(data, **wishes):
        draft = drafts.keep(data, drafts.source_of(data), "export", person("operator"), **wishes)
        assert draft.source == SpoolImport.Source.SPOOLMAN
        return take_in(draft, plan_for(draft).digest)

    return take


def test_what_spoolman_knows_comes_over(taken):
    taken(json.dumps([spool(7)]).encode())

    one = Spool.objects.select_related("filament").get()
    assert str(one.filament) == "Prusament Galaxy Black"
    assert (one.filament.material, one.filament.color, one.filament.price_per_kg) == ("PLA", "#1B1B1B", 25)
    assert (float(one.left_g), one.initial_g, one.cost) == (812.35, 1000, 25)
    assert (one.lot, one.location, one.notes, one.external_id) == ("L7", "Dry box", "=x", "spoolman:7")


def test_its_export_as_csv_comes_over(taken):
    taken(export_csv())

    one = Spool.objects.select_related("filament").get()
    assert (str(one.filament), one.initial_g, float(one.left_g)) == ("eSun Red", 750, 649.88)
    assert (one.external_id, str(one.opened_at.date())) == ("spoolman:12", "2024-05-01")


def test_importing_again_doubles_nothing_and_keeps_what_was_used_here(taken):
    taken(json.dumps([spool(7)]).encode())
    weigh(Spool.objects.get(), Decimal(500))

    outcome = taken(json.dumps([spool(7, location="Rack", remaining_weight=800.0), spool(8)]).encode())

    one = Spool.objects.get(external_id="spoolman:7")
    assert (outcome["added"], outcome["changed"], one.location, one.left_g) == (1, 1, "Rack", 500)
    taken(json.dumps([spool(7, location="Rack", remaining_weight=800.0)]).encode(), sets_left=True)
    one.refresh_from_db()
    assert one.left_g == 800


@pytest.mark.parametrize(
    "data",
    [b"[]", b"{}", b"[1]", b'[{"id": 1}]', b'[{"id": "x", "filament": {"name": 1}}]', b"[" * 9000,
     b'[{"id": 1, '],
    ids=["none", "no list", "a number", "no filament", "no id", "deep", "cut off"],
)  # fmt: skip
def test_an_export_of_something_else_is_refused_in_words(data):
    with pytest.raises(Unreadable):
        read_export(data)


def test_absurd_weights_are_errors_of_their_line(acme, person, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    odd = [spool(1, remaining_weight=1e300), spool(2, initial_weight=-4), spool(3, used_weight="x")]

    plan = plan_for(drafts.keep(json.dumps(odd).encode(), "spoolman", "x", person("operator")))

    assert {flaw.line for flaw in plan.flaws} == {1}
