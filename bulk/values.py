"""What an action asks for, as a form: the same fields clean what pages and the API send."""

from collections.abc import Mapping
from typing import Any

from django import forms

from .actions import BulkAction


class ValuesForm(forms.Form):
    """The values of one action. `known` are, by the id of their list, words to choose from while typing."""

    def __init__(self, action: BulkAction, data: Mapping[str, Any] | None = None, prefix: str = "") -> None:
        super().__init__(data, prefix=prefix or None)
        self.known: dict[str, list[str]] = {}
        for name, value in action.values.items():
            self.fields[name] = value.field()
            if words := list(value.known()):
                place = f"bulk-known-{name}"
                self.fields[name].widget.attrs["list"] = place
                self.known[place] = words
        if self.fields and not self.is_bound:
            next(iter(self.fields.values())).widget.attrs["autofocus"] = True
