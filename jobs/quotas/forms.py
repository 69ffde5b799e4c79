"""What an admin chooses for a quota."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.quotas.models import Quota
from jobs.quotas.rules import Who
from orgs.models import Department, Org


class QuotaForm(forms.ModelForm[Quota]):
    class Meta:
        model = Quota
        fields = ("who", "person", "department", "measure", "amount", "span")
        widgets = {"amount": forms.NumberInput({"inputmode": "decimal", "min": "0", "step": "any"})}

    def __init__(self, org: Org, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["person"].queryset = User.objects.filter(memberships__org=org).order_by("name")
        fields["department"].queryset = Department.objects.of(org)
        # Each is asked for where it is chosen whom the quota is for.
        asked = self.data.get("who") if self.is_bound else None
        fields["person"].required = asked in {None, Who.PERSON}
        fields["department"].required = asked in {None, Who.DEPARTMENT, Who.MEMBER}
        fields["person"].label, fields["department"].label = _("Person"), _("Department")
