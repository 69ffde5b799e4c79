"""Bulk actions on jobs in the REST API."""

from django.http import HttpResponse
from ninja import Router

from bulk.rest import start_bulk
from bulk.schemas import StartedOut
from jobs.api import matching
from jobs.bulk import JOBS
from jobs.schemas import JobBulkIn
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent

router = Router(tags=["jobs"])


@router.post("/bulk", response={202: StartedOut})
@require("job.cancel")
@idempotent
def start_bulk_jobs(request: OrgRequest, payload: JobBulkIn) -> HttpResponse:
    return start_bulk(request, JOBS, payload, lambda asked: matching(request, asked))
