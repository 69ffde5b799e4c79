"""What is due in which organisation: rows instead of loops over organisations.

A task of the agenda is an `org_task(due=True)`: it takes the row while it runs and closes it when it is
done, with the time at which it wants to run again. So a message lost or a worker killed is made good by the
next tick, and news during a run is not swallowed.
"""

from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tenants.utils import tenant_context

from .current import current_org
from .models import Due, Org

# A message is usually with a worker long before; after this long the tick sends another.
PATIENCE = timedelta(seconds=2)
LEASE = timedelta(seconds=60)

_PUT = """
INSERT INTO public.orgs_due (id, org_id, task, due_at) VALUES (gen_random_uuid(), %s, %s, %s)
ON CONFLICT (org_id, task) DO UPDATE SET due_at = EXCLUDED.due_at
WHERE orgs_due.due_at IS NULL OR orgs_due.due_at > EXCLUDED.due_at
"""

# A row that somebody else holds is left to them: whoever raises an alert has other rows locked already.
_PUT_IF_FREE = """
WITH free AS (SELECT id FROM public.orgs_due WHERE org_id = %s AND task = %s FOR UPDATE SKIP LOCKED),
put AS (
  UPDATE public.orgs_due SET due_at = %s FROM free
  WHERE orgs_due.id = free.id AND (due_at IS NULL OR due_at > %s) RETURNING 1
)
SELECT (SELECT count(*) FROM free), (SELECT count(*) FROM put)
"""
_PUT_ALL = """
INSERT INTO public.orgs_due (id, org_id, task, due_at)
SELECT gen_random_uuid(), id, %(task)s, now() + random() * make_interval(secs => %(within_s)s)
FROM public.orgs_org WHERE state = 'active'
ON CONFLICT (org_id, task) DO UPDATE SET due_at = EXCLUDED.due_at
WHERE orgs_due.due_at IS NULL OR orgs_due.due_at > EXCLUDED.due_at
"""


def due_at(task: str, at: datetime) -> bool:
    """Let `task` run in the current organisation at `at`; False if it is already due by then."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [current_org().pk, task, at])
        return bool(cursor.rowcount)


def due_now(task: str) -> None:
    """Let `task` run in the current organisation as soon as this transaction is committed.

    Call it last in the transaction: everybody locks this row, so nobody may wait for another one with it.

    Many calls at once send one message: while the row waits, its message is on the way.
    """
    if due_at(task, timezone.now() + PATIENCE):
        schema = current_org().schema_name
        transaction.on_commit(lambda: _send(task, schema), robust=True)


def due_without_waiting(task: str) -> None:
    """Like `due_now`, but it waits for nobody, so that it may be called in the middle of a transaction.

    The row is written with the transaction, unless another transaction holds it or there is none yet: then it
    is written right after the commit, and a process killed in that moment leaves it to the next call or the
    nightly `sweep`.
    """
    org, at = current_org(), timezone.now() + PATIENCE
    with connection.cursor() as cursor:
        cursor.execute(_PUT_IF_FREE, [org.pk, task, at, at])
        is_free, is_put = cursor.fetchone()
    if is_put:
        transaction.on_commit(lambda: _send(task, org.schema_name), robust=True)
    elif not is_free:
        transaction.on_commit(partial(_due_after_commit, org, task), robust=True)


def _due_after_commit(org: Org, task: str) -> None:
    """The transaction may have been begun outside the organisation, and its schema been left since."""
    with tenant_context(org):
        due_now(task)


def hasten(task: str, orgs: QuerySet[Org], at: datetime) -> int:
    """Let `task` run at `at` in those of `orgs` where it is due later; one statement, waiting for nobody.

    Rows that others hold are left alone: they are at work on them.
    """
    rows = Due.objects.filter(task=task, org__in=orgs, due_at__gt=at)
    with transaction.atomic():
        free = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return Due.objects.filter(pk__in=free).update(due_at=at)


def sweep(task: str, within: timedelta) -> None:
    """Let `task` run in every active organisation, at some time `within`, whatever its row says."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_ALL, {"task": task, "within_s": within.total_seconds()})


def run_due() -> int:
    """Send every task that is due, each once; return how many."""
    now = timezone.now()
    sent = 0
    rows = Due.objects.filter(due_at__lte=now, org__state=Org.State.ACTIVE)
    for pk, task, at, schema in rows.values_list("pk", "task", "due_at", "org__schema_name")[:1000]:
        if Due.objects.filter(pk=pk, due_at=at).update(due_at=now + LEASE):
            _send(task, schema)
            sent += 1
    return sent


def take(task: str) -> datetime:
    """Hold `task` of the current organisation while it runs; the answer is for `close`."""
    lease = timezone.now() + LEASE
    Due.objects.filter(org=current_org(), task=task).update(due_at=lease)
    return lease


def close(task: str, lease: datetime, again_at: datetime | None) -> None:
    """End a run of `task`: it is due again at `again_at`, or at what became due while it ran."""
    Due.objects.filter(org=current_org(), task=task, due_at=lease).update(due_at=again_at)


def _send(task: str, schema: str) -> None:
    current_app.send_task(task, args=[schema])
