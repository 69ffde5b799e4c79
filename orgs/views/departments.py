"""The departments of the organisation, and who is in which."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orgs import departments
from orgs.forms import DepartmentForm
from orgs.models import Department
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_http_methods(["GET", "POST"])
@require("member.manage")
def department_list(request: OrgRequest) -> HttpResponse:
    """The list, with the form for one more."""
    form = DepartmentForm(request.POST or None, instance=Department(org=request.org))
    if form.is_valid() and _saved(request, form):
        return redirect("orgs:departments")
    context = {"departments": departments.with_members(request.org), "form": form}
    return render(request, "orgs/departments.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@require("member.manage")
def department_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    department = get_object_or_404(Department.objects.of(request.org), pk=pk)
    form = DepartmentForm(request.POST or None, instance=department)
    if form.is_valid() and _saved(request, form):
        return redirect("orgs:departments")
    context = {"department": department, "form": form}
    return render(request, "orgs/department_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("member.manage")
def department_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    department = get_object_or_404(Department.objects.of(request.org), pk=pk)
    departments.delete(department)
    messages.success(request, _("%(department)s is deleted.") % {"department": department})
    return redirect("orgs:departments")


def _saved(request: OrgRequest, form: DepartmentForm) -> bool:
    """Whether it could be stored; what refuses it stands by the field."""
    try:
        department = departments.save(form.save(commit=False))
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _("%(department)s is saved.") % {"department": department})
    return True
