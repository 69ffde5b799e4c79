"""Saying of a copy that it is good, a reject, or why it failed; its photo; printing again what is lacking."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs import judging, reprinting
from jobs.judging_forms import FindingForm
from jobs.models import Print
from jobs.states import IllegalMove, PrintState, Verdict
from jobs.visible import visible_jobs
from orgs.limits import limited
from orgs.permissions import check, may, require
from orgs.requests import OrgRequest
from ui.headers import as_file

from .detail import found


@require_http_methods(["GET", "POST"])
@require("job.submit")
@limited("upload")
def copy_judge(request: OrgRequest, pk: UUID, copy: int) -> HttpResponse:
    """Good or reject of a completed copy; of one that failed, only operators say why."""
    one = found_copy(request, pk, copy)
    if one.state != PrintState.COMPLETED:
        if not judging.is_classifiable(one):
            words = _("Copy %(copy)d is %(state)s: there is nothing to say of it.")
            messages.error(request, words % {"copy": copy, "state": one.get_state_display()})
            return _back(request, pk)
        check(request, "job.manage")
    is_sent = request.method == "POST"
    form = FindingForm(request.POST if is_sent else None, request.FILES if is_sent else None, one=one)
    if form.is_valid() and _said(request, form, one):
        return _back(request, pk)
    context = {"form": form, "one": one, "job": one.job, "back": _asked_back(request)}
    context["may_list_reasons"] = may(request, "job.manage")
    return render(request, "jobs/copy_judge.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("job.submit")
def copy_good(request: OrgRequest, pk: UUID, copy: int) -> HttpResponse:
    """In one tap; with a verdict of before it is a change of mind, which stands in the history."""
    one = found_copy(request, pk, copy)
    try:
        judging.judge(one, Verdict.GOOD)
    except IllegalMove as error:
        messages.error(request, str(error))
    return _back(request, pk)


@require_POST
@require("job.submit")
def job_good(request: OrgRequest, pk: UUID) -> HttpResponse:
    count = judging.all_good(found(request, pk))
    words = ngettext("%(n)d copy is good.", "%(n)d copies are good.", count)
    messages.success(request, words % {"n": count} if count else _("Every copy has its verdict already."))
    return redirect("jobs:detail", pk=pk)


@require_POST
@require("job.submit")
def job_reprint(request: OrgRequest, pk: UUID) -> HttpResponse:
    job = found(request, pk)
    try:
        made, is_new = reprinting.reprint(job, request.user)
    except (IllegalMove, ValidationError) as error:
        messages.error(request, " ".join(getattr(error, "messages", None) or [str(error)]))
        return redirect("jobs:detail", pk=pk)
    if is_new:
        words = _("This is job %(made)d, in place of what failed or was rejected of job %(number)d.")
    else:
        words = _("What failed or was rejected of job %(number)d is printed again by job %(made)d already.")
    messages.success(request, words % {"made": made.number, "number": job.number})
    visible = visible_jobs(request.membership).filter(pk=made.pk).exists()
    return redirect("jobs:detail", pk=made.pk if visible else pk)


@require_GET
@require("job.view")
def copy_photo(request: OrgRequest, pk: UUID, copy: int) -> HttpResponseBase:
    """The photo of a copy, to whoever may see its job."""
    path = found_copy(request, pk, copy).photo
    if not path or not default_storage.exists(path):
        raise Http404
    etag = quote_etag(path.rpartition("/")[2])
    kept: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    response = as_file(kept or FileResponse(default_storage.open(path, "rb"), content_type="image/jpeg"))
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    # JPEG is compressed already.
    response["Content-Encoding"] = "identity"
    return response


def found_copy(request: OrgRequest, pk: UUID, copy: int) -> Print:
    """The copy if the person may see its job; Http404 else."""
    rows = Print.objects.select_related("job", "reason").filter(job__in=visible_jobs(request.membership))
    return get_object_or_404(rows, job=pk, copy=copy)


def _said(request: OrgRequest, form: FindingForm, one: Print) -> bool:
    """Write down what the form says; False with the reason on the form."""
    try:
        if form.has_verdict:
            judging.judge(one, form.cleaned_data["verdict"], form.finding())
        else:
            judging.classify(one, form.finding())
    except (IllegalMove, ValidationError) as error:
        form.add_error(None, " ".join(getattr(error, "messages", None) or [str(error)]))
        return False
    messages.success(request, _("Copy %(copy)d of %(job)s: noted.") % {"copy": one.copy, "job": one.job})
    return True


def _asked_back(request: OrgRequest) -> str:
    asked = request.POST.get("back") or request.GET.get("back")
    return "failures" if asked == "failures" else ""


def _back(request: OrgRequest, pk: UUID) -> HttpResponse:
    if _asked_back(request):
        return redirect("jobs:failures")
    return redirect("jobs:detail", pk=pk)
