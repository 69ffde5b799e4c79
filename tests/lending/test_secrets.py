"""Rules 2, 17 and 19: nothing of the borrower's file, its names or people is anywhere at the owner's, and
nothing of the owner's secrets, spools or notes at the borrower's."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django_tenants.utils import tenant_context

from jobs import facts, staging, starting
from jobs.lending import lent
from jobs.lending.crossing import within
from jobs.lending.reaching import target_of
from jobs.models import Job
from orgs.keys import redis_client
from printers.models import Printer, Tag
from stations.models import Station

from .conftest import CANARY


def texts_of(schema: str) -> str:
    """Every row of every table of a schema, as text."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t')  # noqa: S608  # names of ours
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def redis_texts() -> str:
    redis, found = redis_client(), []
    for key in redis.scan_iter("*"):
        kind = redis.type(key)
        value = {
            b"string": lambda key: redis.get(key), b"hash": lambda key: redis.hgetall(key),
            b"list": lambda key: redis.lrange(key, 0, -1), b"set": lambda key: redis.smembers(key),
            b"zset": lambda key: redis.zrange(key, 0, -1),
        }[kind](key)  # fmt: skip
        found.append(f"{key!r} {value!r}")
    return "\n".join(found)


@pytest.fixture
def secretive(loan):
    """A borrower with canaries in the model, the file, the job and the person."""
    loan.by.name = f"{CANARY} person"
    loan.by.save()
    loan.lend()
    return loan


def test_the_search_for_canaries_finds_one_where_it_is(secretive):
    secretive.job(notes=f"{CANARY} note")

    assert texts_of(secretive.borrower.schema_name).count(CANARY) > 3


@pytest.mark.parametrize("until", ["staged", "held", "started", "ended"])
def test_no_word_of_the_borrower_is_in_the_owners_schema_redis_or_storage(secretive, until, caplog):
    acme = secretive.shop.org_id
    secretive.job(notes=f"{CANARY} note")
    files_before = set(Path(settings.MEDIA_ROOT).rglob("*"))

    getattr(secretive, until)()
    secretive.shop.report()

    owner = texts_of(connection.schema_name)
    assert str(secretive.shop.printer.pk) in owner
    assert CANARY not in owner
    assert CANARY not in texts_of("public").replace(secretive.by.name, "")
    assert CANARY not in "\n".join(line for line in redis_texts().splitlines() if str(acme) in line)
    assert CANARY not in caplog.text
    made = set(Path(settings.MEDIA_ROOT).rglob("*")) - files_before
    assert not [path for path in made if str(acme) in str(path)]


@pytest.mark.parametrize("answer", ["/api/printers", "/api/printers/{pk}", "/api/alerts"])
def test_the_owners_api_tells_no_word_of_the_borrowers_file(secretive, api, answer):
    secretive.job()
    dispatch = secretive.started()
    secretive.shop.wait_for(lambda status: status.job_key or status.file)

    body = api("admin").get(answer.format(pk=secretive.shop.printer.pk)).content.decode()

    assert CANARY not in body
    assert dispatch.remote_name not in body


def test_what_the_borrower_gets_of_a_machine_has_nothing_of_its_owner_in_it(loan):
    shop = loan.shop
    tag = Tag.objects.create(name="geheimtag")
    shop.printer.tags.add(tag)
    Printer.objects.filter(pk=shop.printer.pk).update(notes="geheimnotiz", location="geheimort")
    loan.lend()
    own = facts.machines([shop.printer.pk])[0]

    with loan.there():
        (seen,) = lent.machines()

    assert own.slots[0].spool_id == shop.spool.pk
    assert seen.slots[0].spool_id is None
    assert seen.slots[0].material == "PLA"
    assert seen.tags == frozenset()
    assert "geheim" not in repr(seen)
    assert str(shop.spool.pk) not in repr(seen)


def test_address_and_secret_come_only_to_whom_a_print_was_planned_for(loan):
    loan.lend()
    with loan.there():
        assert target_of(loan.shop.printer.pk) is None
    loan.job()
    loan.planned()

    with loan.there():
        target = target_of(loan.shop.printer.pk)

    assert target.endpoint.host == loan.shop.printer.address
    assert target_of(loan.shop.printer.pk).id == target.id


def test_crossing_over_leaves_everybody_in_their_own_schema(loan):
    loan.lend()
    loan.job()
    with loan.there():
        lent.machines()
        assert Job.objects.exists()
    assert not Job.objects.exists()
    assert connection.schema_name == Station.objects.get(pk=loan.shop.printer.pk).owner.schema_name


def test_an_exception_at_the_other_side_brings_back_too(loan):
    before = connection.schema_name
    with pytest.raises(RuntimeError), within(loan.borrower.pk):
        raise RuntimeError
    assert connection.schema_name == before
    with tenant_context(loan.borrower):
        assert connection.schema_name == loan.borrower.schema_name


@pytest.mark.parametrize("stage", ["planned", "held"])
def test_no_trouble_with_a_lent_printer_tells_the_borrower_its_address(loan, stage):
    loan.lend()
    loan.job()
    dispatch = getattr(loan, stage)()
    Printer.objects.filter(pk=loan.shop.printer.pk).update(port=1)

    with loan.there():
        {"planned": staging.stage, "held": starting.start_polled}[stage](dispatch.pk)
        dispatch.refresh_from_db()
        theirs = texts_of(loan.borrower.schema_name)

    assert dispatch.state == "dropped"
    assert "can't be reached" in dispatch.note
    assert loan.shop.printer.address not in dispatch.note + theirs


def test_no_order_that_fails_tells_the_borrower_the_address(loan, sign_in):
    loan.lend()
    loan.job()
    loan.started()
    loan.shop.wait_for(lambda status: bool(status.job_key))
    Printer.objects.filter(pk=loan.shop.printer.pk).update(port=1)

    page = sign_in("operator", "rival").post(
        f"/o/rival/lending/printers/{loan.shop.printer.pk}/pause/", follow=True
    )

    assert "can&#x27;t be reached" in page.text
    assert loan.shop.printer.address not in page.text
