"""Many spools and a long ledger, and requests for their pages. Needs Django; see benchmarks.spools."""

import statistics
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from accounts.models import User  # noqa: E402
from inventory.models import Filament, Spool, Usage  # noqa: E402
from inventory.stock import low_filaments  # noqa: E402
from orgs.creating import create_org  # noqa: E402
from orgs.models import Membership, Org, SetUp  # noqa: E402
from orgs.roles import Role  # noqa: E402

FILAMENTS, PLACES = 200, 60
# Lines of the one spool whose ledger is asked for, of all the lines.
LONG = 2000
# A tenth of the lines are of the last 30 days of 300.
FILL = """
-- The rows are sound: without a look at each foreign key this takes a tenth of the time.
SET session_replication_role = replica;

INSERT INTO inventory_filament (id, material, brand, name, color, color_name, density, diameter_mm,
    price_per_kg, low_g, reorder_url, created_at)
SELECT gen_random_uuid(), (ARRAY['PLA','PETG','ABS','TPU'])[1 + n %% 4], 'Brand ' || n %% 12, 'Product ' || n,
    '#' || lpad(to_hex(n * 7919 %% 16777216), 6, '0'), 'colour ' || n, 1.24, 1.75, 22.90,
    CASE WHEN n %% 3 = 0 THEN 60000 END, '', now()
FROM generate_series(1, %(filaments)s) n;

INSERT INTO inventory_location (id, name, is_dry_box)
SELECT gen_random_uuid(), 'Shelf ' || n, n %% 10 = 0 FROM generate_series(1, %(places)s) n;

INSERT INTO inventory_spool (id, filament_id, initial_g, used_g, left_source, cost, tag_uid, supplier, lot,
    location, notes, created_at)
SELECT gen_random_uuid(), kinds[1 + n %% %(filaments)s], 1000, 0, 'printed', 22.90, '', 'Maker',
    'L' || n %% 400, 'Shelf ' || 1 + n %% %(places)s, '', now() - n * interval '10 minutes'
FROM generate_series(1, %(spools)s) n, (SELECT array_agg(id) AS kinds FROM inventory_filament) f;

INSERT INTO inventory_usage (id, spool_id, reference, print_id, extruder, kind, grams, note, at)
SELECT gen_random_uuid(), CASE WHEN n <= %(long)s THEN rolls[1] ELSE rolls[1 + n * 7919 %% %(spools)s] END,
    'bench:' || n, gen_random_uuid(), 0, 'sliced', 1 + n %% 30, '', now() - n %% 7200 * interval '1 hour'
FROM generate_series(1, %(usages)s::bigint) n, (SELECT array_agg(id) AS rolls FROM inventory_spool) s;

UPDATE inventory_spool SET used_g = taken.grams
FROM (SELECT spool_id, sum(grams) AS grams FROM inventory_usage GROUP BY spool_id) taken
WHERE taken.spool_id = inventory_spool.id;

RESET session_replication_role;
"""


def fill(spools: int, usages: int) -> None:
    counts = {
        "filaments": FILAMENTS,
        "places": PLACES,
        "spools": spools,
        "usages": usages,
        "long": min(LONG, usages),
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, counts)
        cursor.execute("ANALYZE")


def timed(name: str, client: Client, path: str, rounds: int = 9) -> None:
    """A row: medians of the requests, without the first."""
    cpu, wall, queries, database = [], [], 0, []
    for at in range(rounds + 1):
        with CaptureQueriesContext(connection) as asked:
            begin, used = time.perf_counter(), time.process_time()
            answer = client.get(path)
            took, spent = time.perf_counter() - begin, time.process_time() - used
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        if at:
            cpu.append(spent * 1000)
            wall.append(took * 1000)
            database.append(sum(float(one["time"]) for one in asked.captured_queries) * 1000)
            queries = len(asked)
    print(
        f"| {name} | {statistics.median(cpu):.0f} | {statistics.median(database):.0f} "
        f"| {statistics.median(wall):.0f} | {queries} |",
        flush=True,
    )


def main() -> None:
    # Pages of a server that nobody has set up lead to the set-up.
    SetUp.objects.get_or_create(only=True)
    org = create_org("Spools", slug="", time_zone="Europe/Berlin")
    person = User.objects.create_user(f"{org.pk}@bench.test", name="Operator")
    Membership.objects.create(org=org, user=person, role=Role.OPERATOR)
    with tenant_context(org):
        fill(int(sys.argv[1]), int(sys.argv[2]))
        print(f"{Spool.objects.count()} spools, {Usage.objects.count()} lines, "
              f"{Filament.objects.count()} filaments\n")  # fmt: skip
        long = Usage.objects.get(reference="bench:1").spool_id
    measure(org, person, str(long))


def measure(org: Org, person: User, long: str) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    base = f"/o/{org.slug}/filament/"
    print("| page | our CPU ms | database ms | all in all ms | queries |\n|---|---|---|---|---|")
    timed("spools", client, base)
    timed("spools, last page", client, f"{base}?page=400")
    timed("spools, searched and filtered", client, f"{base}?q=product+17&location=Shelf+8&sort=left")
    timed("one spool and its ledger's first page", client, f"{base}{long}/")
    timed("… its last page", client, f"{base}{long}/?lines=9999")
    timed("kinds of filament, with the days they last", client, f"{base}kinds/")
    timed("locations", client, f"{base}locations/")
    with tenant_context(org), CaptureQueriesContext(connection) as asked:
        begin = time.perf_counter()
        low = low_filaments()
        took = (time.perf_counter() - begin) * 1000
    print(f"\nWhat runs low: {len(low)} filaments in {took:.0f} ms, {len(asked)} queries.")


if __name__ == "__main__":
    main()
