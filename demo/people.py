"""The demo's people: one of each role in each organisation, and a superadmin."""

import secrets
from typing import Any

from django_tenants.utils import tenant_context

from accounts.models import User
from orgs import tokens
from orgs.creating import add_member
from orgs.models import Org
from orgs.roles import Role, scopes_of

NAMES = {
    "northside": {Role.ADMIN: "Ada Winter", Role.OPERATOR: "Olu Adeyemi", Role.VIEWER: "Vera Kline"},
    "lindenhof": {Role.ADMIN: "Anna Berg", Role.OPERATOR: "Omar Haddad", Role.VIEWER: "Vincent Roth"},
}


def password() -> str:
    """Random, by the password rule, and short enough to type from the terminal."""
    return f"Demo-{secrets.token_hex(4)}7x"


def superadmin() -> dict[str, Any]:
    word = password()
    user = User.objects.create_superuser("root@odin.demo", word, name="Rune Superadmin")
    return {"email": user.email, "password": word}


def members(org: Org) -> list[dict[str, Any]]:
    """A person of each role with a token of every scope that the role allows."""
    made = []
    for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER):
        word, email = password(), f"{role.word}@{org.slug}.demo"
        user = User.objects.create_user(email, word, name=NAMES[org.slug or ""][role])
        add_member(org, user, role)
        with tenant_context(org):
            _token, text = tokens.issue(user, org, "demo", scopes_of(role))
        made.append({"email": email, "password": word, "role": role.word, "token": text})
    return made
