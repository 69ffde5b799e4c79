"""Two organisations for the whole run; each test rolls back."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.test import Client
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context
from playwright.sync_api import Browser, sync_playwright

from accounts import sessions
from accounts.models import User
from orgs import tokens
from orgs.creating import add_member, create_org
from orgs.keys import redis_client
from orgs.models import Membership, Org, SetUp
from orgs.roles import Role, scopes_of
from printers import nearby
from tests.running import Running, started
from tests.ui.specimen import CHROMIUM

PASSWORD = "Correct7horse"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


# The whole server that runs with its farm, if any.
SERVER = ExitStack()


def asks_a_server(item: pytest.Item | None) -> bool:
    return item is not None and bool({"browser", "journeys"} & set(item.path.parts))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares a running server, or one browser, stays on one worker, so that only one is started.

    First, as xdist reads the groups in the same hook.
    """
    for item in items:
        if asks_a_server(item):
            item.add_marker(pytest.mark.xdist_group("running server"))
        elif "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.path.name))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Long bytes name no test: they may hold the time, and all workers must collect the same."""
    return "bytes" if isinstance(val, bytes) and len(val) > 100 else None


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """A worker's server ends with the last test that asks it: its farm takes time from all others."""
    if "PYTEST_XDIST_WORKER" in os.environ and asks_a_server(item) and not asks_a_server(nextitem):
        SERVER.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless browser. Closed with the module: while one is open, Django sees an async thread."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("Browser tests need Chromium: none of " + ", ".join(BROWSERS) + " is installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Two migrated organisations, `acme` and `rival`, each with a person of every role."""
    with django_db_blocker.unblock():
        if SetUp.objects.exists():
            return
        SetUp.objects.create()
        for slug in ("acme", "rival"):
            org = create_org(slug.title(), slug=slug, time_zone="Europe/Berlin")
            for role in Role:
                name, email = f"{slug} {role.word}", f"{role.word}@{slug}.test"
                user = User.objects.create_user(email, PASSWORD, name=name)
                add_member(org, user, role)
        User.objects.create_superuser("root@odin.test", PASSWORD, name="Root")


@pytest.fixture(autouse=True)
def _deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for printers in the network of whoever runs the tests."""
    monkeypatch.setattr(nearby, "LISTEN_S", 0.0)


@pytest.fixture(autouse=True)
def _on_public(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test begins and ends on the public schema and with an empty Redis."""
    uses_database = {"db", "transactional_db"} & set(request.fixturenames)
    if not uses_database and request.node.get_closest_marker("django_db") is None:
        yield
        return
    redis_client().flushdb()
    with schema_context(get_public_schema_name()):
        yield


@pytest.fixture
def acme(db: None) -> Iterator[Org]:
    """The organisation at work: its schema is in use during the test."""
    org = Org.objects.get(slug="acme")
    with tenant_context(org):
        yield org


@pytest.fixture
def rival(db: None) -> Org:
    """Another organisation; enter it with tenant_context."""
    return Org.objects.get(slug="rival")


@pytest.fixture
def person(db: None) -> Callable[[str, str], User]:
    """The person of a role in an organisation: person("operator", "acme")."""

    def find(role: str, slug: str = "acme") -> User:
        return User.objects.get(email=f"{role}@{slug}.test")

    return find


@pytest.fixture
def sign_in(person: Callable[[str, str], User]) -> Callable[..., Client]:
    """A browser signed in as the person of a role; "root" is the superadmin."""

    def signed_in(role: str, slug: str = "acme") -> Client:
        client = Client()
        user = User.objects.get(email="root@odin.test") if role == "root" else person(role, slug)
        client.force_login(user)
        session = client.session
        sessions.begin(session, user, "127.0.0.1")
        session.save()
        return client

    return signed_in


class ApiClient(Client):
    """Asks the API as JSON with a token: api.post("/api/jobs", {...})."""

    def __init__(self, token: str) -> None:
        super().__init__(headers={"Authorization": f"Bearer {token}"})

    def post(self, path, data=None, content_type="application/json", **extra):
        return super().post(path, data if data is not None else {}, content_type=content_type, **extra)

    def patch(self, path, data=None, content_type="application/json", **extra):
        return super().patch(path, data if data is not None else {}, content_type=content_type, **extra)


@pytest.fixture
def api(person: Callable[[str, str], User]) -> Callable[..., ApiClient]:
    """A script with a token of a role's every scope, or of the given ones: api("viewer", scopes=[…])."""

    def client(role: str = "operator", slug: str = "acme", scopes: list[str] | None = None) -> ApiClient:
        user, org = person(role, slug), Org.objects.get(slug=slug)
        membership = Membership.objects.get(user=user, org=org)
        with tenant_context(org):
            token, text = tokens.issue(user, org, "test", scopes or scopes_of(Role(membership.role)))
        return ApiClient(text)

    return client


@pytest.fixture(scope="session")
def demo_server() -> Iterator[Running]:
    """A running O.D.I.N. with its demo farm, for the journeys; one for the whole run."""
    yield SERVER.enter_context(started("--demo"))
    SERVER.close()
