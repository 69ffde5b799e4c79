"""One organisation with a year of jobs, and what its reports cost. Needs Django; see dashboards."""

import os
import statistics
import sys
import threading
import time
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import CharField  # noqa: E402
from django.db.models.functions import Cast  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks.processes import cpu_ms, family  # noqa: E402
from benchmarks.volume import Volume, fill  # noqa: E402
from orgs.creating import add_member, create_org  # noqa: E402
from orgs.models import Department, Org, SetUp  # noqa: E402
from orgs.roles import Role  # noqa: E402
from reports.builders import BUILDERS  # noqa: E402
from stations.models import Station  # noqa: E402

# CPU ms of the original for the page of the same purpose, and our aim, at 10,000 jobs (shared/facts).
THEIRS = {
    ("failure_analysis", "30d"): (655, 20),
    ("failure_analysis", "365d"): (1413, 50),
    ("time_accuracy", "365d"): (1415, None),
    ("job_summary", "30d"): (6530, 60),
}
SMALL = Volume(jobs=4, spools=400, usages=4, audit=4, alerts=4)
# The jobs, then everything that hangs on them: each printer prints one after the other.
JOBS = """
INSERT INTO jobs_job (id, name, revision_id, plate, copies, copies_done, state, target, target_model,
    filaments, priority, auto_start, position, notes, by_id, department_id, created_at,
    ended_at, why_not, decision_note, submission, estimate_s, grams, cost, failure_note)
SELECT gen_random_uuid(), 'Bracket ' || i, revisions[1 + i %% array_length(revisions, 1)], 1, 1,
    (state = 'completed')::int, state, 'any', '', '[]', 20, true, i, '',
    people[1 + i %% array_length(people, 1)],
    departments[1 + i %% 3], began - wait, began + took, '', '', 1,
    extract(epoch FROM took) * 0.93, 41.5, 2.24, ''
FROM (SELECT i, now() - interval '365 days' + (i / 400) * each + interval '10 minutes' AS began,
          LEAST(each * 0.7, interval '4 hours') * (0.4 + 0.6 * random()) AS took,
          random() * interval '6 hours' AS wait,
          CASE WHEN i %% 20 = 7 THEN 'failed' WHEN i %% 33 = 5 THEN 'cancelled' ELSE 'completed' END AS state
      FROM generate_series(0, %(jobs)s - 1) i,
           (SELECT interval '365 days' / (%(jobs)s / 400 + 1) AS each) pace) made,
     (SELECT array_agg(current_id) AS revisions FROM models3d_model3d) r,
     (SELECT array_agg(user_id) AS people FROM public.orgs_membership WHERE org_id = %(org)s) p,
     (SELECT array_agg(id) || NULL::uuid AS departments FROM public.orgs_department WHERE org_id = %(org)s) d
"""
PRINTS = """
INSERT INTO jobs_print (id, job_id, copy, state, printer_id, printer_name, dispatch_id, estimate_s,
    started_at, ended_at, printed_s, progress, grams, material_cost, machine_cost, spools,
    chosen_slots, note, verdict, finding, photo, judged_by, reached)
SELECT gen_random_uuid(), j.id, 1, j.state, printers[1 + j.position::int %% 400], 'Printer',
    gen_random_uuid(), j.estimate_s, j.ended_at - j.estimate_s / 0.93 * interval '1 second', j.ended_at,
    j.estimate_s / 0.93, 1, 41.5, 1.04, 1.2, '[]', '{}', '',
    CASE WHEN j.state = 'completed' AND j.number %% 50 = 0 THEN 'reject' ELSE '' END, '', '', '', '{}'
FROM jobs_job j, (SELECT array_agg(id ORDER BY name) AS printers FROM printers_printer) m
WHERE j.name LIKE 'Bracket %%' AND j.ended_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM jobs_print p WHERE p.job_id = j.id)
"""
HANGS_ON = (
    """INSERT INTO jobs_event (id, job_id, state, at, by, note)
    SELECT gen_random_uuid(), p.job_id, 'paused', p.started_at + interval '1 minute', '', ''
    FROM jobs_print p WHERE p.estimate_s %% 33 = 0""",
    """INSERT INTO inventory_usage (id, spool_id, reference, print_id, kind, grams, note, at)
    SELECT gen_random_uuid(), s.spools[1 + p.estimate_s %% array_length(s.spools, 1)], p.id::text, p.id,
        'sliced', 41.5, '', p.ended_at
    FROM jobs_print p, (SELECT array_agg(id) AS spools FROM inventory_spool) s
    WHERE p.ended_at IS NOT NULL""",
    "DELETE FROM printers_stretch",
    """INSERT INTO printers_stretch (id, printer_id, state, for_plate, since, until)
    SELECT gen_random_uuid(), printer_id, state, for_plate, since,
        lead(since) OVER (PARTITION BY printer_id ORDER BY since)
    FROM (SELECT p.printer_id, told.* FROM jobs_print p, LATERAL (VALUES
              ('printing', false, p.started_at), ('needs_you', true, p.ended_at),
              ('ready', false, p.ended_at + interval '6 minutes')) told(state, for_plate, since)
          WHERE p.printer_id IS NOT NULL AND p.ended_at IS NOT NULL) each""",
)


