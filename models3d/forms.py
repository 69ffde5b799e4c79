"""What people type and choose in the library."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from .naming import LONGEST_COLLECTION, LONGEST_MODEL_NAME, clean_notes, clean_text
from .tagging import names_in

ACCEPTED = ".gcode,.gco,.g,.bgcode,.bgc,.3mf,.stl"


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several chosen files; cleans to a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class TagsField(forms.CharField):
    """Names with commas between them; cleans to a list."""

    def clean(self, value: Any) -> list[str]:
        return names_in(super().clean(value))


class NotesField(forms.CharField):
    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> str:
        return clean_notes(super().clean(value))


class CollectionField(forms.CharField):
    """The name of a collection, one of those that the template lists or a new one."""

    widget = forms.TextInput(attrs={"list": "collections", "autocomplete": "off"})

    def clean(self, value: Any) -> str:
        return clean_text(super().clean(value))


TAGS_HELP = _("Separate them by commas.")
COLLECTION_HELP = _("One that is there, or a new one.")


class UploadForm(forms.Form):
    file = FilesField(
        label=_("Files"),
        allow_empty_file=True,
        widget=ManyFiles(attrs={"accept": ACCEPTED, "class": "input"}),
    )
    collection = CollectionField(
        label=_("Collection"), required=False, max_length=LONGEST_COLLECTION, help_text=COLLECTION_HELP
    )
    tags = TagsField(label=_("Tags"), required=False, max_length=800, help_text=TAGS_HELP)
    notes = NotesField(label=_("Notes"), required=False, max_length=2000)


class RevisionForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(attrs={"accept": ACCEPTED, "class": "input"}),
    )
    notes = NotesField(
        label=_("Notes"),
        required=False,
        max_length=2000,
        help_text=_("What is different from the revision before?"),
    )


class EditForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_MODEL_NAME)
    collection = CollectionField(
        label=_("Collection"), required=False, max_length=LONGEST_COLLECTION, help_text=COLLECTION_HELP
    )
    tags = TagsField(label=_("Tags"), required=False, max_length=800, help_text=TAGS_HELP)
    notes = NotesField(
        label=_("Notes"), required=False, max_length=2000, help_text=_("Of the current revision.")
    )

    def clean_name(self) -> str:
        name = clean_text(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Give the model a name that can be seen."))
        return name


class CollectionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_COLLECTION)

    def clean_name(self) -> str:
        name = clean_text(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Give the collection a name that can be seen."))
        return name
