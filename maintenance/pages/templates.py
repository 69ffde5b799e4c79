"""Templates of tasks for printer models."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from maintenance import copying, wording
from maintenance.examples import EXAMPLES
from maintenance.forms import TemplateForm
from maintenance.models import TaskTemplate
from maintenance.refusing import Refused
from maintenance.table import TemplateTable, listed_templates
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.models import Printer
from ui.fragments import render_page


@require_GET
@require("maintenance.edit")
def template_list(request: OrgRequest) -> HttpResponse:
    table = TemplateTable(listed_templates(), request.GET)
    context = {
        "table": table,
        "lines": [(one, wording.every(one.interval)) for one in table.rows],
        "examples": [(name, one, wording.every(one.interval)) for name, one in EXAMPLES.items()],
    }
    return render_page(request, "maintenance/template_list.html", "maintenance/_templates.html", context)


@require_http_methods(["GET", "POST"])
@require("maintenance.edit")
def template_add(request: OrgRequest) -> HttpResponse:
    """A new one, or one of the examples to begin with."""
    example = EXAMPLES.get(request.GET.get("example", ""))
    form = TemplateForm(request.POST or None, initial=example.plan() if example else {})
    if form.is_valid():
        template, count = copying.add(form.plan() | {"model": form.cleaned_data["model"]})
        words = ngettext(
            "%(template)s is added, and given to %(n)d printer.",
            "%(template)s is added, and given to %(n)d printers.",
            count,
        )
        messages.success(request, words % {"template": template, "n": count})
        return redirect("maintenance:templates")
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@require("maintenance.edit")
def template_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    template: Any = get_object_or_404(listed_templates(), pk=pk)
    form = TemplateForm(request.POST or None, instance=TaskTemplate.objects.get(pk=pk), copies=template.count)
    if form.is_valid():
        fields = form.plan() | {"model": form.cleaned_data["model"]}
        try:
            count = copying.edit(template, fields, with_copies=form.cleaned_data.get("with_copies", False))
        except Refused as reason:
            messages.error(request, str(reason))
        else:
            words = ngettext("%(n)d task was changed with it.", "%(n)d tasks were changed with it.", count)
            said = _("%(template)s is saved.") % {"template": form.instance}
            messages.success(request, f"{said} {words % {'n': count}}" if count else said)
        return redirect("maintenance:templates")
    return _page(request, form, template)


@require_POST
@require("maintenance.edit")
def template_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    template = get_object_or_404(TaskTemplate, pk=pk)
    copying.delete(template)
    messages.success(request, _("%(template)s is deleted. Its tasks stay.") % {"template": template})
    return redirect("maintenance:templates")


def _page(request: OrgRequest, form: TemplateForm, template: TaskTemplate | None) -> HttpResponse:
    models = Printer.objects.exclude(model="").order_by("model").values_list("model", flat=True).distinct()
    context = {"form": form, "template": template, "models": models}
    return render(request, "maintenance/template_form.html", context, status=422 if form.is_bound else 200)
