"""Passkeys: adding, naming and removing them, signing in with them, and what is not taken for one."""

import time

import pytest
import time_machine
from django.test import Client

from accounts import passkeys
from accounts.models import Passkey, RecoveryCode, User
from audit.models import Entry
from tests.conftest import PASSWORD
from tests.factories.accounts import with_app
from tests.factories.authenticator import PRESENT, SoftKey

pytestmark = pytest.mark.django_db
EMAIL = "viewer@acme.test"
SECOND = "/account/sign-in/second/"


def viewer() -> User:
    return User.objects.get(email=EMAIL)


def options(client: Client, path: str = "challenge/?alone"):
    return client.post(f"/account/passkeys/{path}").json()


def add(client: Client, key: SoftKey, name: str = "Laptop"):
    credential = key.create(options(client, "options/"))
    return client.post("/account/passkeys/add/", {"name": name, "credential": credential})


def enter(client: Client, answer: str, **data: str):
    return client.post("/account/sign-in/passkey/", {"proof_passkey": answer, **data})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.fixture
def key(sign_in) -> SoftKey:
    """A key that the viewer has added."""
    made = SoftKey()
    add(sign_in("viewer"), made)
    return made


# Adding


def test_first_passkey_turns_the_second_step_on_and_gives_recovery_codes(sign_in):
    client, elsewhere = sign_in("viewer"), sign_in("viewer")

    page = add(client, SoftKey())

    assert page.text.count("-") > 30
    assert (viewer().mfa_since is not None, RecoveryCode.objects.count()) == (True, 10)
    assert is_in(client)
    assert not is_in(elsewhere)


def test_further_passkey_keeps_the_recovery_codes(sign_in, key):
    before = set(RecoveryCode.objects.values_list("pk", flat=True))

    add(sign_in("viewer"), SoftKey(), "Stick")

    assert Passkey.objects.count() == 2
    assert set(RecoveryCode.objects.values_list("pk", flat=True)) == before


def test_browser_is_told_which_keys_are_there_already(sign_in, key):
    asked = options(sign_in("viewer"), "options/")

    assert len(asked["excludeCredentials"]) == 1
    assert asked["rp"]["id"] == "testserver"
    assert EMAIL not in asked["user"]["id"]


def test_passkey_made_for_another_place_is_not_added(sign_in):
    client = sign_in("viewer")

    for wrong in (SoftKey(origin="https://elsewhere.test"), SoftKey(name="elsewhere.test")):
        add(client, wrong)

    assert not Passkey.objects.exists()
    assert viewer().mfa_since is None


def test_answer_to_an_earlier_challenge_adds_nothing(sign_in):
    client, made = sign_in("viewer"), SoftKey()
    credential = made.create(options(client, "options/"))
    options(client, "options/")

    client.post("/account/passkeys/add/", {"name": "Late", "credential": credential})

    assert not Passkey.objects.exists()


def test_key_of_one_person_is_not_added_by_another(sign_in, key):
    client = sign_in("operator")
    credential = key.create(options(client, "options/"))

    client.post("/account/passkeys/add/", {"name": "Mine now", "credential": credential})

    assert Passkey.objects.get().user == viewer()


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", "nonsense", '{"id": 1}', "\x00", "[" * 99_999]
)
def test_nonsense_adds_nothing_and_says_so(sign_in, credential):
    client = sign_in("viewer")
    options(client, "options/")

    answer = client.post("/account/passkeys/add/", {"name": "X", "credential": credential}, follow=True)

    assert "was not added" in answer.text
    assert not Passkey.objects.exists()


# Naming and removing


def test_passkey_is_renamed_and_removed(acme, sign_in, key):
    client, pk = sign_in("viewer"), Passkey.objects.get().pk
    client.post(f"/o/acme/account/passkeys/{pk}/rename/", {"name": "<b>Phone</b>"})
    assert "&lt;b&gt;Phone&lt;/b&gt;" in client.get("/account/security/").text

    client.post(f"/o/acme/account/passkeys/{pk}/remove/")

    assert not Passkey.objects.exists()
    assert viewer().mfa_since is None
    assert Entry.objects.filter(action__startswith="account.passkey").count() == 2


def test_removing_a_passkey_keeps_the_second_step_where_there_is_an_app(sign_in, key, person):
    with_app(person("viewer"))

    sign_in("viewer").post(f"/account/passkeys/{Passkey.objects.get().pk}/remove/")

    assert viewer().mfa_since is not None


def test_passkey_of_another_person_is_missing(sign_in, key):
    for verb in ("rename", "remove"):
        path = f"/account/passkeys/{Passkey.objects.get().pk}/{verb}/"
        assert sign_in("admin").post(path, {"name": "Mine"}).status_code == 404

    assert Passkey.objects.get().name == "Laptop"


# Signing in with a passkey alone


