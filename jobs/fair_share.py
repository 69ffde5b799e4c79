"""How much each person has printed lately: what is older counts less, half after a week."""

from uuid import UUID

from django.db import connection

from .order import HALF_LIFE_DAYS

# After ten half-lives a thousandth is left.
MOST_DAYS = HALF_LIFE_DAYS * 10

_USED = """
SELECT j.by_id, SUM(seconds * power(0.5, EXTRACT(EPOCH FROM now() - at) / 86400 / %(half)s))
FROM (
    SELECT job_id, printed_s AS seconds, ended_at AS at FROM jobs_print
    WHERE ended_at > now() - make_interval(days => %(days)s) AND printed_s > 0
    UNION ALL
    SELECT job_id, GREATEST(0, EXTRACT(EPOCH FROM now() - started_at)), now() FROM jobs_print
    WHERE state IN ('sending', 'printing', 'paused') AND started_at IS NOT NULL
) used JOIN jobs_job j ON j.id = used.job_id
WHERE j.by_id IS NOT NULL
GROUP BY j.by_id
"""


def used_s() -> dict[UUID | None, float]:
    """Seconds printed by person, as they count now; what prints counts up to now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"half": HALF_LIFE_DAYS, "days": int(MOST_DAYS)})
        return {by: float(seconds) for by, seconds in cursor.fetchall()}
