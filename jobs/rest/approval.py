"""Deciding on submitted jobs, and submitting them again, in the REST API."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router

from jobs import approving
from jobs.schemas import ApproveIn, AskChangeIn, JobOut, RejectIn, ResubmitIn
from models3d.models import Revision
from orgs.permissions import require
from orgs.requests import OrgRequest

from .answering import done, edits_of, found

router = Router(tags=["jobs"])


@router.post("/{uuid:pk}/approve", response={200: JobOut})
@require("job.approve")
def approve(request: OrgRequest, pk: UUID, payload: ApproveIn) -> HttpResponse:
    return done(found(request, pk), lambda job: approving.approve(job, payload.submission))


@router.post("/{uuid:pk}/reject", response={200: JobOut})
@require("job.approve")
def reject(request: OrgRequest, pk: UUID, payload: RejectIn) -> HttpResponse:
    return done(found(request, pk), lambda job: approving.reject(job, payload.reason, payload.submission))


@router.post("/{uuid:pk}/ask-change", response={200: JobOut})
@require("job.approve")
def ask_change(request: OrgRequest, pk: UUID, payload: AskChangeIn) -> HttpResponse:
    return done(found(request, pk), lambda job: approving.ask_change(job, payload.note, payload.submission))


@router.post("/{uuid:pk}/resubmit", response={200: JobOut})
@require("job.submit")
def resubmit(request: OrgRequest, pk: UUID, payload: ResubmitIn) -> HttpResponse:
    """Only of the person whose job it is, once it was rejected or a change was asked for."""
    job, revision = found(request, pk), None
    if payload.revision is not None:
        revisions = Revision.objects.select_related("model", "stored")
        revision = get_object_or_404(revisions, model=job.revision.model_id, number=payload.revision)
    fields = edits_of(payload)
    return done(job, lambda job: approving.resubmit(job, request.user, fields, revision))