def test_passkey_alone_signs_in_and_leads_where_one_wanted(client, key):
    answer = enter(client, key.get(options(client)), next="/o/acme/printers/")

    assert answer["Location"] == "/o/acme/printers/"
    assert is_in(client)
    assert Entry.objects.get(action="account.sign_in").after == {"how": "passkey"}
    assert Passkey.objects.get().used_at is not None


def test_passkey_alone_must_have_verified_its_person(client, key):
    key.flags = PRESENT

    assert enter(client, key.get(options(client))).status_code == 422
    assert not is_in(client)


def test_challenge_is_spent_with_the_first_answer(client, key):
    asked = options(client)
    answer = key.get(asked)
    assert enter(client, "{}").status_code == 422

    assert enter(client, answer).status_code == 422
    assert not is_in(client)


def test_answer_is_not_taken_twice(client, key):
    answer = key.get(options(client))
    enter(client, answer)
    client.post("/account/sign-out/")
    options(client)

    assert enter(client, answer).status_code == 422


def test_answer_is_bound_to_the_browser_that_was_asked(client, key):
    answer = key.get(options(client))
    other = Client()
    options(other)

    assert enter(other, answer).status_code == 422
    assert not is_in(other)


def test_challenge_is_short_lived(client, key):
    answer = key.get(options(client))

    with time_machine.travel(time.time() + passkeys.LASTS_S + 1, tick=False):
        assert enter(client, answer).status_code == 422


def test_challenge_for_one_purpose_is_not_taken_for_another(sign_in, key, client):
    adding = sign_in("viewer")
    asked = options(adding, "options/")
    adding.logout()

    assert enter(client, key.get(asked)).status_code == 422


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.test", "http://testserver:8080", "https://testserver", "http://testserver.evil"],
)
def test_answer_given_to_another_site_is_not_taken(client, key, origin):
    key.origin = origin

    assert enter(client, key.get(options(client))).status_code == 422
    assert not is_in(client)


def test_counter_that_goes_back_is_not_taken_and_is_in_the_audit(client, key):
    key.count = 40
    enter(client, key.get(options(client)))
    client.post("/account/sign-out/")
    key.count = 7

    answer = enter(client, key.get(options(client)))

    assert answer.status_code == 422
    assert Entry.objects.get(action="account.passkey_copied").actor_id == viewer().pk
    assert Passkey.objects.get().sign_count == 41


def test_key_that_never_counts_is_taken_each_time(client, key):
    for _ in range(2):
        key.count = -1
        assert enter(client, key.get(options(client))).status_code == 302
        client.post("/account/sign-out/")


def test_forged_signature_is_not_taken(client, key):
    forger = SoftKey()
    forger.id = key.id

    assert enter(client, forger.get(options(client))).status_code == 422


def test_passkey_of_a_closed_account_opens_nothing(client, key):
    User.objects.filter(email=EMAIL).update(is_active=False)

    assert enter(client, key.get(options(client))).status_code == 422


# As second step and as proof


def test_passkey_is_the_second_step_after_the_password(client, key):
    client.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD, "next": "/o/acme/"})
    asked = options(client, "challenge/")

    answer = client.post(SECOND, {"proof_passkey": key.get(asked)})

    assert len(asked["allowCredentials"]) == 1
    assert answer["Location"] == "/o/acme/"
    assert is_in(client)


def test_passkey_of_another_person_is_no_second_step(client, key, sign_in, person):
    with_app(person("operator"))
    client.post("/account/sign-in/", {"email": "operator@acme.test", "password": PASSWORD})

    answer = client.post(SECOND, {"proof_passkey": key.get(options(client, "challenge/"))})

    assert answer.status_code == 422
    assert not is_in(client)


def test_passkey_is_proof_for_what_is_dangerous(acme, sign_in, key):
    client = sign_in("viewer")
    session = client.session
    session["sure_at"] = 0
    session.save()
    wish = {"name": "Slicer", "scopes": ["read:jobs"], "days": "30"}
    asked = client.post("/o/acme/tokens/", wish).text
    challenge = client.post("/o/acme/account/passkeys/challenge/").json()

    page = client.post("/o/acme/tokens/", wish | {"proof": "1", "proof_passkey": key.get(challenge)})

    assert "Use a passkey" in asked
    assert "odin_" in page.text


def test_asking_for_challenges_without_end_is_limited(client):
    for _ in range(60):
        client.post("/account/passkeys/challenge/?alone")

    assert client.post("/account/passkeys/challenge/?alone").status_code == 429


def test_address_with_a_number_says_why_it_has_no_passkeys(sign_in):
    page = sign_in("viewer").get("/account/security/", headers={"Host": "127.0.0.1:8000"}).text

    assert "the address has a name, not a number" in page
    assert "/passkeys/options/" not in page


def test_public_address_counts_where_a_proxy_hides_the_scheme(client, key, settings):
    settings.PUBLIC_URL = "https://testserver"
    key.origin = "https://testserver"

    assert enter(client, key.get(options(client))).status_code == 302
