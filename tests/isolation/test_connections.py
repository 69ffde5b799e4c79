"""Connections serve one organisation after the other: no answer mixes them, whatever went wrong before."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from accounts import sessions
from accounts.models import User
from orgs.current import release_connection
from orgs.models import Due, Org
from orgs.views import jump
from printers import live
from printers.models import Printer, Tag
from reports import following
from stations.models import Station
from tests.factories.printers import make_printer
from tests.orgs.conftest import for_real

from .conftest import search_path

__all__ = ["for_real"]

THREADS, REQUESTS = 8, 15
WORDS = {"acme": "Sparrow", "rival": "Quetzalcoatl"}
# The live ones share what they gathered within the process.
PAGES = ("printers/tags/", "printers/", "audit/", "printers/live/?version=0", "live/?version=0")
WAYS = ("query", "savepoint", "sql", "connection", "killed")


class Broken(Exception):
    """What a view raises in the middle of a request."""


def break_off(how: str) -> None:
    """Fail as a request can: after a query, in savepoints, by SQL, on a new connection, by losing it."""
    list(Tag.objects.all())
    if how == "savepoint":
        with transaction.atomic():
            Tag.objects.create(name="half done")
            with transaction.atomic():
                Tag.objects.create(name="wholly undone")
                raise Broken
    elif how == "sql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
    elif how == "connection":
        release_connection()
        list(Tag.objects.all())
    elif how == "killed":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    raise Broken


@pytest.fixture
def browsers(for_real) -> Iterator[dict[str, Client]]:
    """An admin of each organisation, which has a printer and its tag, both called by a word of its own."""
    found = {}
    following.forget()
    for slug, word in WORDS.items():
        user, client = User.objects.get(email=f"admin@{slug}.test"), Client()
        client.force_login(user)
        session = client.session
        sessions.begin(session, user, "127.0.0.1")
        session.save()
        found[slug] = client
        with tenant_context(Org.objects.get(slug=slug)):
            printer = make_printer(word, tags=[Tag.objects.create(name=word)])
            live.touch(printer.station.owner_id, [printer.pk])
    yield found
    following.forget()
    for slug in WORDS:
        with tenant_context(Org.objects.get(slug=slug)):
            Printer.objects.all().delete()
            Tag.objects.all().delete()
    Station.objects.all().delete()
    Due.objects.all().delete()


def test_eight_threads_in_two_organisations_never_get_each_others(browsers, monkeypatch):
    monkeypatch.setattr(jump, "_things", lambda request, words: break_off(words))

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(lambda seed: _walk(seed, browsers), range(THREADS)))

    assert [line for wrong, _told in outcomes for line in wrong] == []
    # Pages did tell their own word, or none of this proves anything.
    assert sum(told for _wrong, told in outcomes) > THREADS
    for slug, word in WORDS.items():
        with tenant_context(Org.objects.get(slug=slug)):
            assert [tag.name for tag in Tag.objects.all()] == [word]


def _walk(seed: int, browsers: dict[str, Client]) -> tuple[list[str], int]:
    """Requests in both organisations on one connection, every third broken; what was wrong, what was told."""
    turn, wrong, told = random.Random(seed), list[str](), 0  # noqa: S311
    try:
        with schema_context(get_public_schema_name()):
            for number in range(REQUESTS):
                slug, foreign = turn.sample(list(WORDS), 2)
                is_broken = number % 3 == 2
                path = f"jump/?q={turn.choice(WAYS)}" if is_broken else turn.choice(PAGES)
                answer = _asked(browsers[slug], f"/o/{slug}/{path}")
                told += WORDS[slug] in answer.text
                if WORDS[foreign] in answer.text or (answer.status_code == 500) != is_broken:
                    wrong.append(f"{slug} {path}: {answer.status_code}")
                if is_broken:
                    connection.close_if_unusable_or_obsolete()
                if (connection.schema_name, search_path()) != (get_public_schema_name(),) * 2:
                    wrong.append(f"{connection.schema_name} is left by {slug} {path}")
    finally:
        connection.close()
    return wrong, told


def _asked(browser: Client, url: str):
    client = Client(raise_request_exception=False)
    client.cookies = browser.cookies
    return client.get(url)


@pytest.mark.parametrize("way", ["closed", "killed"])
def test_connection_that_is_opened_again_is_in_the_same_organisation(way, browsers):
    """As release_connection() does it before talking to a printer, and as PostgreSQL does it unasked."""
    with tenant_context(Org.objects.get(slug="rival")):
        list(Tag.objects.all())
        if way == "closed":
            release_connection()
        else:
            with pytest.raises(OperationalError):
                break_off("killed")
            connection.close_if_unusable_or_obsolete()

        assert [tag.name for tag in Tag.objects.all()] == [WORDS["rival"]]
    assert search_path() == get_public_schema_name()


def names() -> list[str]:
    return list(Tag.objects.values_list("name", flat=True))


def look_and_roll_back(org: Org) -> list[str]:
    """The tags seen in `org` within a savepoint, or transaction, that is then rolled back."""
    with transaction.atomic(), tenant_context(org):
        seen = names()
        transaction.set_rollback(True)
    return seen


def test_rolled_back_savepoint_does_not_leave_the_wrong_schema_in_use(acme, rival):
    """TENANT_LIMIT_SET_CALLS remembers what was sent; a rollback takes the sent path back."""
    Tag.objects.create(name="ours")
    with tenant_context(rival):
        Tag.objects.create(name="theirs")

    assert look_and_roll_back(rival) == ["theirs"]

    assert names() == ["ours"]
    with tenant_context(rival):
        assert names() == ["theirs"]


def test_rolled_back_savepoint_inside_a_schema_keeps_it(acme, rival):
    with tenant_context(rival):
        Tag.objects.create(name="theirs")

        assert look_and_roll_back(rival) == ["theirs"]

        assert names() == ["theirs"]
    assert names() == []


def test_rolled_back_transaction_does_not_leave_the_wrong_schema_in_use(for_real):
    acme, rival = Org.objects.get(slug="acme"), Org.objects.get(slug="rival")
    with tenant_context(acme):
        look_and_roll_back(rival)

        assert search_path() == acme.schema_name
