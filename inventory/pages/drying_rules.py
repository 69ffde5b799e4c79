"""How each material is dried here: the usual rules, and the organisation's own over them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory.drying import setting
from inventory.drying.forms import RuleForm
from inventory.drying.materials import Rule, rule_for
from inventory.drying.reckoning import Rules
from inventory.models import DryingRule
from inventory.table import materials
from orgs.permissions import may, require
from orgs.requests import OrgRequest


@require_GET
@require("spool.view")
def rule_list(request: OrgRequest) -> HttpResponse:
    context = {"rules": setting.listed(), "may_edit": may(request, "spool.edit")}
    return render(request, "inventory/drying_rules.html", context)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def rule_form(request: OrgRequest) -> HttpResponse:
    """Set the rule of a material; `?material=` begins with the one that is in force for it."""
    asked = request.GET.get("material", "")[:40]
    rule = rule_for(asked, Rules().by_name)
    form = RuleForm(request.POST or None, initial={"material": asked, **_begun_with(rule)})
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in setting.SAID}
        try:
            saved = setting.set_rule(form.cleaned_data["material"], said)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The rule for %(material)s is saved.") % {"material": saved})
            return redirect("spools:drying_rules")
    context = {"form": form, "materials": materials()}
    return render(request, "inventory/drying_rule_form.html", context, status=422 if form.is_bound else 200)


def _begun_with(rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    return {
        "temperature_c": rule.temperature_c,
        "hours": f"{rule.hours:g}",
        "valid_days": rule.valid_days,
    }


@require_POST
@require("spool.edit")
def rule_forget(request: OrgRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(DryingRule, pk=pk)
    setting.forget(row)
    messages.success(request, _("Your rule for %(material)s is gone.") % {"material": row})
    return redirect("spools:drying_rules")
