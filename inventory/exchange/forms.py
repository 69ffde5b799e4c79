"""What the pages of an import ask for."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from .reading import Unreadable, check_size
from .spoolman_server import place_of


class WishesForm(forms.Form):
    """What of the file is wanted."""

    sets_left = forms.BooleanField(
        label=_("Set what is left on known spools, too"),
        required=False,
        help_text=_("Without it, what was printed and weighed here since stays as it is."),
    )
    with_archived = forms.BooleanField(label=_("Add archived spools, too"), required=False)


class FileForm(WishesForm):
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.json,text/csv,application/json"}),
        help_text=_("CSV, or Spoolman's export as CSV or JSON."),
    )
    field_order = ("file",)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            check_size(file.size or 0)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        return file


class ServerForm(WishesForm):
    url = forms.CharField(
        label=_("Address"),
        max_length=200,
        widget=forms.URLInput(attrs={"placeholder": "http://spoolman.lan:7912", "autocomplete": "off"}),
        help_text=_("As you open Spoolman in the browser."),
    )
    field_order = ("url",)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            place = place_of(url)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        return place.geturl()


def forms_of(data: Any, files: Any, what: str, known_url: str) -> tuple[FileForm, ServerForm]:
    """Both forms of the page; that which was sent is bound."""
    return (
        FileForm(data, files, prefix="file") if what == "file" else FileForm(prefix="file"),
        ServerForm(data, prefix="server")
        if what == "server"
        else ServerForm(prefix="server", initial={"url": known_url}),
    )
