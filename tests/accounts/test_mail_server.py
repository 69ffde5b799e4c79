import pytest

from accounts.models import MailServer
from accounts.sealing import open_sealed
from audit.models import Entry

PAGE = "/platform/mail/"
SAID = {"host": "smtp.acme.test", "port": "587", "tls": "starttls", "user": "odin", "password": "s3cret",
        "sender": "farm@acme.test"}  # fmt: skip


@pytest.fixture(autouse=True)
def _by_pages(settings):
    settings.EMAIL_BACKEND = "accounts.mail_back_end.MailBackEnd"
    settings.MAIL_BY_ENVIRONMENT = False


def test_a_superadmin_sets_the_server_and_its_password_is_sealed(db, sign_in):
    client = sign_in("root")

    client.post(PAGE, SAID)

    server = MailServer.objects.get()
    assert (server.host, server.port, server.tls, server.user) == ("smtp.acme.test", 587, "starttls", "odin")
    assert open_sealed(server.secret) == "s3cret"
    assert "s3cret" not in server.secret + client.get(PAGE).text
    (entry,) = Entry.objects.filter(action="mail.server")
    assert "s3cret" not in f"{entry.before} {entry.after}"
    assert entry.after["host"] == "smtp.acme.test"


def test_an_empty_password_leaves_it_as_it_was_and_without_user_there_is_none(db, sign_in):
    client = sign_in("root")
    client.post(PAGE, SAID)

    client.post(PAGE, {**SAID, "password": "", "port": "465"})
    server = MailServer.objects.get()
    assert (server.port, open_sealed(server.secret)) == (465, "s3cret")

    client.post(PAGE, {**SAID, "password": "", "user": ""})
    assert MailServer.objects.get().secret == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [("host", "smtp.acme.test:25"), ("host", "http://smtp.acme.test"), ("host", ""), ("port", "0"),
     ("port", "99999"), ("port", "x"), ("sender", "farm"), ("tls", "ssl2"), ("host", "a b")],
)  # fmt: skip
def test_what_no_server_can_be_is_refused_and_stays_typed(field, value, db, sign_in):
    answer = sign_in("root").post(PAGE, {**SAID, field: value})

    assert answer.status_code == 422
    assert not MailServer.objects.exists()
    assert 'value="odin"' in answer.text


def test_the_environment_wins_and_the_page_says_so(db, sign_in, settings):
    settings.MAIL_BY_ENVIRONMENT = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp.env.test", 2525

    assert "smtp.env.test:2525" in sign_in("root").get(PAGE).text


def test_without_a_server_the_page_says_where_mails_are(db, sign_in, settings):
    assert str(settings.ODIN_HOME / "mail") in sign_in("root").get(PAGE).text


def test_a_test_tells_what_went_wrong(db, sign_in):
    client = sign_in("root")
    client.post(PAGE, {**SAID, "host": "127.0.0.1", "port": "1"})

    client.post(f"{PAGE}test/", {"to": "root@odin.test"})

    page = client.get(PAGE).text
    assert "No mail went out." in page
    assert "be reached" in page


def test_tests_are_few(db, sign_in, monkeypatch, settings, tmp_path):
    settings.ODIN_HOME = tmp_path
    monkeypatch.setattr("accounts.pages.mail.MOST_TESTS", 2)
    client = sign_in("root")

    for _time in range(4):
        client.post(f"{PAGE}test/", {"to": "root@odin.test"})

    assert len(list((tmp_path / "mail").iterdir())) == 2
    assert "many tests" in client.get(PAGE).text


def test_the_server_can_be_forgotten(db, sign_in):
    client = sign_in("root")
    client.post(PAGE, SAID)

    client.post(f"{PAGE}forget/")
    client.post(f"{PAGE}forget/")

    assert not MailServer.objects.exists()
    assert Entry.objects.filter(action="mail.server_forget").count() == 1


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_for_others_there_is_no_such_page(role, db, sign_in):
    assert sign_in(role).get(PAGE).status_code == 404
    assert sign_in(role).post(PAGE, SAID).status_code == 404
