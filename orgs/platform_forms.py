"""Forms of superadmins: a new organisation, and what becomes of one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .forms import TimeZoneField
from .lifecycle import check_slug
from .models import Org


class _SlugForm(forms.ModelForm[Org]):
    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_slug(self) -> str:
        slug: str = (self.cleaned_data["slug"] or "").lower()
        if slug:
            check_slug(slug, self.instance if not self.instance._state.adding else None)
        return slug


class CreateOrgForm(_SlugForm):
    """Its first admin is invited by mail, or is who creates it."""

    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("The part after /o/ in its addresses; made from the name if left empty."),
        widget=forms.TextInput({"autocapitalize": "off", "autocomplete": "off", "spellcheck": "false"}),
    )
    time_zone = TimeZoneField(widget=forms.Select({"data-guess-zone": ""}))
    admin_email = forms.EmailField(
        label=gettext_lazy("First admin"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("This address is sent an invitation to be admin."),
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    join = forms.BooleanField(
        label=gettext_lazy("Make me an admin of it"),
        required=False,
        widget=forms.CheckboxInput({"class": "switch"}),
    )

    class Meta:
        model = Org
        fields = ("name", "slug", "time_zone", "currency")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not said.get("join") and not said.get("admin_email") and "admin_email" not in self.errors:
            self.add_error("admin_email", _("Invite somebody to be its admin, or make yourself one."))
        return said


class RenameForm(_SlugForm):
    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=50,
        help_text=gettext_lazy(
            "The part after /o/. Links with the old one go on to lead here, and to nobody else."
        ),
        widget=forms.TextInput({"autocapitalize": "off", "autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = Org
        fields = ("name", "slug")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Shown to its members, on their page and to their programs."),
    )

    def clean_reason(self) -> str:
        return " ".join(self.cleaned_data["reason"].split())


class ArchiveForm(ReasonForm):
    """`typed` must be the organisation's address."""

    how = forms.ChoiceField(
        label=gettext_lazy("Prints that run"),
        choices=[
            (Org.Archiving.WAIT.value, gettext_lazy("wait until the last of them is over")),
            (Org.Archiving.STOP.value, gettext_lazy("stop them now")),
        ],
        widget=forms.RadioSelect,
        initial=Org.Archiving.WAIT,
    )
    typed = forms.CharField(
        label=gettext_lazy("Its address, to confirm"),
        max_length=60,
        widget=forms.TextInput({"autocapitalize": "off", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, org: Org, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.org = org
        self.fields["typed"].help_text = _("Type %(slug)s.") % {"slug": org.slug}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed != self.org.slug:
            raise ValidationError(_("This is not its address: %(slug)s.") % {"slug": self.org.slug})
        return typed
