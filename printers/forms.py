"""Forms of the printers' pages."""

import re
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .catalogue import find
from .drivers import DRIVERS
from .models import Printer, Tag

MOST_TAGS = 20
HOST = re.compile(r"[\w.:%-]{1,200}")
WHEREABOUTS = ("protocol", "address", "port", "prefix", "tls")
SECRET_ASKED_AGAIN = _(
    "The address has changed: enter the secret again, or it could be sent to another machine."
)


def split_address(text: str) -> dict[str, Any]:
    """An address or a URL as the fields it means: address, and what a URL says of port, prefix and TLS.

    ValueError for one that names no host.
    """
    text = text.strip()
    if text.count(":") > 1 and "://" not in text and "[" not in text:
        text = f"[{text}]"
    parts = urlsplit(text if "://" in text else f"//{text}")
    host = parts.hostname or ""
    if parts.scheme not in ("", "http", "https") or not HOST.fullmatch(host) or parts.username or parts.query:
        raise ValueError(text)
    said: dict[str, Any] = {"address": host}
    if parts.port is not None:
        said["port"] = parts.port
    if "://" in text:
        said["tls"] = parts.scheme == "https"
        said["prefix"] = parts.path.rstrip("/")
    return said


def address_of(printer: Printer) -> str:
    """The address as one writes it: a URL where there is more than a host to say."""
    host = f"[{printer.address}]" if ":" in printer.address else printer.address
    if not printer.prefix and not printer.tls:
        return printer.address
    port = f":{printer.port}" if printer.port else ""
    return f"{'https' if printer.tls else 'http'}://{host}{port}{printer.prefix}"


def tags_named(names: list[str]) -> list[Tag]:
    """The tags of these names, made where there is none yet, whatever their case."""
    wanted = {name.strip().lower(): name.strip()[:40] for name in names if name.strip()}
    found = {tag.name.lower(): tag for tag in Tag.objects.annotate(low=Lower("name")).filter(low__in=wanted)}
    return [found.get(low) or Tag.objects.create(name=name) for low, name in wanted.items()]