def make(jobs: int) -> Org:
    """The organisation, whole or not at all."""
    begun = time.perf_counter()
    with transaction.atomic():
        # Another organisation may have been filled with the same machines.
        Station.objects.update(machine_key=Cast("pk", CharField()))
        org = create_org(f"Bench {jobs}", slug=f"bench-{jobs}", time_zone="Europe/Berlin")
        people = [User.objects.create_user(f"{at}@{jobs}.test", name=f"Person {at}") for at in range(8)]
        for person in people:
            add_member(org, person, Role.ADMIN)
        with tenant_context(org):
            write_a_year(org, people, jobs)
    with tenant_context(org), connection.cursor() as cursor:
        for table in ("jobs_job", "jobs_print", "jobs_event", "inventory_usage", "printers_stretch"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    print(f"Written in {time.perf_counter() - begun:.0f} s.\n", flush=True)
    return org


def write_a_year(org: Org, people: list[User], jobs: int) -> None:
    """The farm and its jobs, in the organisation whose schema is in use."""
    for name in ("Physics", "Art"):
        Department.objects.create(org=org, name=name)
    fill(org, people, SMALL)
    with connection.cursor() as cursor:
        # Our own rows are sound: to look up what each points at would take longer than to write it.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (JOBS, PRINTS, *HANGS_ON):
            cursor.execute(statement, {"jobs": jobs, "org": org.pk})


class Watch:
    """The most memory of their own that some processes had while it was open, in MB."""

    def __init__(self, first: int) -> None:
        self.first, self.least, self.most, self.over = first, 0.0, 0.0, threading.Event()

    def __enter__(self) -> "Watch":
        self.least = self.most = self._now()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self.thread.join()

    @property
    def grown(self) -> float:
        return self.most - self.least

    def _look(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, self._now())

    def _now(self) -> float:
        return sum(_own_mb(pid) for pid in family(self.first))


def _own_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0


def measure(org: Org, runs: int, database: int) -> None:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.filter(memberships__org=org).order_by("email")[0])
    print(
        "| report | days | seconds | web CPU ms | database CPU ms | aim | original CPU ms | queries | bytes "
        "| database MB | web MB |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    for kind in BUILDERS:
        for days in ("30d", "365d"):
            _line(client, f"/o/{org.slug}/reports/{kind}/?period={days}", kind, days, runs, database)


def _line(client: Client, path: str, kind: str, days: str, runs: int, database: int) -> None:
    def ask() -> int:
        response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")
        return len(response.content)

    with CaptureQueriesContext(connection) as captured:
        ask()
    queries = len(captured)
    took, web, data = [], [], []
    with Watch(database) as held, Watch(os.getpid()) as own:
        for _ in range(runs):
            begun, cpu, theirs = time.perf_counter(), time.thread_time(), cpu_ms(database)
            size = ask()
            took.append(time.perf_counter() - begun)
            web.append((time.thread_time() - cpu) * 1000)
            data.append(cpu_ms(database) - theirs)
    original, aim = THEIRS.get((kind, days), (None, None))
    cells = (
        kind, days, f"{statistics.median(took):.2f}", f"**{statistics.median(web):.0f}**",
        f"{statistics.median(data):.0f}", aim or "", original or "", queries, f"{size:,}",
        f"{held.grown:.0f}", f"{own.grown:.0f}",
    )  # fmt: skip
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def main() -> None:
    jobs, runs, database = map(int, sys.argv[1:])
    with schema_context(get_public_schema_name()):
        SetUp.objects.get_or_create(only=True)
        org = Org.objects.filter(slug=f"bench-{jobs}").first() or make(jobs)
        measure(org, runs, database)


if __name__ == "__main__":
    main()
