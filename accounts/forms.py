"""Signing in, and changing one's own account."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .limits import PAUSE_S, TRIES_FROM_EVERYWHERE, begin_try, digest_of, is_within
from .models import User
from .sessions import was_seen_at


def too_many() -> str:
    return _("Too many wrong tries. Wait %(minutes)s minutes, then try again.") % {"minutes": PAUSE_S // 60}


class NewPasswordField(forms.CharField):
    """A password that somebody chooses; checked by the one rule."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "data-password": ""})
        super().__init__(strip=False, max_length=128, widget=widget, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        password_validation.validate_password(value)


class SignInForm(forms.Form):
    """`user` is the person who signed in, once the form is valid; `is_refused` tells that a password was
    looked at and was wrong. An unknown address, a wrong password and a closed account get the same words."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *, is_asked: bool = True) -> None:
        super().__init__((request.POST or None) if is_asked else None)
        self.request = request
        self.user: User | None = None
        self.is_paused = self.is_refused = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        address = self.request.META.get("REMOTE_ADDR", "")
        attempt = begin_try(data["email"], address)
        if not attempt.is_allowed or not self._is_calm(data["email"], address):
            self.is_paused = True
            raise ValidationError(too_many())
        self.user = authenticate(self.request, username=data["email"], password=data["password"])
        if self.user is None:
            self.is_refused = True
            raise ValidationError(_("This e-mail and password do not fit together."))
        attempt.succeeded()
        return data

    def _is_calm(self, email: str, address: str) -> bool:
        """Whether few guess at this account from everywhere together; its person's own places stay open."""
        return is_within(f"sign-in:all:{digest_of(email)}", TRIES_FROM_EVERYWHERE) or was_seen_at(
            email, address
        )


class NameForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the new passkey"),
        max_length=60,
        help_text=gettext_lazy("Where it is: work laptop, phone, blue stick."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class ForgotForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class ResetForm(forms.Form):
    new = NewPasswordField(label=gettext_lazy("New password"))
    again = forms.CharField(
        label=gettext_lazy("New password again"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        given: str = self.cleaned_data["again"]
        if given != self.cleaned_data.get("new", given):
            raise ValidationError(_("Type the same new password twice."))
        return given


class ChangePasswordForm(ResetForm):
    """Asks for the password of now, so that an unattended screen is no way in."""

    current = forms.CharField(
        label=gettext_lazy("Password now"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "new", "again")

    def __init__(self, user: User, address: str = "", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.address = user, address
        self.is_paused = False

    def clean_current(self) -> str:
        given: str = self.cleaned_data["current"]
        attempt = begin_try(str(self.user.pk), self.address, "password")
        if not attempt.is_allowed:
            self.is_paused = True
            raise ValidationError(too_many())
        if not self.user.check_password(given):
            raise ValidationError(_("This is not your password."))
        attempt.succeeded()
        return given
