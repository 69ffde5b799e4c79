"""API tokens: shown once, hashed, bound to a person's role in one organisation."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import User
from audit.models import Entry
from orgs import members, tokens
from orgs.models import ApiToken, Membership
from orgs.roles import Role

FORM = {"name": "nightly", "scopes": ["read:jobs"], "days": 90}


def text_in(answer) -> str:
    return re.search(r"odin_[\w-]{50,}", answer.text)[0]


def test_token_is_shown_once_and_only_its_hash_is_stored(acme, sign_in):
    client = sign_in("viewer")

    made = client.post("/o/acme/tokens/", FORM)

    text = text_in(made)
    stored = ApiToken.objects.get()
    assert "no-store" in made["Cache-Control"]
    assert text not in client.get("/o/acme/tokens/").text
    assert bytes(stored.digest) == tokens.digest_of(text.removeprefix("odin_")[tokens.LOOKUP_LENGTH :])
    assert text[-30:] not in str(ApiToken.objects.values().get()) + str(list(Entry.objects.values()))


def test_token_ends_after_ninety_days_unless_asked_otherwise(acme, sign_in):
    assert sign_in("viewer").get("/o/acme/tokens/").context["form"]["days"].initial == 90
    sign_in("viewer").post("/o/acme/tokens/", FORM)

    left = ApiToken.objects.get().expires_at - timezone.now()

    assert timedelta(days=89) < left <= timedelta(days=90)


def test_token_tells_whose_it_is_and_what_it_may(acme, sign_in, person):
    text = text_in(sign_in("viewer").post("/o/acme/tokens/", FORM))

    me = Client().get("/api/me", headers={"Authorization": f"Bearer {text}"}).json()

    assert me["org"] == {"slug": "acme", "name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR"}
    assert (me["role"], me["scopes"]) == ("viewer", ["read:jobs"])
    assert me["user"]["email"] == "viewer@acme.test"


def test_key_header_works_like_bearer(api):
    text = api("viewer").defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")

    assert Client().get("/api/me", headers={"X-Api-Key": text}).status_code == 200


@pytest.mark.parametrize("scope", ["write:printers", "admin", "read:everything"])
def test_scope_beyond_the_role_is_refused(acme, sign_in, person, scope):
    answer = sign_in("viewer").post("/o/acme/tokens/", FORM | {"scopes": [scope]})

    assert answer.status_code == 422
    with pytest.raises(ValueError, match="beyond"):
        tokens.issue(person("viewer"), acme, "x", [scope])
    assert not ApiToken.objects.exists()


def test_token_without_the_scope_is_refused(api):
    answer = api("admin", scopes=["read:jobs"]).get("/api/audit")

    assert answer.status_code == 403
    assert "admin" in answer.json()["detail"]


def test_scope_outlives_no_demotion(acme, api, person):
    other = User.objects.create_user("second@acme.test", "Correct7horse", name="Second")
    membership = Membership.objects.create(user=other, org=acme, role=Role.ADMIN)
    _token, text = tokens.issue(other, acme, "x", ["admin"])
    members.change_role(membership, Role.VIEWER)
    headers = {"Authorization": f"Bearer {text}"}

    assert Client().get("/api/audit", headers=headers).status_code == 403
    assert Client().get("/api/me", headers=headers).json()["scopes"] == []


def test_token_of_a_superadmin_who_is_no_member_is_not_made(acme, sign_in):
    answer = sign_in("root").post("/o/acme/tokens/", FORM)

    assert not ApiToken.objects.exists()
    assert "Only members may have tokens" in answer.text


@pytest.mark.parametrize(
    "kill",
    [
        pytest.param(lambda token: token.user.memberships.all().delete(), id="membership gone"),
        pytest.param(lambda token: ApiToken.objects.update(expires_at=timezone.now()), id="expired"),
        pytest.param(
            lambda token: User.objects.filter(pk=token.user_id).update(is_active=False), id="closed"
        ),
        pytest.param(lambda token: tokens.revoke(token), id="revoked"),
        pytest.param(lambda token: type(token.org).objects.update(state="archived"), id="archived org"),
    ],
)
def test_dead_token_is_401(acme, api, kill):
    client = api("viewer")
    assert client.get("/api/me").status_code == 200

    kill(ApiToken.objects.select_related("user", "org").get())

    answer = client.get("/api/me")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["", "odin_", "odin_" + "0" * 300, "odin_0123456789abWRONG", "Bearer", "\0"])
def test_nonsense_for_a_token_is_401(db, text):
    assert Client().get("/api/me", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_cookie_opens_no_api(sign_in):
    assert sign_in("admin").get("/api/me").status_code == 401


def test_use_is_noted_at_most_once_a_minute(api, django_assert_num_queries):
    client = api("viewer")
    client.get("/api/me", REMOTE_ADDR="10.0.0.7")
    first = ApiToken.objects.get()

    client.get("/api/me", REMOTE_ADDR="10.0.0.8")

    assert first.last_used_from == "10.0.0.7"
    assert ApiToken.objects.get().last_used_at == first.last_used_at


def test_people_see_and_revoke_their_own_tokens_and_admins_everybodys(acme, api, sign_in):
    api("operator")
    pk = ApiToken.objects.get().pk
    path = f"/o/acme/tokens/{pk}/revoke/"

    assert str(pk) not in sign_in("viewer").get("/o/acme/tokens/").text
    assert sign_in("viewer").post(path).status_code == 404
    assert str(pk) in sign_in("admin").get("/o/acme/tokens/").text
    assert sign_in("admin").post(path).status_code == 302
    assert not ApiToken.objects.exists()


def test_token_of_another_organisation_is_not_found(acme, rival, api, sign_in):
    api("viewer", "rival")

    assert sign_in("admin").post(f"/o/acme/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 404


def test_making_and_revoking_are_in_the_audit(acme, sign_in):
    sign_in("viewer").post("/o/acme/tokens/", FORM)
    sign_in("viewer").post(f"/o/acme/tokens/{ApiToken.objects.get().pk}/revoke/")

    with tenant_context(acme):
        assert Entry.objects.filter(action__startswith="token.").count() == 2
        assert Entry.objects.get(action="token.issue").after["scopes"] == ["read:jobs"]


def test_renewed_token_has_a_new_text_and_the_old_one_is_dead(acme, sign_in):
    client = sign_in("viewer")
    old = text_in(client.post("/o/acme/tokens/", FORM))
    token = ApiToken.objects.get()
    ApiToken.objects.update(
        created_at=token.created_at - timedelta(days=60), expires_at=token.expires_at - timedelta(days=60)
    )

    renewed = client.post(f"/o/acme/tokens/{token.pk}/rotate/")

    new = text_in(renewed)
    asked = [Client().get("/api/me", headers={"Authorization": f"Bearer {text}"}) for text in (old, new)]
    assert [answer.status_code for answer in asked] == [401, 200]
    assert asked[1].json()["scopes"] == ["read:jobs"]
    assert "no-store" in renewed["Cache-Control"]
    assert new not in client.get("/o/acme/tokens/").text
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=91)
    assert Entry.objects.filter(action="token.rotate").count() == 1


def test_renewing_twice_does_not_lengthen_a_tokens_life(acme, person):
    made = timezone.now() + timedelta(days=30)
    token, _text = tokens.issue(person("viewer"), acme, "x", ["read:jobs"], made)

    for _time in range(3):
        tokens.rotate(token)

    assert ApiToken.objects.get().expires_at - timezone.now() <= timedelta(days=30, minutes=1)


def test_token_without_an_end_stays_without_one_when_renewed(acme, person):
    token, _text = tokens.issue(person("viewer"), acme, "x", ["read:jobs"])

    tokens.rotate(token)

    assert ApiToken.objects.get().expires_at is None


def test_nobody_renews_the_token_of_somebody_else(acme, api, sign_in):
    api("operator")
    token = ApiToken.objects.get()

    assert sign_in("admin").post(f"/o/acme/tokens/{token.pk}/rotate/").status_code == 404
    assert bytes(ApiToken.objects.get().digest) == bytes(token.digest)


def test_token_renewed_after_a_demotion_opens_no_more_than_the_role(acme, person):
    token, _text = tokens.issue(person("admin"), acme, "x", ["admin", "read:jobs"])
    Membership.objects.filter(user=person("admin"), org=acme).update(role=Role.VIEWER)

    text = tokens.rotate(token)

    assert Client().get("/api/audit", headers={"Authorization": f"Bearer {text}"}).status_code == 403


def test_token_of_a_removed_member_stays_dead_after_a_new_invitation(acme, person):
    other = User.objects.create_user("second@acme.test", "Correct7horse", name="Second")
    membership = Membership.objects.create(user=other, org=acme, role=Role.VIEWER)
    _token, text = tokens.issue(other, acme, "x", ["read:jobs"])

    members.remove(membership)
    Membership.objects.create(user=other, org=acme, role=Role.ADMIN)

    assert Client().get("/api/me", headers={"Authorization": f"Bearer {text}"}).status_code == 401
