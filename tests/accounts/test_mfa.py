"""The second step: set-up, signing in with it, and that nothing comes round it."""

import re
import time

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts import factors, halfway, totp, trusting
from accounts.models import Authenticator, RecoveryCode, Session, TrustedDevice, User
from accounts.tasks import deliver
from audit.models import Entry
from tests.conftest import PASSWORD
from tests.factories.accounts import next_code, with_app

pytestmark = pytest.mark.django_db
EMAIL = "viewer@acme.test"
SECOND = "/account/sign-in/second/"
APP = "/account/app/"


@pytest.fixture
def codes(person) -> list[str]:
    """The viewer has an app; these are their recovery codes."""
    return with_app(person("viewer"))


def give_password(client: Client, **data: str):
    return client.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD, **data})


def give_code(client: Client, code: str, **data: str):
    return client.post(SECOND, {"proof_code": code, **data})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def viewer() -> User:
    return User.objects.get(email=EMAIL)


# The algorithm


def test_codes_are_those_of_the_rfc():
    """RFC 6238, appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert [totp.code_at(secret, at) for at in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]


@pytest.mark.parametrize(
    ("away", "is_taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_clocks_may_differ_by_a_step(away, is_taken):
    secret, now = totp.new_secret(), 1_800_000_000.0

    assert (totp.step_of(secret, totp.code_at(secret, now + away), now) is not None) is is_taken


# Setting it up


def secret_on(page: str) -> str:
    return re.search(r'id="key">([^<]+)<', page)[1].replace(" ", "")


def test_app_is_set_up_by_a_code_of_it_and_ten_recovery_codes_are_shown_once(sign_in):
    client, elsewhere = sign_in("viewer"), sign_in("viewer")
    page = client.get(APP).text
    assert "<svg" in page

    answer = client.post(APP, {"code": totp.code_at(secret_on(page), time.time())})

    shown = re.search(r'id="codes">([^<]+)<', answer.text)[1].split()
    assert len(set(shown)) == 10
    assert viewer().mfa_since is not None
    assert is_in(client)
    assert not is_in(elsewhere)
    assert shown[0] not in client.get("/account/security/").text


def test_wrong_code_sets_nothing_up_and_keeps_the_key(sign_in):
    client = sign_in("viewer")
    before = secret_on(client.get(APP).text)

    answer = client.post(APP, {"code": "000000"})

    assert answer.status_code == 422
    assert secret_on(answer.text) == before
    assert viewer().mfa_since is None


def test_secret_is_sealed_in_the_database_and_in_the_session(sign_in):
    client = sign_in("viewer")
    secret = secret_on(client.get(APP).text)
    in_session = str(client.session["new_authenticator"])
    client.post(APP, {"code": totp.code_at(secret, time.time())})

    assert secret not in Authenticator.objects.get().secret
    assert secret not in in_session


def test_recovery_codes_are_kept_as_hashes(codes):
    kept = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())

    assert len(kept) == 320
    assert not any(code.replace("-", "").encode() in kept for code in codes)


def test_person_is_told_by_mail(person, django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr("celery.current_app.send_task", lambda name, args: deliver(*args))
    with django_capture_on_commit_callbacks(execute=True):
        with_app(person("viewer"))

    (told,) = mail.outbox
    assert told.to == [EMAIL]
    assert "Two-step sign-in is now on" in told.body


def test_person_is_told_of_an_app_that_comes_later_too(
    person, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setattr("celery.current_app.send_task", lambda name, args: deliver(*args))
    user = person("viewer")
    with_app(user)
    with django_capture_on_commit_callbacks(execute=True):
        with_app(user)

    assert "An authenticator app was added" in mail.outbox[-1].body


# Signing in


def test_password_alone_opens_nothing(client, codes):
    answer = give_password(client)

    assert answer["Location"] == SECOND
    assert not is_in(client)
    for path in ("/", "/o/acme/", "/account/security/", "/admin/"):
        assert client.get(path).status_code in {302, 404}, path
    assert "_auth_user_id" not in client.session
    assert Session.objects.filter(user=viewer()).count() == 0


def test_code_signs_in_and_leads_where_one_wanted(client, codes):
    give_password(client, next="/o/acme/printers/")

    answer = give_code(client, next_code(viewer()))

    assert answer["Location"] == "/o/acme/printers/"
    assert is_in(client)
    assert Entry.objects.get(action="account.sign_in").after == {"how": "authenticator"}


def test_code_is_taken_once(client, codes):
    code = next_code(viewer())
    give_password(client)
    give_code(client, code)
    second = Client()
    give_password(second)

    answer = give_code(second, code)

    assert answer.status_code == 422
    assert not is_in(second)


def test_older_code_than_the_last_is_not_taken(client, codes):
    secret = factors.open_sealed(Authenticator.objects.get().secret)
    older = totp.code_at(secret, time.time() - 30)
    give_password(client)

    assert give_code(client, older).status_code == 422


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: f" {code[:3]} {code[3:]}",
        lambda code: "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code),
    ],
    ids=["in two parts", "full width"],
)
def test_code_is_taken_as_people_type_it(client, codes, typed):
    give_password(client)

    assert give_code(client, typed(next_code(viewer()))).status_code == 302


@pytest.mark.parametrize("text", ["é23456", "١٢٣٤٥٦", "\0", "ﷺ" * 9])
def test_letters_that_no_code_has_are_a_wrong_code(client, codes, sign_in, text):
    give_password(client)

    assert give_code(client, text).status_code == 422
    assert sign_in("operator").post(APP, {"code": text}).status_code == 422


def test_recovery_code_signs_in_once(client, codes):
    give_password(client)
    assert give_code(client, codes[3].upper()).status_code == 302
    second = Client()
    give_password(second)

    assert give_code(second, codes[3]).status_code == 422
    assert give_code(second, codes[4].replace("-", " ")).status_code == 302
    assert RecoveryCode.objects.count() == 8


def test_code_of_another_person_is_not_taken(client, codes, person):
    theirs = with_app(person("operator"))
    give_password(client)

    assert give_code(client, theirs[0]).status_code == 422
    assert give_code(client, next_code(person("operator"))).status_code == 422


def test_new_recovery_codes_void_the_old_ones(client, sign_in, codes):
    mine = sign_in("viewer")
    mine.post("/account/recovery/")
    give_password(client)

    assert give_code(client, codes[0]).status_code == 422
    assert RecoveryCode.objects.count() == 10


def test_half_sign_in_is_spent_once(client, codes):
    give_password(client)
    give_code(client, codes[0])
    client.post("/account/sign-out/")

    assert client.get(SECOND)["Location"] == "/account/sign-in/"


def test_half_sign_in_is_bound_to_its_browser(client, codes):
    give_password(client)

    answer = give_code(Client(), codes[0])

    assert answer["Location"] == "/account/sign-in/"
    assert RecoveryCode.objects.count() == 10


def test_half_sign_in_is_short_lived(client, codes):
    give_password(client)
    with time_machine.travel(time.time() + halfway.LASTS_S + 1, tick=False):
        assert give_code(client, codes[0])["Location"] == "/account/sign-in/"

    assert not is_in(client)


def test_half_sign_in_ends_with_the_password(client, codes):
    give_password(client)
    user = viewer()
    user.set_password("Another8stable")
    user.save()

    assert give_code(client, codes[0])["Location"] == "/account/sign-in/"


def test_half_sign_in_ends_with_the_account(client, codes):
    give_password(client)
    User.objects.filter(email=EMAIL).update(is_active=False)

    assert give_code(client, codes[0])["Location"] == "/account/sign-in/"


def test_key_that_was_planted_before_is_of_no_use(client, codes):
    client.get("/account/sign-in/")
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key

    give_password(client)

    assert client.session.session_key != session.session_key


def test_guessing_codes_is_paused_even_for_the_right_one(client, codes):
    give_password(client)
    for _ in range(6):
        give_code(client, "000000")

    answer = give_code(client, codes[0])

    assert answer.status_code == 429
    assert RecoveryCode.objects.count() == 10


def test_guessing_codes_from_many_addresses_is_paused_too(codes):
    for number in range(16):
        guesser = Client(REMOTE_ADDR=f"203.0.113.{number}")
        give_password(guesser)
        answer = give_code(guesser, "000000")

    assert answer.status_code == 429


def test_refused_code_is_in_the_audit_without_it(client, codes):
    give_password(client)
    give_code(client, "000000")

    entry = Entry.objects.get(action="account.proof_refused")
    assert "000000" not in str(entry.after)


# Remembered devices


def test_trusted_device_is_not_asked_until_its_days_are_over(client, codes, settings):
    give_password(client)
    give_code(client, codes[0], trust="1")
    client.post("/account/sign-out/")

    assert give_password(client)["Location"] == "/"
    client.post("/account/sign-out/")
    TrustedDevice.objects.update(expires_at="2020-01-01T00:00Z")
    assert give_password(client)["Location"] == SECOND


def test_trust_is_one_persons_alone(client, codes, person):
    with_app(person("operator"))
    give_password(client)
    give_code(client, codes[0], trust="1")
    client.post("/account/sign-out/")

    answer = client.post("/account/sign-in/", {"email": "operator@acme.test", "password": PASSWORD})

    assert answer["Location"] == SECOND


def test_device_is_not_trusted_unasked_or_where_the_platform_forbids_it(client, codes, settings):
    give_password(client)
    give_code(client, codes[0])
    assert trusting.COOKIE not in client.cookies
    settings.REMEMBER_DEVICE_DAYS = 0
    second = Client()
    give_password(second)
    assert "Don" not in second.get(SECOND).text.partition("<form")[2]

    give_code(second, codes[1], trust="1")

    assert trusting.COOKIE not in second.cookies


def test_device_trusted_before_the_platform_forbade_it_is_asked_again(client, codes, settings):
    give_password(client)
    give_code(client, codes[0], trust="1")
    client.post("/account/sign-out/")
    settings.REMEMBER_DEVICE_DAYS = 0

    assert give_password(client)["Location"] == SECOND


def test_trusted_device_is_asked_before_what_is_dangerous(client, codes):
    give_password(client)
    give_code(client, codes[0], trust="1")
    client.post("/account/sign-out/")
    give_password(client)

    asked = client.post("/account/app/remove/")

    assert "Is it you?" in asked.text
    assert Authenticator.objects.exists()


@pytest.mark.parametrize("event", ["forgotten", "new password"])
def test_trust_ends_when_it_is_forgotten_or_with_the_password(client, codes, event):
    give_password(client)
    give_code(client, codes[0], trust="1")
    word = PASSWORD
    if event == "forgotten":
        client.post("/account/devices/forget/")
    else:
        word = "Another8stable"
        client.post("/account/password/", {"current": PASSWORD, "new": word, "again": word})
    client.post("/account/sign-out/")

    answer = client.post("/account/sign-in/", {"email": EMAIL, "password": word})

    assert answer["Location"] == SECOND


# Turning it off


def test_removing_the_last_factor_turns_it_off_and_voids_the_codes(client, sign_in, codes):
    sign_in("viewer").post("/account/app/remove/")

    assert viewer().mfa_since is None
    assert not RecoveryCode.objects.exists()
    assert give_password(client)["Location"] == "/"
    assert Entry.objects.filter(action="account.mfa_off").count() == 1


def test_key_of_the_server_changed_since_locks_nobody_out_who_has_recovery_codes(client, codes, settings):
    settings.FIELD_KEY = "A" * 43 + "="
    give_password(client)

    assert give_code(client, "123456").status_code == 422
    assert give_code(client, codes[0]).status_code == 302


def test_reset_of_a_forgotten_password_does_not_come_round_the_second_step(client, codes, person):
    user = person("viewer")
    user.set_password("Another8stable")
    user.save()

    answer = client.post("/account/sign-in/", {"email": EMAIL, "password": "Another8stable"})

    assert answer["Location"] == SECOND