class PrinterForm(forms.ModelForm[Printer]):
    """Add and edit. `secret` is only ever written: empty leaves the stored one as it is."""

    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_("A name, an IP address, or the whole address of its page if it is behind a proxy."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    secret = forms.CharField(
        label=_("Access code, password or API key"),
        required=False,
        max_length=500,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    tag_names = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=800,
        help_text=_("Several by commas, such as petg, room 2."),
    )
    forget_secret = forms.BooleanField(label=_("Forget the stored secret"), required=False)
    forget_certificate = forms.BooleanField(
        label=_("Accept a new certificate"),
        required=False,
        help_text=_(
            "Only if the printer was reset or replaced: the next one it shows is trusted from then on."
        ),
    )
    port = forms.IntegerField(
        label=_("Port"), required=False, min_value=1, max_value=65535, help_text=_("Empty: the usual one.")
    )
    file_port = forms.IntegerField(
        label=_("File port"),
        required=False,
        min_value=1,
        max_value=65535,
        help_text=_("Bambu only. Empty: 990."),
    )
    protocol = forms.ChoiceField(label=_("Protocol"))

    class Meta:
        model = Printer
        fields = (
            "name", "model", "protocol", "address", "port", "file_port", "serial", "user", "bed_x_mm",
            "bed_y_mm", "bed_z_mm", "nozzle_mm", "hardened_nozzle", "location", "auto_queue", "rate_per_hour",
            "notes", "bed_form", "bed_tolerance_mm", "ejects",
        )  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {
            "bed_x_mm": _("Bed width, mm"),
            "bed_y_mm": _("Bed depth, mm"),
            "bed_z_mm": _("Height, mm"),
            "nozzle_mm": _("Nozzle, mm"),
            "bed_tolerance_mm": _("Tolerance, mm"),
            "ejects": _("Takes finished prints off its plate by itself"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "user": _("PrusaLink only. Empty: maker."),
            "bed_tolerance_mm": _("How far a print may reach over the bed's edge, 0 to 5."),
            "ejects": _(
                "Only for a machine that pushes or belts its prints off and never fails to: after each "
                "completed print its plate then counts as clear, nobody looks, and the next job may start "
                "at once."
            ),
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "notes": forms.Textarea(attrs={"rows": 3}),
            "model": forms.TextInput(attrs={"list": "known-models", "autocomplete": "off"}),
            "ejects": forms.CheckboxInput(attrs={"class": "switch"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, driver.label) for name, driver in DRIVERS.items()]
        cast(forms.ChoiceField, self.fields["protocol"]).choices = choices
        self.said: dict[str, Any] = {}
        self.place_before = self._place()
        if self.data.get("secret"):
            self.fields["secret"].help_text = _("Type it again, please: it is never sent back to the page.")
        elif self.has_stored_secret:
            self.fields["secret"].help_text = _("One is stored and never shown. Empty: leave it as it is.")
        if not self.has_stored_secret:
            del self.fields["forget_secret"]
        if not self.instance.fingerprint:
            del self.fields["forget_certificate"]
        self.initial["port"] = self.instance.port or None
        self.initial["file_port"] = self.instance.file_port or None
        for name in ("bed_tolerance_mm", "bed_form"):
            self.fields[name].required = False
        if self.instance.name:
            self.initial["address"] = address_of(self.instance)
            self.initial.setdefault("tag_names", ", ".join(tag.name for tag in self.instance.tags.all()))

    @property
    def has_stored_secret(self) -> bool:
        return bool(self.instance.secret)

    def clean_address(self) -> str:
        try:
            self.said = split_address(self.cleaned_data["address"])
        except ValueError:
            raise ValidationError(gettext("Give a host name, an IP address or an http address.")) from None
        return str(self.said["address"])

    def clean_model(self) -> str:
        known = find(self.cleaned_data["model"])
        return known.name if known else self.cleaned_data["model"].strip()

    def clean_tag_names(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["tag_names"].split(",") if name.strip()]
        if len(names) > MOST_TAGS or any(len(name) > 40 for name in names):
            raise ValidationError(gettext("Use at most 20 tags of at most 40 characters."))
        return names

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["port"] = cleaned.get("port") or self.said.get("port", 0)
        cleaned["file_port"] = cleaned.get("file_port") or 0
        driver = DRIVERS.get(cleaned.get("protocol", ""))
        if driver and driver.needs_serial and not cleaned.get("serial"):
            self.add_error("serial", gettext("Enter the serial number: it is on the printer's screen."))
        known = find(cleaned.get("model", ""))
        for name, side in zip(
            ("bed_x_mm", "bed_y_mm", "bed_z_mm"), known.bed_mm if known else (), strict=False
        ):
            cleaned[name] = cleaned.get(name) or side
        if "bed_tolerance_mm" not in self.errors and cleaned.get("bed_tolerance_mm") is None:
            cleaned["bed_tolerance_mm"] = self.instance.bed_tolerance_mm
        cleaned["bed_form"] = cleaned.get("bed_form") or self.instance.bed_form
        cleaned["nozzle_mm"] = cleaned.get("nozzle_mm") or (known.nozzle_mm if known else None)
        return cleaned

    def _place(self) -> tuple[Any, ...]:
        return tuple(getattr(self.instance, name) for name in WHEREABOUTS)

    def _post_clean(self) -> None:
        """Set prefix and TLS by the address, then see that a stored secret does not go to another machine."""
        super()._post_clean()  # type: ignore[misc]  # the stubs leave ModelForm's own out
        self.instance.prefix = self.said.get("prefix", "")
        self.instance.tls = self.said.get("tls", False)
        if self.cleaned_data.get("forget_certificate"):
            self.instance.fingerprint = ""
        moved = self.place_before != self._place()
        if self.has_stored_secret and moved and self.new_secret is None and not self.errors:
            self.add_error("secret", SECRET_ASKED_AGAIN)

    @property
    def takes_secret(self) -> bool:
        """Whether the protocol chosen (at first: the first of the list) knows a secret."""
        chosen = self.data.get("protocol") or self.instance.protocol or next(iter(DRIVERS))
        driver = DRIVERS.get(chosen)
        return driver is None or driver.takes_secret

    @property
    def new_secret(self) -> str | None:
        """The secret to store; None to leave the stored one. Empty where the protocol knows none."""
        if not self.takes_secret:
            return ""
        if self.cleaned_data.get("forget_secret"):
            return ""
        return self.cleaned_data.get("secret") or None


class OutOfServiceForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200)


class PlateForm(forms.Form):
    plate_epoch = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class PlateSaidForm(PlateForm):
    """What somebody before the printer says of its plate; `sure` where the machine can't vouch for it."""

    answer = forms.ChoiceField(choices=[("clear", ""), ("occupied", "")])
    sure = forms.BooleanField(required=False)
