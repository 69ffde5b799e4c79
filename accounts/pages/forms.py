"""What is asked for to reach a mail server."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import MailServer


class MailServerForm(forms.ModelForm[MailServer]):
    """An empty password stays as it was, unless the user is emptied too; `new_password` is what to store."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Left empty it stays as it is."),
    )

    class Meta:
        model = MailServer
        fields = ("host", "port", "tls", "user", "sender")
        widgets = {
            "host": forms.TextInput({"autocomplete": "off", "placeholder": "smtp.example.org"}),
            "user": forms.TextInput({"autocomplete": "off"}),
            "sender": forms.EmailInput({"autocomplete": "off", "placeholder": "odin@example.org"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sender"].help_text = _("What mails come from. The server has to allow it.")

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        is_v6 = host.count(":") > 1
        if any(letter.isspace() or letter in "/@[]" for letter in host) or (":" in host and not is_v6):
            raise forms.ValidationError(_("Only the server's name or address, without a port."))
        return host

    @property
    def new_password(self) -> str | None:
        """None: as it was."""
        if self.cleaned_data["password"]:
            return str(self.cleaned_data["password"])
        return None if self.cleaned_data["user"] else ""


class TestMailForm(forms.Form):
    to = forms.EmailField(label=_("To"), max_length=254)
