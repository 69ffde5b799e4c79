"""From where an organisation, and the whole server, is reached."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import Entry
from orgs import access
from orgs.models import Access

pytestmark = pytest.mark.django_db
HOME, AWAY = "192.168.1.7", "203.0.113.9"
PAGE = "/o/acme/account/"


@pytest.fixture
def walled(acme):
    """Acme is reached from its own network alone."""
    access.save_networks(acme, ["192.168.1.0/24", "2001:db8::/32"], HOME)
    return acme


def save(client, networks: str, address: str = HOME, path: str = "/o/acme/settings/access/networks/"):
    return client.post(path, {"networks": networks}, REMOTE_ADDR=address)


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("192.168.1.0/24, 10.0.0.0/8", ["192.168.1.0/24", "10.0.0.0/8"]),
        ("192.168.1.7", ["192.168.1.7/32"]),
        ("2001:DB8::/32\n\n2001:db8:0::/32", ["2001:db8::/32"]),
        ("::ffff:192.168.1.0/120", ["192.168.1.0/24"]),
        ("192.168.1.0/255.255.255.0", ["192.168.1.0/24"]),
        ("", []),
    ],
)
def test_networks_are_read_as_people_write_them(text, networks):
    assert access.networks_of(text) == networks


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("192.168.1.7/24", "Write 192.168.1.0/24"),
        ("2001:db8::1/32", "Write 2001:db8::/32"),
        ("::ffff:192.168.1.7/120", "Write 192.168.1.0/24"),
        ("192.168.1.0/33", "is no network"),
        ("home", "is no network"),
        ("fe80::1%eth0", "is no network"),
        ("<b>", "is no network"),
        (" ".join(f"10.0.{number}.0/24" for number in range(201)), "At most 200"),
    ],
)
def test_unsound_network_is_refused_with_what_would_do(text, words):
    with pytest.raises(access.Unsound, match=words):
        access.networks_of(text)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (HOME, 200), ("2001:db8::5", 200), ("::ffff:192.168.1.7", 200),
        (AWAY, 403), ("2001:db9::5", 403), ("::ffff:203.0.113.9", 403), ("", 403),
    ],
)  # fmt: skip
def test_pages_open_from_listed_networks_alone(walled, sign_in, address, status):
    assert sign_in("viewer").get(PAGE, REMOTE_ADDR=address).status_code == status


def test_api_and_slicers_are_under_the_list_too(walled, api):
    script = api("operator")

    told = script.get("/api/printers", REMOTE_ADDR=AWAY)
    slicer = Client(headers={"X-Api-Key": script.defaults["HTTP_AUTHORIZATION"].split()[1]})
    refused = slicer.get("/o/acme/inbox/any/api/version", REMOTE_ADDR=AWAY)

    assert (told.status_code, told["Content-Type"]) == (403, "application/problem+json")
    assert (refused.status_code, "network" in refused.json()["error"]) == (403, True)
    assert script.get("/api/printers", REMOTE_ADDR=HOME).status_code == 200
    assert slicer.get("/o/acme/inbox/any/api/version", REMOTE_ADDR=HOME).status_code == 200


def test_forged_header_opens_nothing_and_a_proxy_of_ours_does(walled, sign_in, settings):
    client, said = sign_in("viewer"), {"X-Forwarded-For": HOME}

    assert client.get(PAGE, REMOTE_ADDR=AWAY, headers=said).status_code == 403
    settings.TRUSTED_PROXIES = [access.ip_network("203.0.113.0/24")]
    assert client.get(PAGE, REMOTE_ADDR=AWAY, headers=said).status_code == 200


def test_superadmin_is_under_the_list_too_and_strangers_still_meet_nothing(walled, sign_in):
    assert sign_in("root").get(PAGE, REMOTE_ADDR=AWAY).status_code == 403
    assert sign_in("admin", "rival").get(PAGE, REMOTE_ADDR=AWAY).status_code == 404


def test_other_organisations_are_not_under_the_list(walled, sign_in):
    assert sign_in("viewer", "rival").get("/o/rival/account/", REMOTE_ADDR=AWAY).status_code == 200


def test_admin_sees_a_list_saved_and_the_audit_has_it(acme, sign_in):
    answer = save(sign_in("admin"), "192.168.1.0/24")

    assert answer.status_code == 302
    entry = Entry.objects.get(action="access.change")
    assert entry.after == {"networks": ["192.168.1.0/24"]}


def test_list_that_would_shut_out_its_saver_is_not_taken(acme, sign_in):
    answer = save(sign_in("admin"), "10.0.0.0/8")

    assert answer.status_code == 422
    assert "you would shut yourself out" in answer.text
    assert "10.0.0.0/8" in answer.text
    assert not Access.objects.filter(org=acme).exists()


def test_list_of_the_platform_is_before_everything(sign_in, client, api):
    access.save_networks(None, ["192.168.1.0/24"], HOME)

    assert client.get("/account/sign-in/", REMOTE_ADDR=AWAY).status_code == 403
    assert client.get("/o/acme/", REMOTE_ADDR=AWAY).status_code == 403
    assert client.get("/api/printers", REMOTE_ADDR=AWAY).json()["status"] == 403
    assert client.get("/account/sign-in/", REMOTE_ADDR=HOME).status_code == 200
    assert client.get("/healthz", REMOTE_ADDR=AWAY).status_code == 200


def test_superadmin_saves_the_list_of_the_platform(sign_in):
    client, path = sign_in("root"), "/organisations/access/"

    assert save(client, "10.0.0.0/8", path=path).status_code == 422
    assert save(client, "192.168.1.0/24", path=path).status_code == 302
    assert Access.objects.get(org=None).networks == ["192.168.1.0/24"]
    assert client.get("/", REMOTE_ADDR=AWAY).status_code == 403
    assert save(client, "", path=path).status_code == 302
    assert client.get("/account/", REMOTE_ADDR=AWAY).status_code == 200


def test_way_back_in_from_the_command_line(walled, sign_in, capsys):
    access.save_networks(None, ["192.168.1.0/24"], HOME)
    client = sign_in("viewer")

    call_command("allow_all_networks")
    call_command("allow_all_networks", org="acme")

    assert client.get(PAGE, REMOTE_ADDR=AWAY).status_code == 200
    assert "from every network again" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("allow_all_networks", org="nowhere")


def test_saving_asks_who_one_is(acme, sign_in):
    client = sign_in("admin")
    session = client.session
    session["sure_at"] = 0
    session.save()

    assert "Is it you?" in save(client, "192.168.1.0/24").text
    assert not Access.objects.exists()
