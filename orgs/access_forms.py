"""Forms for the rules of access."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from . import access
from .models import Access


class NetworksForm(forms.Form):
    """`networks` cleans to a list of CIDR texts."""

    networks = forms.CharField(
        label=gettext_lazy("Networks that are let in"),
        required=False,
        max_length=12000,
        widget=forms.Textarea(
            {"rows": 5, "class": "is-tall", "spellcheck": "false", "autocapitalize": "none"}
        ),
        help_text=gettext_lazy("One a line, as 192.168.1.0/24 or 2001:db8::/32. Empty lets in everybody."),
    )

    def clean_networks(self) -> list[str]:
        try:
            return access.networks_of(self.cleaned_data["networks"])
        except access.Unsound as reason:
            raise ValidationError(str(reason)) from None


class MfaForm(forms.ModelForm[Access]):
    class Meta:
        model = Access
        fields = ("mfa", "mfa_grace_days")
        help_texts: ClassVar[dict[str, Any]] = {
            "mfa_grace_days": gettext_lazy(
                "Counted from now, and for new members from their first day. Until then pages remind them; "
                "afterwards they open only to set it up, and API tokens rest."
            )
        }
