"""Forms of organisations: set-up, creating, settings, joining, tokens."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms import NewPasswordField
from accounts.models import User

from . import working_hours
from .colours import ColourField
from .models import ApiToken, Department, Org
from .roles import Role, scopes_of
from .semesters import days_of, written


@cache
def time_zones() -> list[tuple[str, str]]:
    """Every zone that has a place; the bare offsets and aliases without one are left to UTC."""
    named = sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in named)]


class TimeZoneField(forms.ChoiceField):
    """A choice of zones; the browser's own is chosen by zone.js where nothing was chosen yet."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=time_zones, label=gettext_lazy("Time zone"), **kwargs)


class SetUpForm(forms.Form):
    """The first organisation and its admin, who also runs the platform."""

    org = forms.CharField(
        label=gettext_lazy("Organisation"), max_length=120, widget=forms.TextInput({"autofocus": True})
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "username"})
    )
    password = NewPasswordField(label=gettext_lazy("Password"))
    time_zone = TimeZoneField(widget=forms.Select({"data-guess-zone": ""}))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=Org.Currency.choices)
    demo = forms.BooleanField(
        label=gettext_lazy("Fill with a demo farm"),
        required=False,
        help_text=gettext_lazy("Simulated printers, models and 60 days of history, to look around with."),
        widget=forms.CheckboxInput({"class": "switch"}),
    )

    def __init__(self, *args: Any, offer_demo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offer_demo:
            del self.fields["demo"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("There is an account with this e-mail already."))
        return email

    def person(self) -> User:
        """The admin, unsaved."""
        user = User(email=self.cleaned_data["email"], name=self.cleaned_data["name"])
        user.set_password(self.cleaned_data["password"])
        return user


class OrgForm(forms.ModelForm[Org]):
    """Settings; the working hours have a line for each weekday, `hours_mon` to `hours_sun`."""

    time_zone = TimeZoneField()
    semester_starts = forms.CharField(
        label=gettext_lazy("Semesters begin on"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Month-day of each, as in 04-01, 10-01. Quotas by semester go by it."),
    )

    class Meta:
        model = Org
        fields = (
            "name", "time_zone", "currency", "auto_queue", "approval", "heat_at_once", "hold_after_failures",
            "fair_share", "semester_starts", "default_material",
        )  # fmt: skip
        widgets = {
            "auto_queue": forms.CheckboxInput({"class": "switch"}),
            "approval": forms.CheckboxInput({"class": "switch"}),
            "default_material": forms.TextInput({"list": "materials", "autocomplete": "off"}),
        }

    default_color = ColourField(
        label=gettext_lazy("Its colour"),
        help_text=gettext_lazy("Such jobs then wait until it is loaded. Empty: any colour will do."),
    )
    currency_sure = forms.BooleanField(
        label=gettext_lazy("The prices stay as numbers and count in the new currency"), required=False
    )

    def __init__(self, *args: Any, spent: int = 0, prices: int = 0, **kwargs: Any) -> None:
        """`spent` and `prices` are how many amounts there are in the currency; see jobs.amounts."""
        super().__init__(*args, **kwargs)
        self.prices = prices
        for number in ("heat_at_once", "hold_after_failures", "fair_share"):
            self.fields[number].required = False
        self.fields["default_color"].initial = self.instance.default_color
        if spent:
            self.fields["currency"].disabled = True
            self.fields["currency"].help_text = _(
                "It can't be changed any more: amounts in it are in the books and would be told in another."
            )
        if spent or not prices:
            del self.fields["currency_sure"]
        for day, label in zip(working_hours.DAYS, WEEKDAYS.values(), strict=True):
            self.fields[f"hours_{day}"] = HoursField(
                label=label, initial=working_hours.written(self.instance.working_hours.get(day, []))
            )

    def _kept(self, number: str) -> int:
        """A number that was emptied is 0, which is off; one that was not asked for stays as it is."""
        given: int | None = self.cleaned_data[number]
        kept: int = 0 if self.add_prefix(number) in self.data else getattr(self.instance, number)
        return kept if given is None else given

    def clean_default_material(self) -> str:
        """One that was not asked for stays as it is."""
        given: str = " ".join(self.cleaned_data["default_material"].split())
        return given if self.add_prefix("default_material") in self.data else self.instance.default_material

    def clean_default_color(self) -> str:
        given: str = self.cleaned_data["default_color"]
        return given if self.add_prefix("default_color") in self.data else self.instance.default_color

    def clean_heat_at_once(self) -> int:
        return self._kept("heat_at_once")

    def clean_hold_after_failures(self) -> int:
        return self._kept("hold_after_failures")

    def clean_fair_share(self) -> int:
        return self._kept("fair_share")

    @property
    def hours(self) -> list[forms.BoundField]:
        return [self[f"hours_{day}"] for day in working_hours.DAYS]

    def clean_semester_starts(self) -> str:
        """Left empty they stay as they are."""
        return written(days_of(self.cleaned_data["semester_starts"] or self.instance.semester_starts))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        found = {day: said.get(f"hours_{day}") for day in working_hours.DAYS}
        said["working_hours"] = {day: ranges for day, ranges in found.items() if ranges}
        self._check_currency(said)
        if said.get("default_color") and not said.get("default_material"):
            self.add_error("default_material", _("Name the material too, or leave the colour empty."))
        return said

    def _check_currency(self, said: dict[str, Any]) -> None:
        if "currency_sure" not in self.fields or said.get("currency_sure"):
            return
        if "currency" in self.changed_data and "currency" not in self.errors:
            words = ngettext(
                "%(n)d price is in %(old)s and not converted. Tick this if it is to count in %(new)s.",
                "%(n)d prices are in %(old)s and not converted. Tick this if they are to count in %(new)s.",
                self.prices,
            )
            old = self.initial["currency"]
            told = {"n": self.prices, "old": old, "new": said["currency"]}
            self.add_error("currency_sure", words % told)


class HoursField(forms.CharField):
    """One day's ranges of hours; cleans to [["08:00", "12:00"], …]."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=100, **kwargs)

    def clean(self, value: Any) -> Any:
        return working_hours.parse(super().clean(value))


class DepartmentForm(forms.ModelForm[Department]):
    class Meta:
        model = Department
        fields = ("name", "code")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class JoinForm(forms.Form):
    """What an invited person without an account is asked."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = NewPasswordField(label=gettext_lazy("Password"))


class TokenForm(forms.ModelForm[ApiToken]):
    """`scopes` offers what the role allows, nothing chosen; `days` of 0 means no end."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"), widget=forms.CheckboxSelectMultiple, choices=()
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Ends after"),
        coerce=int,
        initial=90,
        choices=[
            (7, gettext_lazy("7 days")),
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (365, gettext_lazy("a year")),
            (0, gettext_lazy("never")),
        ],
    )

    class Meta:
        model = ApiToken
        fields = ("name",)

    def __init__(self, role: Role, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"] = forms.MultipleChoiceField(
            label=_("Scopes"),
            widget=forms.CheckboxSelectMultiple,
            choices=[(scope, scope) for scope in scopes_of(role)],
            help_text=_("What the token may do; never more than your role."),
        )

    def expires_at(self) -> datetime | None:
        days: int = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
