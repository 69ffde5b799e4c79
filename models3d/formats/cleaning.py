"""Makes what files say safe to store and show: bounded text without control characters, finite numbers."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

LONGEST_TEXT = 160
# Runs of blanks, control characters and lone surrogates; PostgreSQL takes neither U+0000 nor the latter.
UNWANTED = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")

Record = TypeVar("Record")


def cleaned(record: Record) -> Record:
    """The record with all its text cleaned and cut to 160 characters, in nested records too."""
    changes = {item.name: _clean(getattr(record, item.name)) for item in fields(record)}  # type: ignore[arg-type]
    return replace(record, **changes)  # type: ignore[type-var]


def _clean(value: Any) -> Any:
    if type(value) is str:
        return UNWANTED.sub(" ", value).strip()[:LONGEST_TEXT]
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return cleaned(value)
    return value
