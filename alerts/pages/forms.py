"""What is asked for to reach somebody by a webhook, a mail or a chat."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.channels import chat, posting
from alerts.channels.adapter import NotSent
from alerts.channels.services import SERVICES, Service
from alerts.kinds import Channel, Kind, Severity
from alerts.models import Endpoint
from orgs.reaching import TARGET, AddressRefused, check_address

OTHER = "other"


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("Name"), max_length=80, required=False, **kwargs)


class TellingForm(forms.Form):
    """What an endpoint of the organisation is told."""

    least_severity = forms.ChoiceField(
        label=gettext_lazy("Least severity"),
        choices=Severity.choices,
        initial=Severity.WARNING,
        help_text=gettext_lazy("What is less grave is not told here."),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds"),
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen means all."),
    )


class EmailForm(TellingForm):
    name = NameField()
    address = forms.EmailField(
        label=gettext_lazy("Address"),
        max_length=254,
        help_text=gettext_lazy("One address. A list of your mail server reaches many."),
    )
    field_order = ("name", "address")


class WebhookForm(TellingForm):
    name = NameField()
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=600,
        widget=forms.URLInput({"autocomplete": "off", "placeholder": "https://"}),
    )
    field_order = ("name", "address")

    def clean_address(self) -> str:
        url: str = self.cleaned_data["address"]
        try:
            where = posting.checked(url)
            check_address(where.hostname or "", posting.port_of(where), TARGET)
        except (NotSent, AddressRefused) as reason:
            raise ValidationError(str(reason)) from None
        return url


class ChatForm(forms.Form):
    """The fields of a chat service, or an address in apprise's form; `url` is what they make."""

    name = NameField()

    def __init__(self, service: Service | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service
        self.url = ""
        if service is None:
            self.fields["address"] = forms.CharField(
                label=_("Address"),
                max_length=1000,
                widget=forms.TextInput({"autocomplete": "off"}),
                help_text=_("As apprise writes it, for example gotifys://gotify.example.org/token."),
            )
            return
        for one in service.fields:
            attrs = {"autocomplete": "off"}
            secret = forms.PasswordInput(attrs, render_value=True)
            self.fields[one.name] = forms.CharField(
                label=str(one.label),
                help_text=str(one.help),
                required=one.is_needed,
                max_length=600,
                initial=one.starts_as,
                widget=secret if one.is_secret else forms.TextInput(attrs),
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.url = self.service.url(said) if self.service else said["address"].strip()
                if self.service and self.url.partition("://")[0] == "https":
                    self._check_schema()
                _reach(self.url)
            except chat.Unsuitable as reason:
                raise ValidationError(str(reason)) from None
            except AddressRefused as reason:
                raise ValidationError(str(reason)) from None
            except ValueError:
                raise ValidationError(_("These can't be right: check each of them.")) from None
        return said

    def _check_schema(self) -> None:
        if self.service and chat.schema_of(self.url) not in self.service.schemas:
            words = _("This is no address of %(service)s.")
            raise chat.Unsuitable(words % {"service": self.service.label})

    def masked(self) -> str:
        return chat.masked(self.url)

    def name_or_service(self) -> str:
        return self.cleaned_data["name"] or chat.name_of(self.url)


class OrgChatForm(ChatForm, TellingForm):
    field_order = ("name", "url", "server", "user", "token", "topic", "room", "chat", "address")

    def __init__(self, service: Service | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(service, *args, **kwargs)
        self.order_fields(self.field_order)


class OrgChatEditForm(TellingForm):
    name = NameField()
    field_order = ("name",)


EDIT_FORMS: dict[str, Callable[..., TellingForm]] = {
    Channel.EMAIL: EmailForm,
    Channel.WEBHOOK: WebhookForm,
    Channel.CHAT: OrgChatEditForm,
}


def initial_of(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in ("name", "address", "kinds", "least_severity")}


def service_of(name: str) -> Service | None:
    """The service asked for; None for one by its address. KeyError for a name that is none."""
    return None if name == OTHER else SERVICES[name]


def service_choices() -> list[tuple[str, str]]:
    return [*((one.name, str(one.label)) for one in SERVICES.values()), (OTHER, _("another"))]


def _reach(url: str) -> None:
    """AddressRefused for a server of their own that may not be called; those of the services are public."""
    host, port = chat.own_server(url)
    if host:
        check_address(host, port, TARGET)
